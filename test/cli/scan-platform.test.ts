import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import Ajv from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import planSchema from "../../schemas/plan.schema.json" with { type: "json" };
import reportSchema from "../../schemas/report.schema.json" with { type: "json" };
import { makeToken } from "../../src/core/token.ts";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { addressOf } from "./server-address.ts";
import { declaring, makeWorkspace, PLAIN_KEY, removeWorkspace, type Workspace } from "./workspace.ts";

/*
 * What a scan tells of tokens by asking a platform: a server of the built command, one that is not there, and the embedded
 * platform.
 */

const fresh = (kind: "caller" | "admin" = "caller"): string =>
  makeToken(kind, (count) => Uint8Array.from(randomBytes(count))).reveal();

let home: Workspace;
let server: ChildProcess;
let url = "";
const tokens: Record<string, string> = {};

beforeAll(async () => {
  home = makeWorkspace({}, "keep");
  await home.runTo(0, "account create acme --no-credential --platform file:.algokeys/platform.db");
  await home.runTo(0, "account create other --no-credential --platform file:.algokeys/platform.db");
  for (const [name, options] of [
    ["ops", "--role admin"],
    ["gone", "--role reader"],
    ["bound", "--role reader --account other"],
  ] as const) {
    const { stdout } = await home.runTo(0, `admin create-key ${name} ${options} --reveal`);
    tokens[name] = stdout.trim();
  }
  await home.runTo(0, "admin revoke-key gone");
  server = spawn(process.execPath, [CLI, "serve", "--listen", "127.0.0.1:0"], { cwd: home.folder, env: cleanEnv() });
  url = await addressOf(server);
});

afterAll(() => {
  server.kill("SIGKILL");
  removeWorkspace(home);
});

/** The address of a server that is not there: a port that was free a moment ago. */
async function noServer(): Promise<string> {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const address = taken.address();
  await new Promise((resolve) => taken.close(resolve));
  return `http://127.0.0.1:${String(typeof address === "object" ? address?.port : "")}`;
}

interface Scan {
  readonly asked: boolean;
  readonly account: string | null;
  readonly findings: readonly { readonly state: string; readonly key: string | null }[];
}

function documentIn(stdout: string): Scan {
  const document = JSON.parse(stdout) as Scan;
  const ajv = new Ajv.Ajv({ schemas: [reportSchema, planSchema], strict: false });
  expect(ajv.validate(reportSchema.$id, document)).toBe(true);
  return document;
}

describe("a token of an admin key", () => {
  test("is shown to the server, which lets it in or not", async () => {
    const { ops = "", gone = "" } = tokens;
    const at = makeWorkspace({ "a.txt": `${ops}\n${gone}\n${fresh("admin")}\n${ops}\n` });
    const env = { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: ops };
    const { stdout, stderr } = await at.runTo(5, "scan a.txt", { env });
    expect(stdout).toMatch(/^a\.txt:1:1: adm\w{4}\*+ is the live admin key ops$/m);
    expect(stdout).toMatch(/^a\.txt:2:1: adm\w{4}\*+ is an admin key that this platform refuses$/m);
    expect(stdout).toMatch(/^a\.txt:3:1: adm\w{4}\*+ is an admin key that this platform refuses$/m);
    expect(stdout).toContain("4 tokens in 1 file, 2 live.");
    expect(stderr).toContain(
      "fix: Revoke what is live first, where the server's store is: algokeys admin revoke-key ops",
    );
    expect(stderr).not.toContain("warning:");
    for (const token of [ops, gone]) expect(stdout + stderr).not.toContain(token);
    const document = documentIn((await at.runTo(5, "scan a.txt --json", { env })).stdout);
    expect(document).toMatchObject({ asked: true, account: null });
    expect(document.findings.map(({ state, key }) => [state, key])).toEqual([
      ["live", "ops"],
      ["ended", null],
      ["ended", null],
      ["live", "ops"],
    ]);
  });

  test("is looked up in the embedded platform", async () => {
    const { ops = "", gone = "" } = tokens;
    const text = `${ops}\n${gone}\n${fresh("admin")}\n`;
    const { stdout } = await home.runTo(5, "scan - --json --platform file:.algokeys/platform.db", { stdin: text });
    expect(documentIn(stdout).findings.map(({ state }) => state)).toEqual(["live", "ended", "ended"]);
  });

  test("is not asked about offline", async () => {
    const { stdout } = await home.runTo(5, "scan - --offline", { stdin: fresh("admin") });
    expect(stdout).toContain("is an admin key; whether it works was not looked up");
  });
});

describe("what was found is told where the platform cannot be asked:", () => {
  const declared = { "keys.yaml": declaring({ web: PLAIN_KEY }), "a.txt": `${fresh()}\n` };
  const cases: readonly (readonly [
    string,
    { readonly files?: Record<string, string>; readonly args?: string; readonly env?: () => Record<string, string> },
    string,
    string,
  ])[] = [
    [
      "it knows nobody of that name",
      { args: "--account nobody", env: () => ({ ALGOKEYS_TOKEN: tokens["ops"] ?? "" }) },
      "there is no account nobody",
      "fix: Check --account and --platform",
    ],
    ["it refuses the run", { env: () => ({ ALGOKEYS_TOKEN: tokens["bound"] ?? "" }) }, "acme", "fix: "],
    [
      "it refuses the run's admin key",
      { env: () => ({ ALGOKEYS_TOKEN: tokens["gone"] ?? "" }) },
      "was revoked on",
      "fix: Set ALGOKEYS_TOKEN",
    ],
    ["the run has no admin key", {}, "no admin key is given", "fix: Set ALGOKEYS_TOKEN"],
    [
      "nothing names the account",
      { files: { "a.txt": `${fresh()}\n` }, env: () => ({ ALGOKEYS_TOKEN: tokens["ops"] ?? "" }) },
      "no --account is stated, and there is no valid declaration that names it",
      "fix: Add --account NAME",
    ],
    [
      "a CI job states none",
      { env: () => ({ CI: "true", ALGOKEYS_PLATFORM: "" }) },
      "no platform is stated, and this is a CI job",
      "fix: Add --platform or set ALGOKEYS_PLATFORM",
    ],
    [
      "there is none yet",
      { env: () => ({ ALGOKEYS_PLATFORM: "file:none.db" }) },
      "there is no account acme at file:none.db",
      "fix: Check --account and --platform",
    ],
  ];

  test.each(cases)("%s", async (_, { files = declared, args = "", env = () => ({}) }, why, fix) => {
    const at = makeWorkspace(files);
    const options = { env: { ALGOKEYS_PLATFORM: url, ...env() } };
    const { stdout, stderr } = await at.runTo(5, `scan a.txt ${args}`, options);
    expect(stdout).toMatch(/^a\.txt:1:1: sim\w{4}\*+ was not looked up$/m);
    expect(stderr).toMatch(/^warning: which of them work is not known, for the platform could not be asked: /m);
    expect(stderr).toContain(why);
    expect(stderr).toContain(fix);
    expect(stderr).toContain("With --offline no platform is asked.");
    expect(stderr).toContain("error: secrets stand where they do not belong");
    const json = await at.runTo(5, `scan a.txt --json ${args}`, options);
    expect(documentIn(json.stdout)).toMatchObject({ asked: false, account: null, findings: [{ state: "unknown" }] });
    expect(json.stderr).toContain(why);
  });

  test("it is down", async () => {
    const at = makeWorkspace({ ...declared, "b.txt": fresh("admin"), "none.txt": "nothing\n" });
    const env = { ALGOKEYS_PLATFORM: await noServer(), ALGOKEYS_TOKEN: tokens["ops"] };
    const { stdout, stderr } = await at.runTo(5, "scan a.txt b.txt --json", { env });
    expect(documentIn(stdout)).toMatchObject({ asked: false, findings: [{ state: "unknown" }, { state: "unknown" }] });
    expect(stderr.match(/warning: /g)).toHaveLength(1);
    expect(stderr).toContain("fix: Nothing is half done. Run the command again once the platform answers.");
  });

  test("what the rest of it answers is told too", async () => {
    const at = makeWorkspace({ "a.txt": `${fresh()}\n${tokens["ops"] ?? ""}\n` });
    const env = { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: tokens["bound"] };
    const { stdout, stderr } = await at.runTo(5, "scan a.txt --json", { env });
    expect(documentIn(stdout)).toMatchObject({ asked: false, findings: [{ state: "unknown" }, { state: "live" }] });
    expect(stderr).toContain("no --account is stated");
  });
});

test("where nothing is found, nothing is asked", async () => {
  const at = makeWorkspace({ "a.txt": "nothing\n" });
  const env = { ALGOKEYS_PLATFORM: await noServer(), CI: "true" };
  expect((await at.runTo(0, "scan a.txt", { env })).stdout).toBe("No token in 1 file.\n");
  expect(documentIn((await at.runTo(0, "scan a.txt --json", { env })).stdout)).toMatchObject({ asked: false });
});
