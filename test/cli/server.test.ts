import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { addressOf } from "./server-address.ts";
import { declaring, makeWorkspace, PLAIN_KEY, removeWorkspace, type Workspace } from "./workspace.ts";

/** A server of the built command, and the admin keys that its own store was given. */
let home: Workspace;
let server: ChildProcess;
let url = "";
let log = "";
const tokens: Record<string, string> = {};

beforeAll(async () => {
  home = makeWorkspace({}, "keep");
  for (const role of ["reader", "writer", "admin"]) {
    const { stdout } = await home.runTo(0, `admin create-key ${role} --role ${role} --reveal`);
    tokens[role] = stdout.trim();
  }
  server = spawn(process.execPath, [CLI, "serve", "--listen", "127.0.0.1:0"], { cwd: home.folder, env: cleanEnv() });
  server.stdout?.on("data", (part) => (log += String(part)));
  url = await addressOf(server);
});

afterAll(() => {
  server.kill("SIGKILL");
  removeWorkspace(home);
});

function as(role: string): { readonly env: Record<string, string | undefined> } {
  return { env: { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: tokens[role] } };
}

test("a declaration is planned and applied on a server, and the second plan is empty", async () => {
  const at = makeWorkspace({
    "keys.yaml": declaring({ web: `{ algorithms: [], deliver: [{ to: dotenv, file: .env, name: API_KEY }] }` }),
  });
  await at.runTo(0, "account create acme --no-credential", as("admin"));
  expect((await at.runTo(0, "plan --out plan.json", as("reader"))).stdout).toContain("Plan: 1 to create.");
  expect((await at.runTo(0, "apply plan.json", as("writer"))).stdout).toContain("1 created");
  expect(at.read(".env")).toMatch(/sim[0-9A-Za-z]{24}1/);
  expect((await at.runTo(0, "plan --expect-no-changes", as("reader"))).stdout).toContain("No changes.");
  expect((await at.runTo(0, "keys list --account acme", as("reader"))).stdout).toContain("web");
});

test("the admin key may stand in a file, and the token appears in no output and no log", async () => {
  const at = makeWorkspace({ token: `${tokens["reader"] ?? ""}\n` });
  const run = await at.run(`keys list --account nobody --platform ${url} --token-file token`);
  expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining("there is no account nobody")]);
  for (const token of Object.values(tokens)) expect(run.stdout + run.stderr + log).not.toContain(token.slice(7));
});

test("a reader plans and may not apply (field row 22)", async () => {
  const at = makeWorkspace({
    "keys.yaml": declaring({ other: PLAIN_KEY }).replace("account: acme", "account: readers"),
  });
  await at.runTo(0, "account create readers --no-credential", as("admin"));
  await at.runTo(0, "plan", as("reader"));
  const { stderr, stdout } = await at.runTo(4, "apply -y", as("reader"));
  expect(stdout + stderr).toContain("role writer or admin");
});

test("an admin key of one account plans nothing for another, where every key would look as if it were not there", async () => {
  const at = makeWorkspace({
    "keys.yaml": declaring({ web: PLAIN_KEY }).replace("account: acme", "account: elsewhere"),
  });
  await home.runTo(0, "account create bound --no-credential");
  const { stdout } = await home.runTo(0, "admin create-key of-bound --role admin --account bound --reveal");
  const env = { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: stdout.trim() };
  for (const command of ["plan", "apply -y", "destroy"]) {
    const { stderr } = await at.runTo(4, command, { env });
    expect(stderr).toContain("of-bound is bound to the account bound, and the declaration is for elsewhere.");
  }
});

test.each([
  ["no admin key", {}, 4, "no admin key is given"],
  ["a wrong one", { ALGOKEYS_TOKEN: "adm0000" }, 4, "does not know"],
  ["a caller's key", { ALGOKEYS_TOKEN: "sim0000000000000000000000000" }, 4, "does not know"],
])("with %s the run ends and says what to do", async (_, env, exitCode, said) => {
  const at = makeWorkspace({ "keys.yaml": declaring({ web: PLAIN_KEY }) });
  const { stderr } = await at.runTo(exitCode, "plan", { env: { ALGOKEYS_PLATFORM: url, ...env } });
  expect(stderr).toContain(said);
  expect(stderr).toContain("ALGOKEYS_TOKEN");
});

test.each([
  ["http://keys.example.com", "everyone on the way"],
  ["https://me:secret@keys.example.com", "user or a password"],
  ["ftp://me:secret@keys.example.com", "neither a server's address nor a file"],
])("the address %s is refused without repeating a password", async (platform, said) => {
  const at = makeWorkspace({ "keys.yaml": declaring({ web: PLAIN_KEY }) });
  const { stderr } = await at.runTo(3, `plan --platform ${platform}`, { env: { ALGOKEYS_TOKEN: "x" } });
  expect(stderr).toContain(said);
  expect(stderr).not.toContain("secret@");
});

test("a server that is not there ends the run within its tries, and nothing is half done", async () => {
  const at = makeWorkspace({ "keys.yaml": declaring({ web: PLAIN_KEY }) });
  const { stderr } = await at.runTo(1, "plan --platform http://127.0.0.1:9", as("reader"));
  expect(stderr).toContain("127.0.0.1:9");
});

test("admin keys are listed without tokens, and a revoked one is refused at once", async () => {
  const at = makeWorkspace();
  const env = { env: { ALGOKEYS_STORE: `file:${join(home.folder, ".algokeys/platform.db")}` } };
  const { stdout } = await at.runTo(0, "admin create-key temp --role reader --reveal", env);
  const shown = { env: { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: stdout.trim() } };
  await at.runTo(1, "keys list --account nobody", shown);
  expect((await at.runTo(0, "admin list-keys", env)).stdout).toContain("temp");
  await at.runTo(0, "admin revoke-key temp", env);
  expect((await at.runTo(4, "keys list --account nobody", shown)).stderr).toContain("was revoked");
  expect((await at.runTo(1, "admin revoke-key temp", env)).stderr).toContain("no live admin key temp");
});

test("an admin key is not written to what is no terminal unless asked for", async () => {
  const { stdout, stderr } = await home.runTo(3, "admin create-key again --role reader");
  expect(stdout).toBe("");
  expect(stderr).toContain("--reveal");
});

test("without its pepper a server starts sealed and says so", async () => {
  const at = makeWorkspace();
  await at.runTo(0, "admin create-key root --role admin --reveal");
  at.write(".algokeys/platform.db.pepper", `${"0".repeat(64)}\n`);
  const { stderr } = await at.runTo(1, "admin list-keys");
  expect(stderr).toContain("sealed");
});

test.each([
  ["serve --listen nowhere", "--listen nowhere is no address and port"],
  ["serve --upstream ftp://x", "--upstream is no http:// or https:// address"],
  ["serve --store postgres://tester@127.0.0.1:1/none", "pepper"],
  ["serve --store elsewhere --pepper-file p", "file:PATH"],
])("%s is refused with what to write", async (args, said) => {
  const { stderr } = await makeWorkspace().runTo(3, args);
  expect(stderr).toContain(said);
});

test("told to stop, the server finishes and ends with 0", async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(log).toContain('"event":"closed"');
});
