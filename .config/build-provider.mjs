// Makes the release of the Terraform provider for this machine's platform, in the layout that a registry wants: a zip with a
// self-contained executable (Node's single-executable kind) and the addon of SQLite beside it, checksums, and a manifest.
// Usage: node .config/build-provider.mjs FOLDER. Signing the checksums is the publisher's.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { inject } from "postject";
import { addonFile, ADDON_BESIDE, bundle } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [out] = process.argv.slice(2);
if (out === undefined) {
  console.error("Name the folder for the release: npm run build:provider -- FOLDER");
  process.exit(3);
}
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const cpu = { x64: "amd64", arm64: "arm64" }[process.arch] ?? process.arch;
const target = `${process.platform === "win32" ? "windows" : process.platform}_${cpu}`;
const name = `terraform-provider-algorithmia_${version}`;
const executable = `terraform-provider-algorithmia_v${version}${process.platform === "win32" ? ".exe" : ""}`;
const work = mkdtempSync(join(tmpdir(), "algokeys-release-"));
try {
  await bundle({
    entryPoints: { provider: join(root, "src/cli/provider.ts") },
    outdir: work,
    external: ["jiti", "jsonc-parser", "pg", "hono", "@hono/node-server"],
    addon: ADDON_BESIDE,
  });
  const blob = join(work, "provider.blob");
  const sea = {
    main: join(work, "provider.cjs"),
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(sea));
  execFileSync(process.execPath, ["--experimental-sea-config", join(work, "sea.json")], { stdio: "pipe" });
  const file = join(work, executable);
  copyFileSync(process.execPath, file);
  chmodSync(file, 0o755);
  await inject(file, "NODE_SEA_BLOB", readFileSync(blob), {
    sentinelFuse: "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2",
    ...(process.platform === "darwin" ? { machoSegmentName: "NODE_SEA" } : {}),
  });

  // One moment for every file: the same build gives the same zip.
  const mtime = new Date("2020-01-01T00:00:00Z");
  const entry = (path, mode) => [readFileSync(path), { mtime, os: 3, attrs: mode << 16, level: 6 }];
  const zip = zipSync({
    [executable]: entry(file, 0o755),
    "better_sqlite3.node": entry(addonFile(), 0o644),
    LICENSE: entry(join(root, "LICENSE"), 0o644),
  });
  const files = {
    [`${name}_${target}.zip`]: zip,
    [`${name}_manifest.json`]: Buffer.from(
      `${JSON.stringify({ version: 1, metadata: { protocol_versions: ["6.0"] } }, null, 2)}\n`,
    ),
  };
  const sums = Object.entries(files).map(
    ([file, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${file}\n`,
  );
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  writeFileSync(join(folder, `${name}_SHA256SUMS`), sums.join(""));
  // A registry reads the documentation at the root of the repository that publishes the release.
  cpSync(join(root, "src/terraform/docs"), join(folder, "docs"), { recursive: true });
  console.log(`Made ${Object.keys(files).join(", ")}, ${name}_SHA256SUMS and docs/ in ${folder}.`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
