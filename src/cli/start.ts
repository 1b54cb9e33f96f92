#!/usr/bin/env node
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleLoader } from "./bundle-loader.ts";

/*
 * What `algokeys` starts: loads `main` in its compiled form. It is this small because it is the one file that has none.
 */
bundleLoader(dirname(fileURLToPath(import.meta.url)))("main.cjs");
