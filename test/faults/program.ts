import type { KeyApi } from "../../src/api/key-api.ts";
import { LEASE_MS } from "../../src/api/lease.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { refresh } from "../../src/apply/refresh.ts";
import { HEARTBEAT_MS, runnerLease, type RunnerLease } from "../../src/apply/runner-lease.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { finish, sha256 } from "../apply/world.ts";
import type { Draws } from "./draws.ts";
import { liveKeys, Violation, type Judge } from "./judge.ts";
import type { Places } from "./places.ts";
import type { VirtualPlatform } from "./platform.ts";
import { startRunner, untilAborted, type Runner } from "./runner.ts";

/** What runs work on. */
export interface Work {
  readonly account: string;
  readonly platform: VirtualPlatform;
  readonly places: Places;
  /** What runs draw their secrets and ids from. */
  readonly secrets: Draws;
  /** Whether runs take the lease of their project, as the command does; without, the platform is of a version before leases. */
  readonly leases: boolean;
}

const OPTIONS = { adopt: false, maxDeletes: { percent: 100 }, allowLockout: false, reveal: false };
/** The next heartbeat of a run that is done at once. */
const NEVER = new Promise<never>(() => undefined);
const PROJECT = "storefront";
const SOURCE = { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` };

/** What one run of the command does, from taking its lease to giving it back: our own code, all of it. */
export async function planAndApply(
  work: Work,
  keys: readonly ManifestKey[],
  runner: Runner,
  api: KeyApi,
  planned: (plan: Plan) => void,
): Promise<string> {
  const lease = leaseOf(work, runner, api);
  try {
    await lease?.take();
    return await underLease({ work, keys, runner, api, planned, lease });
  } finally {
    await lease?.release();
  }
}

function leaseOf({ account, platform, secrets, leases }: Work, runner: Runner, api: KeyApi): RunnerLease | undefined {
  if (!leases) return undefined;
  return runnerLease({
    api,
    now: platform.now,
    account,
    project: PROJECT,
    runner: idFrom(secrets),
    holder: { host: "host", process: runner.name, command: "algokeys apply" },
    waitMs: secrets.pick([0, 3_000]),
    waiting: () => undefined,
    missing: () => undefined,
    random: (count) => secrets.bytes(count),
    sleep: (ms, until) =>
      runner.pause(
        ms === HEARTBEAT_MS ? "waits for its heartbeat" : "waits",
        () => {
          platform.advance(ms);
        },
        until,
      ),
    signal: runner.abort.signal,
  });
}

function idFrom(secrets: Draws): string {
  return Buffer.from(secrets.bytes(12)).toString("hex");
}

interface Run {
  readonly work: Work;
  readonly keys: readonly ManifestKey[];
  readonly runner: Runner;
  readonly api: KeyApi;
  readonly planned: (plan: Plan) => void;
  readonly lease: RunnerLease | undefined;
}

async function underLease({ work, keys, runner, api, planned, lease }: Run): Promise<string> {
  const { signal } = runner.abort;
  const plan = await planFor(work, keys, api, signal);
  if (plan.refusals.length > 0) return "refused";
  planned(plan);
  const { report } = await finish(
    applyPlan(plan, {
      api,
      random: (count) => runner.atOnce("draws", () => work.secrets.bytes(count)),
      newId: () => runner.atOnce("draws an id", () => idFrom(work.secrets)),
      sha256,
      sinks: work.places.sinksFor(runner),
      sleep: (ms, aborted) =>
        runner.step("waits", () => {
          aborted?.throwIfAborted();
          work.platform.advance(ms);
        }),
      signal,
      lease,
    }),
  );
  return report.error === null ? report.outcome : `${report.outcome}: ${report.error.message}`;
}

/**
 * A run without any fault, by an author who does what a refused plan says. Gives what was declared: without its renames, if
 * those are refused.
 */
export async function cleanRun(
  work: Work,
  declared: readonly ManifestKey[],
  judged: Judge,
): Promise<readonly ManifestKey[]> {
  const isRefused = async (keys: readonly ManifestKey[]): Promise<boolean> =>
    (await planOnly(work, keys)).refusals.length > 0;
  const keys = (await isRefused(declared)) ? declared.map((key) => ({ ...key, renamedFrom: null })) : declared;
  work.platform.advance(LEASE_MS); // the time that a run which died holds its lease
  if (await isRefused(keys)) {
    // A key that was renamed and then changed by hand may be the one that is made: what goes, goes first.
    const live = new Set((await liveKeys(work.platform.api, work.account)).map(({ name }) => name));
    await undisturbedRun(
      work,
      keys.filter(({ name }) => live.has(name)),
      judged,
    );
  }
  await undisturbedRun(work, keys, judged);
  return keys;
}

async function undisturbedRun(work: Work, keys: readonly ManifestKey[], judged: Judge): Promise<void> {
  let plan: Plan | undefined;
  const api: KeyApi = {
    ...work.platform.api,
    commit: async (account, changeSet, options) => {
      const seen = await judged.committing(changeSet, plan);
      const result = await work.platform.api.commit(account, changeSet, options);
      seen(result.replayed);
      return result;
    },
  };
  const came = await planAndApply(work, keys, undisturbed(), api, (made) => (plan = made));
  if (came !== "applied" && came !== "nothing-to-do") throw new Violation(`a clean run ends with ${came}`);
}

/** The plan for these keys, read past all faults. */
export function planOnly(work: Work, keys: readonly ManifestKey[]): Promise<Plan> {
  return planFor(work, keys, work.platform.api, undefined);
}

async function planFor(
  { account, platform }: Work,
  keys: readonly ManifestKey[],
  api: KeyApi,
  signal: AbortSignal | undefined,
): Promise<Plan> {
  const live = await refresh(api, account, { url: "file:platform.db", signal });
  const made = { createdAt: new Date(platform.now()).toISOString() };
  return computePlan({ account, project: PROJECT, keys, source: SOURCE }, live, OPTIONS, made);
}

/** A runner whose every step is done at once. */
function undisturbed(): Runner {
  const runner = startRunner("clean", { send: () => undefined, crashNow: () => false }, () => Promise.resolve());
  return {
    ...runner,
    step: (_, run) => Promise.resolve().then(run),
    pause: (_what, _run, signal) => untilAborted(NEVER, signal),
  };
}
