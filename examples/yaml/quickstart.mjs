// The main job from end to end on the embedded platform, in a temporary folder: the commands are real and each is shown.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, "../../dist/cli/algokeys.cjs");
const folder = mkdtempSync(join(tmpdir(), "algokeys-quickstart-"));
const env = { ...process.env, ALGOKEYS_PLATFORM: "file:.algokeys/platform.db" };

/** Runs one command as a person would type it, its output on this terminal. */
function run(...args) {
  console.log(`\n$ algokeys ${args.join(" ")}`);
  const { status, error } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, env, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) throw new Error(`algokeys ${args.join(" ")} ended with exit code ${String(status)}`);
}

function say(text) {
  console.log(`\n# ${text}`);
}

try {
  cpSync(join(here, "keys.yaml"), join(folder, "keys.yaml"));
  say("A declaration of three keys (examples/yaml/keys.yaml). Is it valid?");
  run("validate");
  say("What would an apply change?");
  run("plan");
  say("Carry it out. Secrets go where the declaration says: into .env and secrets.json.");
  run("apply", "--auto-approve");
  say("The keys are live.");
  run("keys", "list");
  say("And enforced. This call is allowed:");
  run("try", "storefront-web", "--call", "algo://demos/sentiment_analysis", "--origin", "https://shop.example.com");
  say("These are refused: a foreign site, another algorithm, and data that the key may not read.");
  run("try", "storefront-web", "--call", "algo://demos/sentiment_analysis", "--origin", "https://evil.example.net");
  run("try", "storefront-web", "--call", "algo://nlp/summarizer", "--origin", "https://shop.example.com");
  run("try", "storefront-web", "--data", "read", "--origin", "https://shop.example.com");
  say("A second plan is empty.");
  run("plan");
  say("Somebody widens a key by hand, behind the plan's back...");
  run("keys", "set", "review-scores", "algorithms=algo://*");
  say("...and the next plan shows the drift, who caused it, and the way back.");
  run("plan");
  say("Apply it, and the key is as declared again.");
  run("apply", "--auto-approve");
  console.log("\nDone. To start in a folder of your own: npm link, then algokeys init there");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
