import type { KeyApi } from "../../src/api/key-api.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { refresh } from "../../src/apply/refresh.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { finish, sha256 } from "../apply/world.ts";
import type { Draws } from "./draws.ts";
import { Violation } from "./judge.ts";
import type { Places } from "./places.ts";
import type { VirtualPlatform } from "./platform.ts";
import { startRunner, type Runner } from "./runner.ts";

/** What runs work on. */
export interface Work {
  readonly account: string;
  readonly platform: VirtualPlatform;
  readonly places: Places;
  /** What runs draw their secrets and ids from. */
  readonly secrets: Draws;
}

const OPTIONS = { adopt: false, maxDeletes: { percent: 100 }, allowLockout: false, reveal: false };
const SOURCE = { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` };

/** What one run of the command does, from reading the platform to the last acknowledgement: our own code, all of it. */
export async function planAndApply(
  work: Work,
  keys: readonly ManifestKey[],
  runner: Runner,
  api: KeyApi,
  planned: (plan: Plan) => void,
): Promise<string> {
  const { signal } = runner.abort;
  const plan = await planFor(work, keys, api, signal);
  if (plan.refusals.length > 0) return "refused";
  planned(plan);
  const { report } = await finish(
    applyPlan(plan, {
      api,
      random: (count) => runner.atOnce("draws", () => work.secrets.bytes(count)),
      newId: () => runner.atOnce("draws an id", () => Buffer.from(work.secrets.bytes(12)).toString("hex")),
      sha256,
      sinks: work.places.sinksFor(runner),
      sleep: (ms, aborted) =>
        runner.step("waits", () => {
          aborted?.throwIfAborted();
          work.platform.advance(ms);
        }),
      signal,
    }),
  );
  return report.error === null ? report.outcome : `${report.outcome}: ${report.error.message}`;
}

/** A run without any fault. Gives what it declared: without its renames, if those are refused. */
export async function cleanRun(work: Work, declared: readonly ManifestKey[]): Promise<readonly ManifestKey[]> {
  const refused = (await planOnly(work, declared)).refusals.length > 0;
  const keys = refused ? declared.map((key) => ({ ...key, renamedFrom: null })) : declared;
  const runner = undisturbed();
  const came = await planAndApply(work, keys, runner, work.platform.api, () => undefined);
  if (came !== "applied" && came !== "nothing-to-do") throw new Violation(`a clean run ends with ${came}`);
  return keys;
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
  return computePlan({ account, project: "storefront", keys, source: SOURCE }, live, OPTIONS, made);
}

/** A runner whose every step is done at once. */
function undisturbed(): Runner {
  const runner = startRunner("clean", { send: () => undefined, crashNow: () => false }, () => Promise.resolve());
  return { ...runner, step: (_, run) => Promise.resolve().then(run) };
}
