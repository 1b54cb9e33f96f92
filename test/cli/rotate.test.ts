import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawn } from "node:child_process";
import { get } from "node:http";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { runOnTerminal } from "../support/run-terminal.ts";
import { copyWorkspace, declaring, makeWorkspace, PLAIN_KEY, removeWorkspace, type Workspace } from "./workspace.ts";

const WEB =
  "{ algorithms: [], rotation: { every: 90d, overlap: 2d }, deliver: [{ to: dotenv, file: .env, name: WEB_KEY }] }";

let applied: Workspace;
beforeAll(async () => {
  applied = makeWorkspace({ "keys.yaml": declaring({ web: WEB, bare: PLAIN_KEY }) }, "keep");
  await applied.runTo(0, "apply -y");
});
afterAll(() => {
  removeWorkspace(applied);
});

const secretIn = (at: Workspace): string => /^WEB_KEY=(.*)$/m.exec(at.read(".env"))?.[1] ?? "";

interface Told {
  readonly id: string;
  readonly state: string;
  readonly fingerprint: string;
}

async function credentialsOf(at: Workspace, name = "web"): Promise<readonly Told[]> {
  const { stdout } = await at.runTo(0, `keys get ${name} --json`);
  return (JSON.parse(stdout) as { keys: { credentials: Told[] }[] }).keys[0]?.credentials ?? [];
}

describe("rotate", () => {
  test("issues another secret for this key alone, to its place; the one in use retires", async () => {
    const at = copyWorkspace(applied);
    const before = secretIn(at);
    // What else the declaration would change is left to an apply.
    at.write("keys.yaml", declaring({ web: WEB.replace("[]", "[algo://a/b]"), more: PLAIN_KEY }));
    const { stdout } = await at.runTo(0, "rotate WEB -y");
    expect(stdout).toContain("key web will get another secret (you asked for it)");
    expect(stdout).toContain("the secret in use works on for 2d after that");
    expect(stdout).toContain("Credential changes: web.");
    expect(stdout).toContain("Plan: 1 to issue.");
    expect(secretIn(at)).not.toBe(before);
    expect(stdout).not.toContain(secretIn(at));
    expect((await credentialsOf(at)).map(({ state }) => state)).toEqual(["retiring", "working"]);
    expect((await at.runTo(0, "plan")).stdout).toContain("No other credential changes.");
  });

  test("asks at a terminal, and names the flag where there is none", async () => {
    const at = copyWorkspace(applied);
    const { exitCode, screen } = await runOnTerminal(["rotate", "web"], {
      cwd: at.folder,
      typing: { prompt: "will be accepted: ", keys: "no\r" },
    });
    expect(screen).toContain("Do you want to rotate the secret of web at");
    expect(exitCode).toBe(8);
    expect((await at.runTo(3, "rotate web")).stderr).toContain("--auto-approve");
    expect(secretIn(at)).toBe(secretIn(applied));
  });

  test("--reveal shows the secret of a key without a delivery on a terminal, and nowhere else", async () => {
    const at = copyWorkspace(applied);
    expect((await at.runTo(3, "rotate bare -y")).stderr).toContain("nobody would get the new secret of bare");
    expect((await at.runTo(3, "rotate bare -y --reveal")).stderr).toContain("standard output is none");
    const { screen } = await runOnTerminal(["rotate", "bare", "-y", "--reveal"], { cwd: at.folder });
    expect(screen).toMatch(/bare, shown this once: sim[0-9A-Za-z]{24}1/);
    expect((await credentialsOf(at, "bare")).map(({ state }) => state)).toEqual(["working"]);
  });

  test("--json writes one report", async () => {
    const at = copyWorkspace(applied);
    const { stdout } = await at.runTo(0, "rotate web -y --json");
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "applied", changes: [{ action: "issue", name: "web" }] });
  });

  test("says why it cannot: not declared, not live, another's, or crowded", async () => {
    const at = copyWorkspace(applied);
    expect((await at.runTo(1, "rotate wbe -y")).stderr).toContain("Did you mean web?");
    at.write("keys.yaml", declaring({ web: WEB, fresh: WEB.replace("WEB_KEY", "FRESH") }));
    expect((await at.runTo(1, "rotate fresh -y")).stderr).toContain("declared, but not live");
    at.write("other.yaml", declaring({ web: WEB }, "billing"));
    expect((await at.runTo(5, "rotate web -y -f other.yaml")).stderr).toContain("managed by the project shop");
    for (let more = 0; more < 4; more++) await at.runTo(0, "rotate web -y");
    const { stderr } = await at.runTo(5, "rotate web -y");
    expect(stderr).toContain("as many working credentials as a key may have");
    expect(stderr).toContain("algokeys revoke web --credential ID");
  });
});

describe("revoke", () => {
  test("tells what ends and that no use is known, wants the key's name, and ends it at once", async () => {
    const at = copyWorkspace(applied);
    const [only] = await credentialsOf(at);
    const asked = { cwd: at.folder, typing: { prompt: "will be accepted: ", keys: "yes\r" } };
    const kept = await runOnTerminal(["revoke", "web"], asked);
    expect([kept.exitCode, (await credentialsOf(at))[0]?.state]).toEqual([8, "working"]);
    const { exitCode, screen } = await runOnTerminal(["revoke", "web"], {
      ...asked,
      typing: { ...asked.typing, keys: "web\r" },
    });
    expect(exitCode).toBe(0);
    expect(screen.replace(/\s+/g, " ")).toContain("unknown, because nothing counts calls on an embedded platform");
    expect(screen).toContain(only?.fingerprint);
    expect(screen).toContain("Revoked 1 credential of web.");
    expect((await credentialsOf(at)).map(({ state }) => state)).toEqual(["revoked"]);
    const again = await at.runTo(0, "apply -y");
    expect(again.stdout).toContain("it has none that works on");
    expect((await credentialsOf(at)).map(({ state }) => state)).toEqual(["revoked", "working"]);
  });

  test("ends one credential by id or fingerprint, or all but the newest", async () => {
    const at = copyWorkspace(applied);
    for (let more = 0; more < 3; more++) await at.runTo(0, "rotate web -y");
    const [first, second] = await credentialsOf(at);
    await at.runTo(0, `revoke web --credential ${first?.id ?? ""} -y`);
    await at.runTo(0, `revoke web --credential ${second?.fingerprint.slice(0, 8) ?? ""} -y`);
    expect((await credentialsOf(at)).map(({ state }) => state)).toEqual(["revoked", "revoked", "retiring", "working"]);
    expect((await at.runTo(0, "revoke web --all-but-newest -y")).stdout).toContain("Revoked 1 credential of web.");
    expect((await credentialsOf(at)).map(({ state }) => state)).toEqual(["revoked", "revoked", "revoked", "working"]);
    expect((await at.runTo(0, "revoke web --all-but-newest -y")).stdout).toContain("Nothing to revoke");
    expect((await at.runTo(0, "plan")).stdout).toContain("No changes.");
    expect((await at.runTo(1, "revoke web --credential 00000000 -y")).stderr).toContain("no credential 00000000");
    expect((await at.runTo(3, "revoke web --credential x --all-but-newest")).stderr).toContain("two choices");
    expect((await at.runTo(3, "revoke web")).stderr).toContain("--auto-approve");
  });
});

test("disable and enable say what the declaration says", async () => {
  const at = copyWorkspace(applied);
  const off = await at.runTo(0, "disable web");
  expect(off.stdout).toContain("web is disabled. Every call with it is refused from now on; its credentials stay");
  expect(off.stdout).toContain("The declaration says `enabled: true`: the next apply enables it again.");
  expect((await at.runTo(0, "keys get web")).stdout).toMatch(/state\s+disabled/);
  expect((await at.runTo(0, "disable web")).stdout).toContain("web is disabled already.");
  const on = await at.runTo(0, "enable web");
  expect(on.stdout).toContain("web is enabled. Calls with it are judged as its spec says");
  expect(on.stdout).toContain("The declaration says so too.");
  const elsewhere = await at.runTo(0, "disable web --account acme -f none.yaml");
  expect(elsewhere.stdout).toContain("The next plan of shop shows it as drift");
});

test("revoke tells when a server last let the key in", async () => {
  const at = makeWorkspace({ "keys.yaml": declaring({ web: WEB.replace("[]", '["algo://*"]') }) });
  const admin = (await at.runTo(0, "admin create-key root --role admin --reveal")).stdout.trim();
  const server = spawn(process.execPath, [CLI, "serve", "--listen", "127.0.0.1:0"], {
    cwd: at.folder,
    env: cleanEnv(),
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.stderr.on("data", (part) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(part))?.[0];
        if (found !== undefined) resolve(found);
      });
      server.once("exit", (code) => {
        reject(new Error(`the server ended with ${String(code)}`));
      });
    });
    const env = { ALGOKEYS_PLATFORM: url, ALGOKEYS_TOKEN: admin };
    await at.runTo(0, "account create acme --no-credential", { env });
    await at.runTo(0, "apply -y", { env });
    const asked = await at.runTo(3, "revoke web", { env });
    expect(asked.stdout).toContain("No allowed call with this key is known");
    const secret = secretIn(at);
    expect(await verified(url, secret)).toBe(200);
    await expect
      .poll(async () => (await at.runTo(3, "revoke web", { env })).stdout, { timeout: 15_000, interval: 500 })
      .toContain("Last allowed call with this key: ");
    expect((await at.runTo(0, "revoke web -y", { env })).stdout).toContain("Revoked 1 credential of web.");
    expect(await verified(url, secret)).toBe(401);
  } finally {
    server.kill("SIGKILL");
  }
}, 60_000);

/** The status with which the server judges a native client's call. */
async function verified(url: string, secret: string): Promise<number | undefined> {
  const headers = {
    authorization: `Simple ${secret}`,
    "x-original-method": "POST",
    "x-original-uri": "/v1/algo/demos/hello",
  };
  return await new Promise((resolve, reject) => {
    get(`${url}/v2/verify`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });
}
