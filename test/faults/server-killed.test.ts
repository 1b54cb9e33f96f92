import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { setTimeout } from "node:timers/promises";
import Database from "better-sqlite3";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { MAX_PAGE } from "../../src/api/key-api.ts";
import { Secret } from "../../src/core/secret.ts";
import { declaring, makeWorkspace, type Workspace } from "../cli/workspace.ts";
import { openShared, postgresServer } from "../platform/postgres-open.ts";
import { CLI, cleanEnv } from "../support/run-cli.ts";

const KILLS = env["ALGOKEYS_LONG"] === "1" ? 50 : 3;
const APPLIES = 3;
const postgres = postgresServer();

/** The server as its own process, on one address through all its lives. */
interface Served {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

async function serve(home: Workspace, store: string): Promise<Served> {
  let child: ChildProcess | undefined;
  let url = "";
  const start = async (): Promise<void> => {
    const listen = url === "" ? "127.0.0.1:0" : new URL(url).host;
    const args = [CLI, "serve", "--listen", listen, "--store", store, "--pepper-file", "platform.pepper"];
    const started = spawn(execPath, args, { cwd: home.folder, env: cleanEnv(), stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    let said = "";
    url = await new Promise((resolve, reject) => {
      started.stderr.on("data", (part) => {
        said += String(part);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (found !== undefined) resolve(found);
      });
      started.once("exit", () => {
        reject(new Error(`the server did not start: ${said}`));
      });
    });
  };
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child?.kill("SIGKILL");
    await ended;
  };
  await start();
  onTestFinished(() => void child?.kill("SIGKILL"));
  return {
    get url() {
      return url;
    },
    kill,
    start,
  };
}

/** A run that could not give its lease back holds it for a minute at most; here that minute is over. */
async function endLeases(store: string): Promise<void> {
  const sql = "UPDATE leases SET lease_until = '2000-01-01T00:00:00.000Z'";
  if (store.startsWith("file:")) {
    const database = new Database(store.slice("file:".length));
    database.exec(sql);
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: store });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** As many keys, each with a secret of its own in one file. */
function keys(count: number): string {
  const names = Array.from({ length: count }, (_, index) => index);
  return declaring(
    Object.fromEntries(
      names.map((index) => [
        `key-${String(index)}`,
        `{ algorithms: [algo://a/b], deliver: [{ to: dotenv, file: .env, name: KEY_${String(index)} }] }`,
      ]),
    ),
  );
}

test.each(["SQLite", "PostgreSQL"])(
  "a server on %s, killed under concurrent applies, loses no change set that it acknowledged, and every client's next run ends as declared (field row 16)",
  async (kind) => {
    const home = makeWorkspace();
    const store = kind === "SQLite" ? `file:${join(home.folder, "platform.db")}` : postgres().createDatabase();
    const admin = await home.runTo(
      0,
      `admin create-key root --role admin --reveal --store ${store} --pepper-file platform.pepper`,
    );
    const server = await serve(home, store);
    const client = { env: { ALGOKEYS_PLATFORM: server.url, ALGOKEYS_TOKEN: admin.stdout.trim() } };
    const clients = await Promise.all(
      Array.from({ length: APPLIES }, async (_, index) => {
        const account = `account_${String(index)}`;
        await home.runTo(0, `account create ${account} --no-credential`, client);
        return { account, at: makeWorkspace() };
      }),
    );
    const acknowledged: (readonly [string, string])[] = [];
    let met = 0;
    for (let round = 1; round <= KILLS || met === 0; round++) {
      expect(round, "no apply ever met the kill").toBeLessThan(KILLS + 20);
      let open = clients.length;
      const running = clients.map(async ({ account, at }) => {
        at.write("keys.yaml", keys(round * 2).replace("account: acme", `account: ${account}`));
        const run = await at.run("apply -y", client);
        open--;
        for (const [, id = ""] of run.stderr.matchAll(/change set ([\w-]+)/g)) {
          if (run.stderr.includes("Committed")) acknowledged.push([account, id]);
        }
        return run;
      });
      await setTimeout(200 + randomInt(1_000));
      met += open;
      await server.kill();
      await setTimeout(randomInt(300));
      await server.start();
      for (const { exitCode, stdout, stderr } of await Promise.all(running)) {
        expect([0, 1, 9], stdout + stderr).toContain(exitCode);
        // Most outlast the kill, because the client tries again; what does not says what to do.
        if (exitCode !== 0) expect(stdout + stderr).toMatch(/again/i);
      }
      await endLeases(store);
      for (const { at } of clients) {
        await at.runTo(0, "apply -y", client);
        await at.runTo(0, "plan --expect-no-changes", client);
      }
    }
    await server.kill();
    const platform = await openShared(store, home.folder);
    onTestFinished(() => platform.close());
    for (const { account, at } of clients) {
      const history = await platform.api.listChangeSets(account, { limit: MAX_PAGE });
      const ids = new Set(history.changeSets.map(({ id }) => id));
      expect(acknowledged.filter(([of, id]) => of === account && !ids.has(id))).toEqual([]);
      const tokens = at.read(".env").match(/sim[0-9A-Za-z]{24}1/g) ?? [];
      expect(tokens.length).toBeGreaterThanOrEqual(KILLS * 2);
      for (const token of tokens) {
        const request = { headers: [], target: { type: "algorithm" as const, call: "a/b" }, now: Date.now() };
        const { decision } = await platform.verify({ type: "token", token: new Secret(token) }, request);
        expect(decision.effect).toBe("allow");
      }
    }
    expect(acknowledged.length).toBeGreaterThan(0);
  },
  1_800_000,
);
