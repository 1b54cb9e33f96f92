#!/usr/bin/env node
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleLoader } from "./bundle-loader.ts";

/*
 * What Terraform starts: loads the provider in its compiled form. It is this small because it is the one file that has none.
 */
bundleLoader(dirname(fileURLToPath(import.meta.url)))("provider.cjs");
