import { createRequire } from "node:module";
import { build } from "esbuild";

// How executables are bundled: CommonJS, because process start is what their users wait for (src/DECISIONS.md).

// What is loaded only now and then stays outside the bundles, so that no run pays for reading it.
const LATE = /^node:(child_process|fs\/promises|timers\/promises|readline\/promises)$/;

/**
 * Where npm built better-sqlite3's addon or put it; its own JavaScript is in the bundle. A provider that was copied into a
 * mirror is told by a file above it where its package is (src/cli/commands/terraform-install.ts).
 */
const ADDON_OF_NPM =
  'module.exports = () => { const find = require; const addon = "better-sqlite3/build/Release/better_sqlite3.node";' +
  " try { return find(find.resolve(addon)); } catch (error) {" +
  ' const fs = require("node:fs"); const path = require("node:path");' +
  ' const pointer = path.join(__dirname, "..", "algokeys-package");' +
  " if (!fs.existsSync(pointer)) throw error;" +
  ' const home = path.join(fs.readFileSync(pointer, "utf8").trim(), "package.json");' +
  ' return find(require("node:module").createRequire(home).resolve(addon)); } };';

/** The addon beside the executable that holds the bundle. */
export const ADDON_BESIDE =
  'module.exports = () => { const { dirname, join } = require("node:path"); const made = { exports: {} };' +
  ' process.dlopen(made, join(dirname(process.execPath), "better_sqlite3.node")); return made.exports; };';

/** The file of the addon as npm has it. */
export function addonFile() {
  return createRequire(import.meta.url).resolve("better-sqlite3/build/Release/better_sqlite3.node");
}

/** Bundles entries into a folder. */
export async function bundle({ entryPoints, outdir, external = [], addon = ADDON_OF_NPM }) {
  await build({
    entryPoints,
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external,
    // `import()` becomes `require`: it is faster, and everything that is loaded so has a CommonJS form.
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "importMetaUrl" },
    banner: {
      js: '"use strict";const importMetaUrl=require("node:url").pathToFileURL(__filename).href;',
    },
    plugins: [
      {
        name: "late-and-beside",
        setup(hooks) {
          // Node's own modules that few runs use: getters load them once they are used.
          hooks.onResolve({ filter: LATE }, ({ path }) => ({ path, namespace: "late" }));
          hooks.onLoad({ filter: /.*/, namespace: "late" }, async ({ path }) => {
            const names = Object.keys(await import(path)).filter((name) => name !== "default");
            const getters = names.map(
              (name) => `get ${name}() { return process.getBuiltinModule("${path}").${name}; }`,
            );
            return { contents: `module.exports = { ${getters.join(", ")} };` };
          });
          hooks.onResolve({ filter: /^bindings$/ }, () => ({ path: "bindings", namespace: "addon" }));
          hooks.onLoad({ filter: /.*/, namespace: "addon" }, () => ({ contents: addon }));
          hooks.onResolve({ filter: /^\.\/run(-server)?\.ts$/ }, ({ path }) => ({
            path: path.replace(".ts", ".cjs"),
            external: true,
          }));
        },
      },
    ],
  });
}
