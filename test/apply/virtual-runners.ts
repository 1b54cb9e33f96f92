import { randomBytes } from "node:crypto";
import { KeyApiError } from "../../src/api/errors.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import type { ApplyReport } from "../../src/apply/events.ts";
import { refresh } from "../../src/apply/refresh.ts";
import { LeaseHeld, runnerLease } from "../../src/apply/runner-lease.ts";
import type { Sink, Sinks } from "../../src/apply/sink.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { finish, newId, sha256 } from "./world.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A clock that moves only when all who wait for it wait, over real work that is waited for. */
export interface VirtualTime {
  readonly clock: { now: number };
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Counts real work, during which the clock stands still. */
  work<T>(run: () => Promise<T>): Promise<T>;
  /** Moves the clock on until all of this is done. */
  drive<T>(runs: readonly Promise<T>[]): Promise<readonly T[]>;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

export function virtualTime(clock: { now: number }): VirtualTime {
  const timers = new Set<Timer>();
  let working = 0;
  const idle = async (): Promise<void> => {
    do await new Promise(setImmediate);
    while (working > 0);
    await new Promise(setImmediate);
  };
  return {
    clock,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const wake = (): void => {
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const timer = { at: clock.now + ms, wake };
        timers.add(timer);
        const stop = (): void => {
          timers.delete(timer);
          reject(signal?.reason as Error);
        };
        if (signal?.aborted === true) stop();
        else signal?.addEventListener("abort", stop, { once: true });
      }),
    work: async (run) => {
      working++;
      try {
        return await run();
      } finally {
        working--;
      }
    },
    drive: async (runs) => {
      let pending = runs.length;
      const done = (): void => {
        pending--;
      };
      for (const run of runs) run.then(done, done);
      for (;;) {
        await idle();
        if (working > 0) continue;
        if (pending === 0) return await Promise.all(runs);
        const [next] = [...timers].sort((left, right) => left.at - right.at);
        if (next === undefined) throw new Error("everyone waits, and nobody for the clock");
        timers.delete(next);
        clock.now = Math.max(clock.now, next.at);
        next.wake();
      }
    },
  };
}

/** What a runner of a pair does, and what is taken from it to show that it counts. */
export interface RunnerOptions {
  readonly api: KeyApi;
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly account: string;
  readonly keys: readonly ManifestKey[];
  readonly folder: string;
  /** How likely it is that the runner stands still, longer than its lease, before and after a call. */
  readonly pauses: number;
  /** `none`: a platform of before there were leases. `unasked`: sinks are written without asking for the lease. */
  readonly leases: "kept" | "none" | "unasked";
  /** How long the runner stands still right after its commit, in milliseconds. */
  readonly stopAfterCommit?: number;
  /** How long it waits for another run; absent: by chance. */
  readonly waitMs?: number;
}

/** How a run ended: its plan and its report, or that another run had the lease. */
export type RunnerEnd =
  | { readonly type: "held" }
  | { readonly type: "refused"; readonly plan: Plan }
  | { readonly type: "ran"; readonly plan: Plan; readonly report: ApplyReport };

const PAUSE_MS = { least: 61_000, most: 240_000 } as const;

/** Runs one apply as the command line does: lease, reading, plan, apply, and the lease back. */
export async function runApply(options: RunnerOptions): Promise<RunnerEnd> {
  const { time, random, account, keys, folder, leases } = options;
  const { clock } = time;
  let stoppedUntil = 0;

  /** A stopped process does nothing at all, not even keep its lease up. */
  async function running(): Promise<void> {
    while (clock.now < stoppedUntil) await time.sleep(stoppedUntil - clock.now);
  }
  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await time.sleep(ms, signal);
    await running();
  }
  async function through<T>(call: () => Promise<T>): Promise<T> {
    await travel();
    const result = await time.work(call);
    await travel();
    return result;
  }
  async function travel(): Promise<void> {
    if (random() < options.pauses) {
      stoppedUntil = clock.now + PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least);
    }
    await sleep(random() * 1_000);
  }

  const reached = slow(options.api, through, leases === "none");
  let commits = 0;
  const api: KeyApi = {
    ...reached,
    commit: async (...call) => {
      const result = await reached.commit(...call);
      if (commits++ === 0) {
        stoppedUntil = Math.max(stoppedUntil, clock.now + (options.stopAfterCommit ?? 0));
        await running();
      }
      return result;
    },
  };
  const lease = runnerLease({
    api,
    now: () => clock.now,
    account,
    project: "shop",
    runner: newId(),
    holder: { host: "test", process: "test", command: "apply" },
    waitMs: options.waitMs ?? (random() < 0.5 ? 0 : 600_000),
    waiting: () => undefined,
    missing: () => undefined,
    random: randomBytes,
    sleep,
  });
  try {
    await lease.take();
    const live = await refresh(api, account, { url: "https://keys.example" });
    const source = { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` };
    const guards = { adopt: false, maxDeletes: { percent: 100 }, allowLockout: false, reveal: false };
    const made = new Date(clock.now).toISOString();
    const plan = computePlan({ account, project: "shop", keys, source }, live, guards, { createdAt: made });
    const run = applyPlan(plan, {
      api,
      lease: leases === "unasked" ? { ...lease, holds: () => Promise.resolve(true) } : lease,
      random: randomBytes,
      sha256,
      newId,
      sinks: slowSinks(folder, time, through),
      sleep,
    });
    return { type: "ran", plan, report: (await finish(run)).report };
  } catch (error) {
    if (error instanceof LeaseHeld) return { type: "held" };
    throw error;
  } finally {
    await lease.release();
  }
}

type Through = <T>(call: () => Promise<T>) => Promise<T>;

function slow(api: KeyApi, through: Through, withoutLeases: boolean): KeyApi {
  const none = (): Promise<never> => Promise.reject(new KeyApiError("not-found", "There is no such route."));
  return {
    platform: (call) => through(() => api.platform(call)),
    whoami: (call) => through(() => api.whoami(call)),
    createAccount: (...call) => through(() => api.createAccount(...call)),
    getAccount: (...call) => through(() => api.getAccount(...call)),
    listKeys: (...call) => through(() => api.listKeys(...call)),
    getKey: (...call) => through(() => api.getKey(...call)),
    commit: (...call) => through(() => api.commit(...call)),
    listChangeSets: (...call) => through(() => api.listChangeSets(...call)),
    listChanges: (...call) => through(() => api.listChanges(...call)),
    takeLease: (...call) => through(withoutLeases ? none : () => api.takeLease(...call)),
    renewLease: (...call) => through(withoutLeases ? none : () => api.renewLease(...call)),
    releaseLease: (...call) => through(withoutLeases ? none : () => api.releaseLease(...call)),
  };
}

/**
 * Real files. A runner may stand still before and after it writes, but not between its last question for the lease and
 * the write: nothing can hold it back there (the honest limit).
 */
function slowSinks(folder: string, time: VirtualTime, through: Through): Sinks {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const slowed = Object.entries<Sink>(deliverySinks({ root: folder, sha256, sleep: wait })).map(
    ([kind, sink]): [string, Sink] => [
      kind,
      {
        deliver: (secrets) => time.work(() => sink.deliver(secrets)),
        readBack: (delivery) => through(() => sink.readBack(delivery)),
      },
    ],
  );
  return Object.fromEntries(slowed) as unknown as Sinks; // the same kinds, each with its sink
}
