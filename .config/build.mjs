// Builds dist/: the library as plain ES modules beside their types (tsc), and the command line as two CommonJS bundles,
// because process start is what its users wait for (src/DECISIONS.md).
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", join(root, "src")], { stdio: "inherit" });

// What is loaded only now and then stays outside the bundles, so that no run pays for reading it.
const LATE = /^node:(child_process|fs\/promises|timers\/promises|readline\/promises)$/;
const external = ["jiti", "jsonc-parser", "pg", "hono", "@hono/node-server", "./run.cjs", "./run-server.cjs"];
await build({
  entryPoints: {
    algokeys: join(root, "src/cli/start.ts"),
    main: join(root, "src/cli/main.ts"),
    run: join(root, "src/cli/run.ts"),
    "run-server": join(root, "src/cli/run-server.ts"),
  },
  outdir: join(root, "dist/cli"),
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
      name: "second-bundle",
      setup(hooks) {
        // Node's own modules that few runs use: getters load them once they are used.
        hooks.onResolve({ filter: LATE }, ({ path }) => ({ path, namespace: "late" }));
        hooks.onLoad({ filter: /.*/, namespace: "late" }, async ({ path }) => {
          const names = Object.keys(await import(path)).filter((name) => name !== "default");
          const getters = names.map((name) => `get ${name}() { return process.getBuiltinModule("${path}").${name}; }`);
          return { contents: `module.exports = { ${getters.join(", ")} };` };
        });
        // better-sqlite3's own JavaScript is in the bundle; its addon is where npm built or put it.
        hooks.onResolve({ filter: /^bindings$/ }, () => ({ path: "bindings", namespace: "addon" }));
        hooks.onLoad({ filter: /.*/, namespace: "addon" }, () => ({
          contents:
            'module.exports = () => { const find = require; return find(find.resolve("better-sqlite3/build/Release/better_sqlite3.node")); };',
        }));
        hooks.onResolve({ filter: /^\.\/run(-server)?\.ts$/ }, ({ path }) => ({
          path: path.replace(".ts", ".cjs"),
          external: true,
        }));
      },
    },
  ],
});
chmodSync(join(root, "dist/cli/algokeys.cjs"), 0o755);
await makeCodeCache(join(root, "dist/cli"));

/** Compiles the bundles ahead by running a plan without changes (.config/code-cache.ts). */
async function makeCodeCache(bundles) {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-build-"));
  const maker = join(folder, "code-cache.cjs");
  const keys = Array.from(
    { length: 50 },
    (_, index) =>
      `  app-${index}:\n    algorithms: [algo://demos/x_${index}, algo://nlp/*]\n` +
      `    origins: { native: false, web: true, referrers: ["*.app${index}.example.com"] }\n    labels: { team: web }\n`,
  );
  const env = { ...process.env, ALGOKEYS_PLATFORM: "file:platform.db", BUNDLES: bundles };
  const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, env, stdio: "pipe" });
  try {
    writeFileSync(join(folder, "keys.yaml"), `version: 1\naccount: acme\nproject: build\nkeys:\n${keys.join("")}`);
    const entry = join(root, ".config/code-cache.ts");
    await build({
      entryPoints: [entry],
      outfile: maker,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
    });
    run(join(bundles, "main.cjs"), "apply", "--auto-approve");
    run(maker, "plan");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
