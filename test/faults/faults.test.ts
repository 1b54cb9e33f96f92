import { env } from "node:process";
import { expect, test } from "vitest";
import { Violation } from "./judge.ts";
import { virtualPlatform } from "./platform.ts";
import type { Sabotage } from "./sabotage.ts";
import { runSchedule, type ScheduleOptions } from "./schedule.ts";

const SCHEDULES = env["ALGOKEYS_LONG"] === "1" ? 50_000 : 2_000;
/** Schedules run side by side, each on a platform of its own, because each waits for its platform's short pauses. */
const LANES = 6;
const ONE_SEED = env["ALGOKEYS_SEED"];

const TIME_LIMIT = 3_600_000;

/** Who is at work, and what is promised then. */
type Scene = Pick<ScheduleOptions, "leases" | "everyStep" | "afterCleanRun"> & { readonly most: 1 | 3 };

const SCENES = {
  /** What a sink holds is accepted after every step. */
  "one runner after the other": { most: 1, leases: false, everyStep: true, afterCleanRun: true },
  /** As the command runs: the lease, its fence and the sinks' guard hold back whoever stood still for too long. */
  "two or three runners at once": { most: 3, leases: true, everyStep: false, afterCleanRun: true },
  /** On a platform of before there were leases nothing is doubled, lost or confirmed wrongly; a sink may be overtaken. */
  "two or three runners without leases": { most: 3, leases: false, everyStep: false, afterCleanRun: false },
} as const satisfies Readonly<Record<string, Scene>>;
const NAMES = Object.keys(SCENES) as readonly (keyof typeof SCENES)[];
const SCHEDULES_EACH = Math.ceil(SCHEDULES / NAMES.length);

/** Two runs must overlap at the very moment when both write one place: that takes about a thousand schedules to meet. */
const RARE = 10_000;

interface Found {
  readonly seed: number;
  readonly message: string;
}

/** Runs schedules until all are done or one breaks a promise: the one with the least seed, of those that ran. */
async function search(scene: Scene, sabotage: Sabotage = "none", count = SCHEDULES_EACH): Promise<Found | undefined> {
  const { most, ...promised } = scene;
  const seeds = ONE_SEED === undefined ? Array.from({ length: count }, (_, index) => index) : [Number(ONE_SEED)];
  const queue = seeds.values();
  const found: Found[] = [];
  await Promise.all(
    Array.from({ length: Math.min(LANES, seeds.length) }, async () => {
      const platform = await virtualPlatform();
      try {
        for (const seed of queue) {
          if (found.length > 0) break;
          const runners = most === 1 ? 1 : seed % 2 === 0 ? 2 : 3;
          try {
            await runSchedule(platform, { seed, runners, sabotage, ...promised });
          } catch (error) {
            if (!(error instanceof Violation))
              throw new Error(`seed ${String(seed)}: ${String(error)}`, { cause: error });
            found.push({ seed, message: error.message });
          }
        }
      } finally {
        await platform.close();
      }
    }),
  );
  return found.sort((left, right) => left.seed - right.seed)[0];
}

function replay(seed: number, name: string): string {
  return `ALGOKEYS_SEED=${String(seed)} npx vitest run --config .config/vitest.config.ts --project all test/faults/faults.test.ts -t "${name},"`;
}

test.each(NAMES)(
  `whatever is lost, doubled, late or dies: %s, in ${String(SCHEDULES_EACH)} schedules (field row 16)`,
  async (name) => {
    const found = await search(SCENES[name]);
    if (found !== undefined)
      expect.fail(`seed ${String(found.seed)}: ${found.message}\n  again: ${replay(found.seed, name)}`);
  },
  TIME_LIMIT,
);

test.each([
  ["read-back-lies", "one runner after the other", "is acknowledged and never got to"],
  ["acknowledged-before-delivery", "one runner after the other", "is acknowledged and never got to"],
  ["no-preconditions", "two or three runners without leases", "was committed over one that its plan had not seen"],
] as const)(
  "the harness finds what breaks if it is taken away: %s",
  async (sabotage, name, due) => {
    const found = await search(SCENES[name], sabotage);
    expect(found?.message).toContain(due);
  },
  TIME_LIMIT,
);

test(
  "the harness finds what breaks if neither the lease nor the sinks hold back who was overtaken",
  async () => {
    const found = await search({ ...SCENES["two or three runners at once"], leases: false }, "no-guard", RARE);
    expect(found?.message).toMatch(/that is refused|does not open/);
  },
  TIME_LIMIT,
);
