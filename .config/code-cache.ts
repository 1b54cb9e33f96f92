// Makes the compiled forms of the bundles (src/cli/bundle-loader.ts): runs a plan, so that what a plan needs is compiled,
// and writes each script's compiled form as the process ends. The build bundles and starts it.
import { writeFileSync } from "node:fs";
import type { Script } from "node:vm";
import { bundleLoader, codeCacheOf } from "../src/cli/bundle-loader.ts";

const scripts: [Script, string][] = [];
process.on("exit", () => {
  for (const [script, file] of scripts) writeFileSync(codeCacheOf(file), script.createCachedData());
});
bundleLoader(process.env["BUNDLES"] ?? "", (script, file) => scripts.push([script, file]))("main.cjs");
