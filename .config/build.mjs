// Builds dist/: the library as plain ES modules beside their types (tsc), and the command line as two CommonJS bundles,
// because process start is what its users wait for (src/DECISIONS.md).
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundle } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", join(root, "src")], { stdio: "inherit" });

await bundle({
  entryPoints: {
    algokeys: join(root, "src/cli/start.ts"),
    main: join(root, "src/cli/main.ts"),
    run: join(root, "src/cli/run.ts"),
    "run-server": join(root, "src/cli/run-server.ts"),
    "terraform-provider": join(root, "src/cli/start-provider.ts"),
    provider: join(root, "src/cli/provider.ts"),
  },
  outdir: join(root, "dist/cli"),
  external: [
    "age-encryption",
    "jiti",
    "jsonc-parser",
    "pg",
    "hono",
    "@hono/node-server",
    "./run.cjs",
    "./run-server.cjs",
  ],
});
chmodSync(join(root, "dist/cli/algokeys.cjs"), 0o755);
await makeCodeCache(join(root, "dist/cli"));

/** Compiles the bundles ahead by running a plan without changes, and a provider up to its handshake (.config/code-cache.ts). */
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
    run(maker, "main.cjs", "plan");
    run(maker, "provider.cjs");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
