import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpKeyApi } from "../../src/api/http-client.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { nodeTransport } from "../../src/api/node-transport.ts";
import { Secret } from "../../src/core/secret.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { CLI, cleanEnv, runCliTo } from "../support/run-cli.ts";
import { makeWorkspace, removeWorkspace, type Workspace } from "../cli/workspace.ts";
import { startPostgres, type PostgresServer } from "../support/postgres.ts";

/*
 * Three servers, each a process of its own, on one PostgreSQL: what a revocation promises, and what the death of one costs.
 */

const LONG = process.env["ALGOKEYS_LONG"] === "1";
const VERIFIES = LONG ? 100_000 : 6_000;
const REVOCATIONS = LONG ? 100 : 10;

interface Replica {
  readonly url: URL;
  readonly process: ChildProcess;
  readonly api: KeyApi;
  readonly agent: Agent;
}

let postgres: PostgresServer;
let home: Workspace;
let environment: Record<string, string>;
const replicas: Replica[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  home = makeWorkspace({}, "keep");
  environment = { ALGOKEYS_STORE: postgres.createDatabase(), ALGOKEYS_PEPPER: randomBytes(32).toString("hex") };
  const made = await runCliTo(0, ["admin", "create-key", "root", "--role", "admin", "--reveal"], {
    cwd: home.folder,
    env: environment,
  });
  const token = new Secret(made.stdout.trim());
  // All at once, as a rollout would start them.
  replicas.push(...(await Promise.all([1, 2, 3].map(() => startReplica(token)))));
}, 60_000);

afterAll(async () => {
  for (const { process: server, agent } of replicas) {
    server.kill("SIGKILL");
    agent.destroy();
  }
  await postgres.remove();
  removeWorkspace(home);
});

async function startReplica(token: Secret): Promise<Replica> {
  const server = spawn(process.execPath, [CLI, "serve", "--listen", "127.0.0.1:0"], {
    cwd: home.folder,
    env: cleanEnv(environment),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said] = (await once(server.stderr, "data")) as [Buffer];
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(String(said))?.[0] ?? expect.fail(`a replica said: ${String(said)}`);
  const transport = nodeTransport({ url: address });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const api = httpKeyApi({ transport: transport.send, token, random: randomBytes, sleep });
  return { url: new URL(address), process: server, api, agent: new Agent({ keepAlive: true }) };
}

/** What a replica says of a call with that key: its status. Rejects if it gives no answer. */
function verify(replica: Replica, token: Secret): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Simple ${token.reveal()}`,
      "x-original-method": "POST",
      "x-original-uri": "/v1/algo/acme/hello",
    };
    const { hostname, port } = replica.url;
    const sent = request({ hostname, port, path: "/v2/verify", headers, agent: replica.agent }, (answer) => {
      answer.resume().once("end", () => {
        resolve(answer.statusCode ?? 0);
      });
    });
    sent.once("error", reject);
    sent.end();
  });
}

function replica(turn: number): Replica {
  return replicas[turn % replicas.length] ?? expect.fail("no replica is left");
}

test(`no replica accepts a key once its revocation was answered, in ${String(VERIFIES)} verifies`, async () => {
  const [first] = replicas;
  await first?.api.createAccount({ name: "acme", defaultKey: "none" });
  let accepted = 0;
  let acceptedAfter = 0;
  for (let turn = 0; turn < REVOCATIONS; turn++) {
    const { token, credential } = drawCredential();
    const { api } = replica(turn);
    const made = await api.commit(
      "acme",
      sampleChangeSet([creation(`key-${String(turn)}`, { credential })], { project: null }),
    );
    const id = made.results[0]?.id ?? expect.fail("nothing was made");
    let answered = false;
    const callers = Array.from({ length: 12 }, async (_, lane) => {
      for (let call = 0; call < VERIFIES / REVOCATIONS / 12; call++) {
        const late = answered;
        const status = await verify(replica(lane + call), token);
        if (status === 200) accepted++;
        if (status === 200 && late) acceptedAfter++;
        expect([200, 401, 403]).toContain(status);
      }
    });
    const end = [
      { action: "revoke-credential", id, credential: credential.id },
      { action: "delete", id, revision: made.revision },
      { action: "update", id, revision: made.revision, spec: sampleSpec({ algorithms: [] }) },
      { action: "update", id, revision: made.revision, spec: sampleSpec({ enabled: false }) },
    ] as const;
    const ending = end[turn % end.length] ?? end[0];
    await new Promise((resolve) => setTimeout(resolve, 10));
    await replica(turn + 1).api.commit("acme", sampleChangeSet([ending], { project: null }));
    answered = true;
    await Promise.all(callers);
    // Whatever else was in flight: from here on everybody refuses.
    for (const each of replicas) expect(await verify(each, token)).not.toBe(200);
  }
  expect(accepted).toBeGreaterThan(REVOCATIONS);
  expect(acceptedAfter).toBe(0);
}, 600_000);

test("a replica that is killed loses no verify that is tried again elsewhere", async () => {
  const { token, credential } = drawCredential();
  const [doomed] = replicas;
  await doomed?.api.commit("acme", sampleChangeSet([creation("lasting", { credential })], { project: null }));
  let retried = 0;
  const callers = Array.from({ length: 12 }, async (_, lane) => {
    for (let call = 0; call < 50; call++) {
      let status: number | undefined;
      for (let turn = lane + call; status === undefined; turn++) {
        status = await verify(replica(turn), token).catch(() => undefined);
        if (status === undefined) retried++;
      }
      expect(status).toBe(200);
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  doomed?.process.kill("SIGKILL");
  await Promise.all(callers);
  expect(retried).toBeGreaterThan(0);

  // The dead one's lease ends, and revoking goes on.
  const { keys } = await replica(1).api.listKeys("acme", { limit: 1000 });
  const key = keys.find(({ name }) => name === "lasting") ?? expect.fail("the key is gone");
  const revoke = { action: "revoke-credential", id: key.id, credential: credential.id } as const;
  await replica(1).api.commit("acme", sampleChangeSet([revoke], { project: null }));
  for (const each of replicas.slice(1)) expect(await verify(each, token)).toBe(401);
}, 120_000);
