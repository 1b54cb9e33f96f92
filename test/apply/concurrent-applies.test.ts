import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPlatform, tempFolders } from "../platform/open.ts";
import { openShared, postgresServer } from "../platform/postgres-open.ts";
import { overwrittenInSink, runPair, type PairOptions } from "./concurrent-applies.ts";
import { runApply, seeded, virtualTime } from "./virtual-runners.ts";
import { env, key } from "./world.ts";

const folder = tempFolders();
const server = postgresServer();
const LONG = process.env["ALGOKEYS_LONG"] === "1";
const FIRST_SEED = Number(process.env["ALGOKEYS_SEED"] ?? 1);

interface Totals {
  readonly faults: readonly string[];
  readonly ends: ReadonlyMap<string, number>;
}

/** Runs so many pairs of applies, with pauses longer than the lease, over one platform. */
async function runPairs(count: number, parts: Omit<PairOptions, "seed" | "folder">): Promise<Totals> {
  const files = folder();
  const faults: string[] = [];
  const ends = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    const outcome = await runPair({ ...parts, folder: files, seed });
    faults.push(...outcome.faults);
    for (const end of outcome.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return { faults, ends };
}

const START = Date.parse("2026-03-01T12:00:00.000Z");

async function overSqlite(count: number, leases: PairOptions["leases"]): Promise<Totals> {
  const clock = { now: START };
  const platform = await openPlatform(join(folder(), "platform.db"), { clock: () => clock.now });
  try {
    return await runPairs(count, { api: platform.api, clock, leases });
  } finally {
    await platform.close();
  }
}

// Replay one: ALGOKEYS_SEED=17 npx vitest run --config .config/vitest.config.ts --project all <this file> -t "no update"
test(
  "of two applies at once no update is lost, one wins each change, and the other is told",
  { timeout: 900_000 },
  async () => {
    const { faults, ends } = await overSqlite(LONG ? 500 : 60, "kept");
    expect(faults).toEqual([]);
    // The schedules reach what they are for: a lease that was held, one that was lost, and work that was done.
    expect([...ends.keys()]).toEqual(expect.arrayContaining(["held", "applied"]));
    expect([...ends.keys()].some((end) => end.includes("fenced") || end.includes("delivery"))).toBe(true);
  },
);

test("the same holds over PostgreSQL", async () => {
  const clock = { now: START };
  const platform = await openShared(server().createDatabase(), folder(), () => clock.now);
  try {
    const { faults } = await runPairs(LONG ? 100 : 6, { api: platform.api, clock, leases: "kept" });
    expect(faults).toEqual([]);
  } finally {
    await platform.close();
  }
});

test("without leases preconditions alone still lose no update", { timeout: 900_000 }, async () => {
  const { faults, ends } = await overSqlite(LONG ? 500 : 20, "none");
  expect(faults.filter((fault) => !fault.includes("sink"))).toEqual([]);
  expect([...ends.keys()].some((end) => /stale|conflict/.test(end))).toBe(true);
});

describe("a run that stands still between its commit and its sinks, while another one takes over", () => {
  test.each([
    ["finds its lease gone and leaves the later secret where it is", "kept", []],
    ["would put a revoked secret over it, if it did not ask", "unasked", ["the sink of new holds a revoked secret"]],
  ] as const)("%s", async (_, leases, faults) => {
    const clock = { now: START };
    const platform = await openPlatform(join(folder(), "platform.db"), { clock: () => clock.now });
    try {
      const { api } = platform;
      const place = folder();
      await api.createAccount({ name: "acme", defaultKey: "none" });
      const time = virtualTime(clock);
      const keys = [key("new", { deliver: [env("NEW")] })];
      const all = { api, time, random: seeded(1), account: "acme", keys, folder: place, pauses: 0, leases };
      const stopped = runApply({ ...all, stopAfterCommit: 300_000, waitMs: 0 });
      const later = time.sleep(20_000).then(() => runApply({ ...all, waitMs: 300_000 }));
      const [first, second] = await time.drive([stopped, later]);
      expect(second).toMatchObject({ type: "ran", report: { outcome: "applied" } });
      expect(first).toMatchObject({ type: "ran", report: { outcome: "applied-in-part" } });
      expect(await overwrittenInSink(api, "acme", place)).toEqual(faults);
    } finally {
      await platform.close();
    }
  });
});
