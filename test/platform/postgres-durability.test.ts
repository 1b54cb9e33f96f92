import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ChangeSetRecord, CommitResult, KeyChange } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";
import { openStore } from "../../src/platform/store/open-store.ts";
import { allKeys } from "../contract/expectations.ts";
import { creation, drawCredential, drawId, sampleChangeSet } from "../contract/samples.ts";
import { startProxy, type Fate } from "../support/tcp-proxy.ts";
import { tempFolders } from "./open.ts";
import { openShared, postgresServer } from "./postgres-open.ts";

const long = process.env["ALGOKEYS_LONG"] === "1";
const KILLS = long ? 1_000 : 60;
const STOPS = long ? 40 : 3;
const WRITERS = 6;

const folder = tempFolders();
const server = postgresServer();

/** Commits under one id until the answer comes, as a client does; tells how often that took another try. */
async function commitSurely(
  api: KeyApi,
  changes: readonly KeyChange[],
): Promise<{ readonly result: CommitResult; readonly tries: number }> {
  const changeSet = sampleChangeSet(changes, { project: null, id: drawId() });
  for (let tries = 1; ; tries++) {
    try {
      return { result: await api.commit("acme", changeSet), tries };
    } catch (error) {
      if (!(error instanceof KeyApiError) || !error.retryable) throw error;
      await setTimeout(10);
    }
  }
}

/** Makes and deletes keys until told to stop; gives the result of every acknowledged change set. */
/** When to stop; `replayed` is set once a lost answer was given again. */
interface Stop {
  now: boolean;
  replayed: boolean;
}

async function write(api: KeyApi, who: string, stop: Stop): Promise<readonly [CommitResult, number][]> {
  const acknowledged: [CommitResult, number][] = [];
  let own: readonly { id: string; revision: number }[] = [];
  for (let number = 0; !stop.now; number++) {
    const creates = Array.from({ length: 1 + (number % 4) }, (_, index) =>
      creation(`${who}-${number}-${index}`, { credential: drawCredential().credential }),
    );
    const deletes = own.slice(0, number % 4).map(({ id, revision }): KeyChange => ({ action: "delete", id, revision }));
    const { result, tries } = await commitSurely(api, [...deletes, ...creates]);
    acknowledged.push([result, tries]);
    stop.replayed ||= result.replayed;
    const made = result.results.filter(({ action }) => action === "create");
    own = [...own.slice(deletes.length), ...made];
  }
  return acknowledged;
}

async function history(api: KeyApi): Promise<readonly ChangeSetRecord[]> {
  const records: ChangeSetRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listChangeSets("acme", { limit: MAX_PAGE, cursor });
    records.push(...page.changeSets);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return records;
}

/** Every tenth COMMIT of one platform never arrives, and every tenth arrives and is never answered. */
function commitFate(sent: Buffer): Fate {
  if (!sent.includes("COMMIT")) return "arrives";
  return (["is lost", "loses its answer"] as const)[randomInt(10)] ?? "arrives";
}

const KILL = `
  SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
  WHERE application_name = 'algokeys' AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1`;

test(`${KILLS} killed backends and ${STOPS} immediate stops lose no acknowledged change set and make none twice`, async () => {
  const url = server().createDatabase();
  const home = folder();
  const weather = { rough: false };
  const wire = await startProxy(server().port, (sent) => (weather.rough ? commitFate(sent) : "arrives"));
  const through = new URL(url);
  through.port = String(wire.port);
  const platforms = await Promise.all([openShared(url, home), openShared(through.href, home)]);
  const killer = await openStore(url, { create: false });
  const [first] = platforms;
  await first.api.createAccount({ name: "acme", defaultKey: "none" });
  // Memory is kept too, so that the answers to deletions wait for replicas that come and go.
  await Promise.all(platforms.map(async ({ driver }) => await driver.generation()));
  weather.rough = true;
  const stop: Stop = { now: false, replayed: false };
  const writers = Array.from({ length: WRITERS }, (_, index) =>
    write((platforms[index % 2] ?? first).api, `writer${index}`, stop),
  );
  let killed = 0;
  let stopped = 0;
  while (killed < KILLS || stopped < STOPS || !stop.replayed) {
    await setTimeout(randomInt(30));
    const row = await killer.write((sql) => sql.get(KILL)).catch(() => undefined);
    if (row?.[0] === "true") killed++;
    if (stopped < STOPS && killed >= (stopped * KILLS) / STOPS) {
      stopped++;
      await server().stop("immediate");
      await server().start();
    }
  }
  stop.now = true;
  const acknowledged = (await Promise.all(writers)).flat();
  const records = await history(first.api);

  // Every change set was repeated until it was acknowledged: each is there, once, as it was answered.
  expect(records.map(({ revision }) => revision)).toEqual(records.map((_, index) => records.length - index));
  const answers = acknowledged.map(([{ changeSet, revision, results }]) => ({ id: changeSet, revision, results }));
  const told = records.map(({ id, revision, results }) => ({ id, revision, results }));
  expect(answers.sort((left, right) => right.revision - left.revision)).toEqual(told);
  // The test would show nothing if no call had met a failure, or none had been committed whose answer was lost.
  expect(acknowledged.filter(([, tries]) => tries > 1).length).toBeGreaterThan(STOPS);
  expect(acknowledged.filter(([{ replayed }]) => replayed).length).toBeGreaterThan(0);

  const live = new Map<string, number>();
  for (const { results } of records.toReversed()) {
    for (const { action, id, revision } of results) {
      if (action === "create") live.set(id, revision);
      else live.delete(id);
    }
  }
  const keys = await allKeys(first.api);
  expect(new Map(keys.map(({ id, revision }) => [id, revision]))).toEqual(live);
  expect(keys.every(({ credentials }) => credentials.length === 1)).toBe(true);
  await Promise.all([...platforms, killer].map((opened) => opened.close()));
  await wire.close();
}, 1_800_000);
