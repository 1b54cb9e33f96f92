// Whole-process figures as ratios to a baseline measured in the same run, in turn (A B A B), after a warm-up: absolute
// times say more about the machine than about the program. Peak memory comes from a run of its own.
import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BARE, benchEnv, peakMemory, reportRatio, run } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, "../../dist/cli/algokeys.cjs");
const quick = process.argv.includes("--quick");
const sizes = quick ? [100, 1_000] : [100, 1_000, 10_000, 100_000];
const folder = mkdtempSync(join(tmpdir(), "algokeys-bench-"));
const env = benchEnv({ ALGOKEYS_PLATFORM: "file:.algokeys/platform.db" });
const PER_FILE = 25_000;

try {
  console.log(
    `node ${process.versions.node}; ratios are medians of pairs; B is \`node -e 0\` unless it says otherwise`,
  );
  await report("--help", 21, [process.execPath, cli, "--help"], BARE, folder);
  const planFolders = new Map(sizes.map((size) => [size, prepareKeys(size)]));
  for (const [size, cwd] of planFolders) {
    await report(`plan, ${size} keys`, size > 10_000 ? 3 : size > 1_000 ? 7 : 15, plan(), BARE, cwd);
  }
  for (const size of quick ? [100] : [100, 1_000]) await compareTerraform(size, planFolders.get(size));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function plan() {
  return [process.execPath, cli, "plan"];
}

/** Times both commands in turn and prints the ratio, both medians and the peak memory of the first. */
async function report(name, pairs, command, baseline, cwd, baselineCwd = cwd) {
  const peak = peakMemory(command, folder, { cwd, env });
  await reportRatio(
    name,
    pairs,
    () => run(command, { cwd, env }),
    () => run(baseline, { cwd: baselineCwd, env }),
    () => `, peak ${peak.toFixed(0)} MB`,
  );
}

/** A folder with a declaration of so many keys, all of them applied. */
function prepareKeys(size) {
  const cwd = join(folder, `keys-${size}`);
  mkdirSync(cwd);
  const keys = Array.from(
    { length: size },
    (_, index) => `  app-${index}:
    description: Application number ${index}
    algorithms: [algo://demos/sentiment_analysis, algo://nlp/summarizer_${index % 97}]
    origins: { native: false, web: true, referrers: [app${index}.example.com, "*.app${index}.example.com"] }
    data: read
    labels: { team: team-${index % 13} }
`,
  );
  mkdirSync(join(cwd, "keys"));
  // A file holds at most 16 MiB.
  for (let start = 0; start < size; start += PER_FILE) {
    const part = keys.slice(start, start + PER_FILE).join("");
    writeFileSync(join(cwd, "keys", `${start}.yaml`), `version: 1\naccount: acme\nproject: bench\nkeys:\n${part}`);
  }
  run([process.execPath, cli, "apply", "--auto-approve"], { cwd, env });
  return cwd;
}

/** The same plan beside `terraform plan` on as many built-in terraform_data blocks with as many values. */
async function compareTerraform(size, planFolder) {
  if (spawnSync("terraform", ["version"], { env }).status !== 0) {
    console.log(`plan against terraform, ${size}: skipped, because terraform is not on the PATH`);
    return;
  }
  const cwd = join(folder, `terraform-${size}`);
  mkdirSync(cwd);
  const blocks = Array.from(
    { length: size },
    (_, index) => `resource "terraform_data" "app_${index}" {
  input = {
    description = "Application number ${index}"
    algorithms  = ["algo://demos/sentiment_analysis", "algo://nlp/summarizer_${index % 97}"]
    origins     = { native = false, web = true, referrers = ["app${index}.example.com", "*.app${index}.example.com"] }
    data        = "read"
    labels      = { team = "team-${index % 13}" }
  }
}
`,
  );
  writeFileSync(join(cwd, "main.tf"), blocks.join(""));
  run(["terraform", "init", "-no-color"], { cwd, env });
  run(["terraform", "apply", "-auto-approve", "-no-color"], { cwd, env });
  await report(
    `plan / terraform plan, ${size}`,
    size > 100 ? 3 : 7,
    plan(),
    ["terraform", "plan", "-no-color"],
    planFolder,
    cwd,
  );
}
