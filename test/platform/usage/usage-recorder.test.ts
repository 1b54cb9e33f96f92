import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore } from "../../../src/platform/store/open-store.ts";
import type { SqlDriver } from "../../../src/platform/store/sql-driver.ts";
import { PAIR_LIMITS, type CallUse } from "../../../src/platform/usage/call-use.ts";
import { usageRecorder, type UsageRecorder } from "../../../src/platform/usage/usage-recorder.ts";
import { usageOf, type KeyUsage } from "../../../src/platform/usage/usage-store.ts";
import { postgresServer } from "../postgres-open.ts";
import { tempFolders } from "../open.ts";

const AT = Date.parse("2026-03-01T12:34:56.000Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const folder = tempFolders();
const postgres = postgresServer();

const STORES: readonly (readonly [string, () => Promise<string>])[] = [
  ["SQLite", () => Promise.resolve(`file:${join(folder(), "platform.db")}`)],
  ["PostgreSQL", () => Promise.resolve(postgres().createDatabase())],
];

describe.each(STORES)("usage over %s", (_name, makeUrl) => {
  let driver: SqlDriver;
  let url: string;
  let recorders: UsageRecorder[];
  let failures: unknown[];

  beforeEach(async () => {
    url = await makeUrl();
    driver = await openStore(url, { create: true });
    recorders = [];
    failures = [];
  });

  afterEach(async () => {
    for (const recorder of recorders) await recorder.close();
    await driver.close();
  });

  function recorder(through: Pick<SqlDriver, "write"> = driver, interval = HOUR): UsageRecorder {
    const made = usageRecorder({ driver: through, failed: (error) => failures.push(error), interval });
    recorders.push(made);
    return made;
  }

  function use(fields: Partial<CallUse> = {}): CallUse {
    return { keyId: "k1", target: "algo://demo/hello", origin: "native", allowed: true, at: AT, ...fields };
  }

  async function read(keyId = "k1", since?: string): Promise<KeyUsage> {
    return await driver.read((sql) => usageOf(sql, keyId, { since }));
  }

  test("of a key that was never used is empty", async () => {
    expect(await read()).toEqual({ lastUsedAt: null, counts: [] });
  });

  test("is counted per hour, target and origin, and added to what is there", async () => {
    const { record, flush } = recorder();
    const page = { origin: "https://a.example" };
    for (const each of [
      use(),
      use({ at: AT + 1 }),
      use({ allowed: false }),
      use(page),
      use({ at: AT + HOUR }),
      use({ keyId: "k2" }),
    ])
      record(each);
    await flush();
    record(use({ at: AT + 2 }));
    await flush();
    const at = { target: "algo://demo/hello", origin: "native" };
    expect(await read()).toEqual({
      lastUsedAt: "2026-03-01T13:34:56.000Z",
      counts: [
        { ...at, hour: "2026-03-01T13:00:00.000Z", allowed: 1, denied: 0 },
        { ...at, ...page, hour: "2026-03-01T12:00:00.000Z", allowed: 1, denied: 0 },
        { ...at, hour: "2026-03-01T12:00:00.000Z", allowed: 3, denied: 1 },
      ],
    });
    for (const since of ["2026-03-01T13:00:00Z", "2026-03-01T13:59:59.999Z"]) {
      expect((await read("k1", since)).counts).toHaveLength(1);
    }
    expect((await read("k2")).counts).toHaveLength(1);
  });

  test("has no last use where everything was refused, and never goes back", async () => {
    const { record, flush } = recorder();
    record(use({ allowed: false }));
    await flush();
    expect((await read()).lastUsedAt).toBeNull();
    record(use({ at: AT + 1000 }));
    await flush();
    record(use({ at: AT }));
    await flush();
    expect((await read()).lastUsedAt).toBe("2026-03-01T12:34:57.000Z");
  });

  test("is written by itself every interval, and without waiting when there is much", async () => {
    const often = recorder(driver, 20);
    often.record(use());
    await vi.waitUntil(async () => (await read()).counts.length === 1);
    const full = recorder();
    for (let index = 0; index < 10_000; index++) full.record(use({ keyId: `many-${index}` }));
    await vi.waitUntil(() => full.stats().pending === 0, { timeout: 30_000 });
    await full.flush();
    expect((await read("many-9999")).counts).toHaveLength(1);
  });

  test("is not written without end while calls come without end", async () => {
    let writes = 0;
    const counted = {
      write: <T>(work: Parameters<typeof driver.write<T>>[0]): Promise<T> => {
        record(use({ keyId: `during-${++writes}` }));
        return driver.write(work);
      },
    };
    const { record, flush, stats } = recorder(counted);
    for (let index = 0; index < 600; index++) record(use({ keyId: `k-${index}` }));
    await flush();
    expect([writes, stats().pending]).toEqual([3, 3]);
  });

  test("is written whole at the end, whatever is under way", async () => {
    const { record, flush, close } = recorder();
    for (let index = 0; index < 2500; index++) record(use({ keyId: `k-${index}` }));
    void flush();
    record(use({ keyId: "last" }));
    await close();
    const row = await driver.read((sql) => sql.get("SELECT count(*) FROM usage"));
    expect(Number(row?.[0])).toBe(2501);
    expect((await read("last")).lastUsedAt).not.toBeNull();
  });

  test("survives a database that fails: nothing is lost or counted twice, and the failures are told", async () => {
    let broken = true;
    const failing = {
      write: <T>(work: Parameters<typeof driver.write<T>>[0]): Promise<T> =>
        broken ? Promise.reject(new Error("the database is gone")) : driver.write(work),
    };
    const { record, flush, stats } = recorder(failing);
    record(use());
    await flush();
    record(use({ at: AT + 5 }));
    record(use({ origin: "https://a.example", allowed: false }));
    await flush();
    expect([failures.length, stats()]).toEqual([2, { pending: 2, dropped: 0 }]);
    broken = false;
    await flush();
    expect(stats().pending).toBe(0);
    const usage = await read();
    expect(usage.lastUsedAt).toBe("2026-03-01T12:34:56.005Z");
    expect(usage.counts.map(({ allowed, denied }) => [allowed, denied])).toEqual([[0, 1], [2, 0]]); // prettier-ignore
  });

  test("is bounded while the database is gone, and what is dropped is counted", async () => {
    const failing = { write: () => Promise.reject(new Error("the database is gone")) };
    const { record, stats } = recorder(failing);
    for (let index = 0; index < 50_010; index++) record(use({ keyId: `k-${index}` }));
    expect(stats()).toEqual({ pending: 50_000, dropped: 10 });
    record(use({ keyId: "k-0" }));
    expect(stats().dropped).toBe(10);
    await Promise.resolve();
  });

  test("cannot be grown by who makes up names: they become other, and allowed calls keep their own", async () => {
    const { record, flush } = recorder();
    for (let index = 0; index < 1000; index++) record(use({ target: `algo://x/y${index}`, allowed: false }));
    for (let index = 0; index < 1000; index++) record(use({ origin: `https://h${index}.example`, allowed: false }));
    for (let index = 0; index < 1000; index++) record(use({ target: `algo://ok/y${index}` }));
    await flush();
    const { counts } = await read();
    expect(counts).toHaveLength(PAIR_LIMITS.all + 1);
    const other = counts.find(({ target }) => target === "other");
    const named = PAIR_LIMITS.all - PAIR_LIMITS.fromDenials;
    expect(other).toMatchObject({ origin: "other", allowed: 1000 - named, denied: 2000 - PAIR_LIMITS.fromDenials });
    record(use({ target: "algo://next/hour", at: AT + HOUR }));
    record(use({ target: "algo://other/key", keyId: "k2" }));
    await flush();
    expect((await read()).counts[0]?.target).toBe("algo://next/hour");
    expect((await read("k2")).counts[0]?.target).toBe("algo://other/key");
  });

  test("is forgotten after 90 days, for keys that are used", async () => {
    const { record, flush } = recorder();
    record(use({ at: AT - 91 * DAY }));
    record(use({ keyId: "idle", at: AT - 91 * DAY }));
    await flush();
    record(use());
    await flush();
    expect((await read()).counts.map(({ hour }) => hour)).toEqual(["2026-03-01T12:00:00.000Z"]);
    expect((await read("idle")).counts).toHaveLength(1);
  });

  test("of several servers on one database adds up", async () => {
    const others = await Promise.all([1, 2, 3].map(() => openStore(url, { create: false })));
    const each = [driver, ...others].map((one) => recorder(one));
    for (let round = 0; round < 5; round++) {
      for (const one of each) for (let key = 0; key < 50; key++) one.record(use({ keyId: `k${key}` }));
      await Promise.all(each.map((one) => one.flush()));
    }
    await Promise.all(each.map((one) => one.close()));
    for (const key of [0, 25, 49]) expect((await read(`k${key}`)).counts[0]?.allowed).toBe(20);
    expect(failures).toEqual([]);
    for (const other of others) await other.close();
  });
});

test("counting a call takes no turn of the event loop and writes nothing by itself", async () => {
  let writes = 0;
  const driver = {
    write: (): Promise<never> => {
      writes++;
      return Promise.reject(new Error("not here"));
    },
  };
  const { record, close } = usageRecorder({ driver, failed: () => undefined, interval: HOUR });
  record({ keyId: "k", target: "data:read", origin: "native", allowed: true, at: AT });
  await sleep(10);
  expect(writes).toBe(0);
  await close();
  expect(writes).toBe(1);
});
