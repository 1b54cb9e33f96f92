// The whole platform on this machine, in a temporary folder: the upstream, algokeys in front of it, keys applied from
// keys.yaml, and the original platform's own client calling through. `--keep` leaves it running until Ctrl+C.
import { randomBytes } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, "../../dist/cli/algokeys.cjs");
const folder = mkdtempSync(join(tmpdir(), "algokeys-self-hosted-"));
const children = [];

function say(text) {
  console.log(`\n# ${text}`);
}

/** Runs one command as a person would type it and gives its standard output, which is shown unless it is a secret. */
function algokeys(args, { secret = false } = {}) {
  console.log(`\n$ algokeys ${args.join(" ")}${secret ? " > deployer.token" : ""}`);
  const stdio = ["ignore", secret ? "pipe" : "inherit", "inherit"];
  const { status, stdout, error } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, stdio });
  if (error) throw error;
  if (status !== 0) throw new Error(`algokeys ${args.join(" ")} ended with exit code ${status}`);
  return stdout?.toString("utf8") ?? "";
}

/** Starts a server and gives the address that it says it listens on, in what it writes to `stream`. */
async function start(args, stream, env = {}) {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env }, stdio: "pipe" });
  children.push(child);
  child.stdout.resume();
  child.stderr.resume();
  return await new Promise((resolve, reject) => {
    let said = "";
    child[stream].on("data", (part) => {
      said += part;
      const [, url] = /listen\w* on (http:\/\/[^\s]+?)\.?\s/i.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${code}: ${said}`)));
  });
}

async function stop() {
  const ended = children.map((child) => child.exitCode ?? new Promise((resolve) => child.once("exit", resolve)));
  for (const child of children.toReversed()) child.kill("SIGTERM");
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
}

/** Calls an algorithm with the npm package `algorithmia`, unmodified, and shows what comes of it. */
async function call(url, variable, path, input) {
  const { default: algorithmia } = await import("algorithmia");
  const answer = await new Promise((resolve) => {
    algorithmia.client(secrets()[variable], url).algo(path).pipe(input).then(resolve);
  });
  const outcome = answer.error ? `refused (${answer.status}): ${answer.error.message}` : JSON.stringify(answer.get());
  console.log(`${variable} calls ${path}\n  -> ${outcome}`);
}

function secrets() {
  const lines = readFileSync(join(folder, ".env"), "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("=", 2)));
}

try {
  cpSync(join(here, "keys.yaml"), join(folder, "keys.yaml"));
  writeFileSync(join(folder, "identity.secret"), randomBytes(32).toString("hex"), { mode: 0o600 });

  say("The upstream: two algorithms and hosted data. It believes only what the gateway signs.");
  const upstreamEnv = { PORT: "0", DATA_DIR: "data", IDENTITY_SECRET_FILE: "identity.secret" };
  const upstream = await start([join(here, "upstream.mjs")], "stdout", upstreamEnv);
  console.log(`upstream.mjs listens on ${upstream}`);

  say("algokeys in front of it, with a store of its own.");
  const serve = ["serve", "--store", "file:platform.db", "--listen", "127.0.0.1:0"];
  const gateway = ["--upstream", upstream, "--identity-secret-file", "identity.secret"];
  console.log(`\n$ algokeys ${[...serve, ...gateway].join(" ")}`);
  const url = await start([cli, ...serve, ...gateway], "stderr");
  console.log(`algokeys listens on ${url}`);

  say("The first admin key is made on the server's own store. Its token goes into a file, never on a command line.");
  const store = ["--store", "file:platform.db"];
  const token = algokeys(["admin", "create-key", "deployer", "--role", "admin", "--reveal", ...store], {
    secret: true,
  });
  writeFileSync(join(folder, "deployer.token"), token, { mode: 0o600 });

  say("Keys as code: keys.yaml is applied over HTTP. The secrets go into .env.");
  algokeys(["apply", "--auto-approve", "--platform", url, "--token-file", "deployer.token"]);

  say("The original platform's own client calls through, with the keys that were applied.");
  await call(url, "GREETER_KEY", "demo/Hello", "HAL 9000");
  await call(url, "NIGHTLY_BATCH_KEY", "demos/sentiment_analysis", { document: "I love it. It is not bad at all!" });
  say("And gets nothing that its key does not allow.");
  await call(url, "GREETER_KEY", "demos/sentiment_analysis", "I love it");
  await call(url, "STOREFRONT_WEB_KEY", "demos/sentiment_analysis", "I love it");

  if (process.argv.includes("--keep")) {
    say(`It runs on until Ctrl+C: ${url}, secrets in ${join(folder, ".env")}`);
    await new Promise((resolve) => process.once("SIGINT", resolve));
  }
  console.log("\nDone.");
} finally {
  await stop();
}
