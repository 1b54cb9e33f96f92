import { setImmediate, setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KeyChange, NewCredential } from "../../src/api/change-set.ts";
import type { AccessRequest } from "../../src/core/authorize.ts";
import { LEASE_MS } from "../../src/platform/store/replica.ts";
import { failure, keyNamed } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { tempFolders } from "./open.ts";
import { openShared, postgresServer, type SharedPlatform } from "./postgres-open.ts";

const long = process.env["ALGOKEYS_LONG"] === "1";
const VERIFIES = long ? 100_000 : 6_000;
const ENDINGS = long ? 400 : 20;

const folder = tempFolders();
const server = postgresServer();
const opened: { readonly close: () => Promise<void> }[] = [];
let url = "";
let home = "";

beforeEach(() => {
  url = server().createDatabase();
  home = folder();
});

afterEach(async () => {
  // The last one first: a platform behind a proxy is closed before the proxy.
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function replica(through?: TcpProxy): Promise<SharedPlatform> {
  const address = new URL(url);
  if (through !== undefined) address.port = String(through.port);
  const platform = await openShared(address.href, home);
  opened.push(platform);
  return platform;
}

async function proxy(): Promise<TcpProxy> {
  const started = await startProxy(server().port);
  opened.push(started);
  return started;
}

const request: AccessRequest = { target: { type: "algorithm", call: "acme/echo" }, headers: [], now: Date.now() };

async function accepts(platform: SharedPlatform, { digest }: NewCredential): Promise<boolean> {
  return (await platform.verify({ type: "digest", digest }, request)).decision.effect === "allow";
}

async function makeKey(platform: SharedPlatform, name: string): Promise<NewCredential> {
  const { credential } = drawCredential();
  await platform.api.commit("acme", sampleChangeSet([creation(name, { credential })]));
  return credential;
}

type End = (on: { id: string; revision: number }, credential: NewCredential) => KeyChange;

const ENDS: Readonly<Record<string, End>> = {
  "revoking the credential": ({ id }, credential) => ({
    action: "revoke-credential",
    id,
    credential: credential.id,
  }),
  "narrowing the key": (on) => ({ action: "update", ...on, spec: sampleSpec({ algorithms: ["algo://acme/other"] }) }),
  "disabling the key": (on) => ({ action: "update", ...on, spec: sampleSpec({ enabled: false }) }),
  "deleting the key": (on) => ({ action: "delete", ...on }),
};

async function end(platform: SharedPlatform, name: string, credential: NewCredential, how: End): Promise<void> {
  const { id, revision } = await keyNamed(platform.api, name);
  await platform.api.commit("acme", sampleChangeSet([how({ id, revision }, credential)]));
}

/** How many replicas have seen the last epoch. */
function seenBy(): string {
  return server().psql(url, "SELECT count(*) FROM replicas WHERE seen = (SELECT epoch FROM platform)");
}

/** How many replicas may serve what is outdated. */
function behind(): string {
  const condition = "lease_until > clock_timestamp() AND seen < (SELECT epoch FROM platform)";
  return server().psql(url, `SELECT count(*) FROM replicas WHERE ${condition}`);
}

function rows(): string {
  return server().psql(url, "SELECT count(*) FROM replicas");
}

describe("three replicas on one database", () => {
  let replicas: readonly SharedPlatform[] = [];

  beforeEach(async () => {
    replicas = await Promise.all([replica(), replica(), replica()]);
    await replicas[0]?.api.createAccount({ name: "acme", defaultKey: "none" });
  });

  test(`${VERIFIES} verifies go on: none that begins after the answer to its key's end is accepted`, async () => {
    const counts = { before: 0, after: 0, accepted: 0, tooLate: 0 };
    const cases = Object.values(ENDS);
    for (let round = 0; round < ENDINGS || counts.before + counts.after < VERIFIES; round++) {
      const writing = replicas[round % 3];
      const how = cases[round % cases.length];
      if (writing === undefined || how === undefined) throw new Error("there is no such replica or end");
      const credential = await makeKey(writing, `key-${round}`);
      const state = { ended: false, stop: false };
      const callers = replicas.map(async (platform) => {
        while (!state.stop) {
          for (let call = 0; call < 5; call++) {
            const began = state.ended;
            const accepted = await accepts(platform, credential);
            counts[began ? "after" : "before"]++;
            if (accepted) counts[began ? "tooLate" : "accepted"]++;
          }
          await setImmediate();
        }
      });
      try {
        await end(writing, `key-${round}`, credential, how);
        state.ended = true;
        // At once, before any turn of the event loop could let another replica hear of it.
        const atOnce = await Promise.all(replicas.map((platform) => accepts(platform, credential)));
        expect(atOnce, `round ${round}`).toEqual([false, false, false]);
        await setTimeout(5);
      } finally {
        state.stop = true;
        await Promise.all(callers);
      }
    }
    expect(counts.tooLate).toBe(0);
    // The test would show nothing if the keys had never been accepted, or never been asked for afterwards.
    expect(Math.min(counts.accepted, counts.after)).toBeGreaterThan(VERIFIES / 20);
  }, 1_800_000);

  test.each(Object.keys(ENDS))("%s is answered once all have seen it, not when their leases end", async (name) => {
    const [first, second, third] = replicas;
    if (first === undefined || second === undefined || third === undefined) throw new Error("there are not three");
    const credential = await makeKey(first, "web");
    expect(await Promise.all(replicas.map((platform) => accepts(platform, credential)))).toEqual([true, true, true]);
    const how = ENDS[name];
    if (how === undefined) throw new Error("there is no such end");
    await end(second, "web", credential, how);
    expect(seenBy()).toBe("3");
    expect(await Promise.all(replicas.map((platform) => accepts(platform, credential)))).toEqual([false, false, false]);
  });

  test("a key in memory is verified without the database, and one that was just made works everywhere", async () => {
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error("there are not two");
    const credential = await makeKey(first, "web");
    expect(await accepts(second, credential)).toBe(true);
    expect(second.verify({ type: "digest", digest: credential.digest }, request)).not.toBeInstanceOf(Promise);
  });

  test("a change set that is repeated waits as the first did, whose answer may never have come", async () => {
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error("there are not two");
    const wire = await proxy();
    const cut = await replica(wire);
    const credential = await makeKey(first, "web");
    const { id } = await keyNamed(first.api, "web");
    const revoke = sampleChangeSet([{ action: "revoke-credential", id, credential: credential.id }]);
    expect(await accepts(cut, credential)).toBe(true);
    wire.freeze();
    const lost = first.api.commit("acme", revoke);
    const committed = (): string => server().psql(url, `SELECT count(*) FROM change_sets WHERE id = '${revoke.id}'`);
    await expect.poll(committed, { interval: 5, timeout: 10_000 }).toBe("1");
    expect((await second.api.commit("acme", revoke)).replayed).toBe(true);
    expect(behind()).toBe("0");
    wire.thaw();
    await lost;
  });

  test("no lease is given while a commit that moves the epoch is under way", async () => {
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error("there are not two");
    let finish = (): void => undefined;
    const moved = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const write = first.driver.write(async (sql) => {
      await sql.run("UPDATE platform SET epoch = epoch + 1");
      await moved;
    });
    const asked = Promise.resolve(second.driver.generation());
    await setTimeout(300);
    expect(rows()).toBe("0");
    finish();
    await write;
    expect(await asked).toBeGreaterThan(0);
    expect([rows(), seenBy()]).toEqual(["1", "1"]);
  });

  test("each has its row while it verifies, and takes it away when it closes", async () => {
    const [first] = replicas;
    if (first === undefined) throw new Error("there is none");
    expect(rows()).toBe("0");
    const credential = await makeKey(first, "web");
    await Promise.all(replicas.map((platform) => accepts(platform, credential)));
    expect(rows()).toBe("3");
    await Promise.all(replicas.map((platform) => platform.close()));
    expect(rows()).toBe("0");
  });

  test("the row of one that died is swept by the next that comes", async () => {
    server().psql(url, "INSERT INTO replicas VALUES ('dead', 0, now() - interval '2 minutes')");
    const [first] = replicas;
    if (first === undefined) throw new Error("there is none");
    const credential = await makeKey(first, "web");
    expect(await accepts(first, credential)).toBe(true);
    expect(rows()).toBe("1");
  });
});

describe("a replica that is cut off from the database", () => {
  test("goes on to its lease's end and then accepts nothing, and the answer to a revocation waits for that", async () => {
    const wire = await proxy();
    const writing = await replica();
    const cut = await replica(wire);
    await writing.api.createAccount({ name: "acme", defaultKey: "none" });
    const credential = await makeKey(writing, "web");
    expect(await accepts(cut, credential)).toBe(true);
    wire.freeze();
    expect(await accepts(cut, credential)).toBe(true);
    const state = { answered: false, tooLate: 0, stop: false };
    const caller = (async () => {
      while (!state.stop) {
        const began = state.answered;
        const accepted = await accepts(cut, credential).catch(() => false);
        if (began && accepted) state.tooLate++;
        await setTimeout(1);
      }
    })();
    const began = performance.now();
    await end(writing, "web", credential, (on) => ({ action: "delete", ...on }));
    state.answered = true;
    const waited = performance.now() - began;
    const error = await failure(accepts(cut, credential));
    expect([error.code, error.retryable]).toEqual(["unavailable", true]);
    await setTimeout(50);
    state.stop = true;
    await caller;
    expect(state.tooLate).toBe(0);
    expect(waited).toBeGreaterThan(LEASE_MS / 4);
    wire.thaw();
    await expect.poll(() => accepts(cut, credential).catch(() => "unavailable"), { timeout: 10_000 }).toBe(false);
  }, 60_000);

  test("does not hold up the making of keys, which outdates nothing", async () => {
    const wire = await proxy();
    const writing = await replica();
    const cut = await replica(wire);
    await writing.api.createAccount({ name: "acme", defaultKey: "none" });
    await accepts(cut, await makeKey(writing, "web"));
    wire.freeze();
    await makeKey(writing, "batch");
    expect(seenBy()).toBe("1");
    wire.thaw();
  });

  test("comes back by itself when the server was restarted, with what was changed meanwhile", async () => {
    const first = await replica();
    const second = await replica();
    await first.api.createAccount({ name: "acme", defaultKey: "none" });
    const credential = await makeKey(first, "web");
    const other = await makeKey(first, "batch");
    await accepts(second, credential);
    await server().stop("immediate");
    await expect
      .poll(() => accepts(second, credential).catch(() => "unavailable"), { timeout: 10_000 })
      .toBe("unavailable");
    await server().start();
    const retry = { timeout: 10_000 };
    await expect.poll(() => accepts(first, other).catch(() => "unavailable"), retry).toBe(true);
    await end(first, "web", credential, (on) => ({ action: "delete", ...on }));
    await expect.poll(() => accepts(second, credential).catch(() => "unavailable"), retry).toBe(false);
    expect(await accepts(second, other)).toBe(true);
  }, 60_000);
});
