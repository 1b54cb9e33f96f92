// The Terraform provider's figures: its start beside `node -e 0`, and `terraform plan` without changes beside the same number
// of terraform's own `terraform_data` blocks, which need no provider. In one run, in turn.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BARE, benchEnv, reportRatio, run } from "./measure.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../../dist/cli");
const cli = join(dist, "algokeys.cjs");
const quick = process.argv.includes("--quick");
const folder = mkdtempSync(join(tmpdir(), "algokeys-bench-"));
const env = benchEnv({ HOME: folder, TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"), TF_IN_AUTOMATION: "1" });
/** What a plugin's host says to it, so that it starts (go-plugin). */
const COOKIE = { TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };
const PLAN = ["terraform", "plan", "-no-color", "-detailed-exitcode"];

const PROVIDER = `terraform {
  required_providers {
    algorithmia = { source = "algokeys/algorithmia" }
  }
}
provider "algorithmia" {
  platform = "file:platform.db"
  account  = "acme"
}
`;

try {
  console.log(`node ${process.versions.node}; ratios are medians of pairs`);
  await reportRatio("provider ready / node -e 0", 21, untilHandshake, () => run(BARE, { cwd: folder, env }));
  if (spawnSync("terraform", ["version"], { env }).status === 0) await plans();
  else console.log("terraform plan: skipped, because terraform is not on the PATH");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function plans() {
  installProvider();
  for (const size of quick ? [1, 100] : [1, 100, 1_000]) {
    const keys = workspace(`keys-${size}`, PROVIDER + blocks(size, keyBlock));
    run(["terraform", "apply", "-auto-approve", "-no-color"], { cwd: keys, env });
    const data = terraformData(size);
    const pairs = size > 100 ? 3 : 7;
    await reportRatio(`plan, ${size} algorithmia_api_key / terraform_data`, pairs, plan(keys), plan(data));
  }
  const many = quick ? 1_000 : 10_000;
  const project = workspace(
    "project",
    `${PROVIDER}resource "algorithmia_api_keys" "all" {\n  manifest = file("keys.yaml")\n}\n`,
  );
  writeFileSync(join(project, "keys.yaml"), manifest(many));
  run(["terraform", "apply", "-auto-approve", "-no-color"], { cwd: project, env });
  await reportRatio(
    `plan, algorithmia_api_keys of ${many} / terraform_data`,
    1,
    plan(project),
    plan(terraformData(many)),
  );
}

/** The time until the handshake line is on standard output, in milliseconds; the provider is ended then. */
function untilHandshake() {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(process.execPath, [join(dist, "terraform-provider.cjs")], {
      env: { ...env, ...COOKIE },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let ms;
    child.stdout.once("data", () => {
      ms = Number(process.hrtime.bigint() - start) / 1e6;
      child.kill("SIGKILL");
    });
    child.once("error", reject);
    child.once("close", () => {
      if (ms === undefined) reject(new Error("the provider ended without its handshake line"));
      else resolve(ms);
    });
  });
}

function installProvider() {
  const mirror = join(folder, "mirror");
  run([process.execPath, cli, "terraform", "install", "--dir", mirror], { cwd: folder, env });
  const installation = `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;
  writeFileSync(env.TF_CLI_CONFIG_FILE, `disable_checkpoint = true\n${installation}`);
}

function plan(cwd) {
  return () => run(PLAN, { cwd, env });
}

/** A folder with this configuration, initialized. */
function workspace(name, configuration) {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "main.tf"), configuration);
  run(["terraform", "init", "-no-color"], { cwd, env });
  return cwd;
}

/** So many blocks of terraform's own, in the state. Terraform writes the state of one, and the others are written after it. */
function terraformData(size) {
  const cwd = workspace(`data-${size}`, blocks(1, dataBlock));
  run(["terraform", "apply", "-auto-approve", "-no-color"], { cwd, env });
  const file = join(cwd, "terraform.tfstate");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const first = JSON.stringify(state.resources[0]);
  state.resources = Array.from({ length: size }, (_, index) => JSON.parse(ofIndex(first, index)));
  writeFileSync(file, JSON.stringify(state));
  writeFileSync(join(cwd, "main.tf"), blocks(size, dataBlock));
  return cwd;
}

/** The text of the first block's state as that of another: its numbers are those of the blocks below. */
function ofIndex(text, index) {
  return text
    .replace(/summarizer_0/g, `summarizer_${index % 97}`)
    .replace(/team-0/g, `team-${index % 13}`)
    .replace(/(app_?|number )0/g, `$1${index}`);
}

function blocks(size, block) {
  return Array.from({ length: size }, (_, index) => block(index)).join("");
}

function keyBlock(index) {
  return `resource "algorithmia_api_key" "app_${index}" {
  name        = "app${index}"
  description = "Application number ${index}"
  algorithms  = ["algo://demos/sentiment_analysis", "algo://nlp/summarizer_${index % 97}"]
  origins     = { native = false, web = true, referrers = ["app${index}.example.com", "*.app${index}.example.com"] }
  data        = "read"
  labels      = { team = "team-${index % 13}" }
}
`;
}

function dataBlock(index) {
  return `resource "terraform_data" "app_${index}" {
  input = {
    name        = "app${index}"
    description = "Application number ${index}"
    algorithms  = ["algo://demos/sentiment_analysis", "algo://nlp/summarizer_${index % 97}"]
    origins     = { native = false, web = true, referrers = ["app${index}.example.com", "*.app${index}.example.com"] }
    data        = "read"
    labels      = { team = "team-${index % 13}" }
  }
}
`;
}

function manifest(size) {
  const keys = Array.from(
    { length: size },
    (_, index) => `  app${index}:
    description: Application number ${index}
    algorithms: [algo://demos/sentiment_analysis, algo://nlp/summarizer_${index % 97}]
    origins: { native: false, web: true, referrers: [app${index}.example.com, "*.app${index}.example.com"] }
    data: read
    labels: { team: team-${index % 13} }
`,
  );
  return `version: 1\naccount: acme\nproject: bench\nkeys:\n${keys.join("")}`;
}
