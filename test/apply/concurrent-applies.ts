import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ChangeSetRecord } from "../../src/api/change-set.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { refresh } from "../../src/apply/refresh.ts";
import type { ApiKey } from "../../src/core/api-key.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { runApply, seeded, virtualTime, type RunnerEnd, type RunnerOptions } from "./virtual-runners.ts";
import { env, key, sha256, sleep } from "./world.ts";

/** A pair of applies at one moment, over a real platform and real files. */
export interface PairOptions {
  readonly api: KeyApi;
  readonly clock: { now: number };
  readonly folder: string;
  readonly seed: number;
  readonly leases: RunnerOptions["leases"];
}

/** What is wrong after a pair of applies, and how its two runs ended. */
export interface PairOutcome {
  readonly faults: readonly string[];
  readonly ends: readonly string[];
}

/** Runs a pair and then one undisturbed apply, and says which promises were broken. */
export async function runPair({ api, clock, folder, seed, leases }: PairOptions): Promise<PairOutcome> {
  const random = seeded(seed);
  const account = `pair${String(seed)}`;
  const place = join(folder, account);
  mkdirSync(place);
  await api.createAccount({ name: account, defaultKey: "none" });
  const runner = (keys: readonly ManifestKey[], pauses: number): Promise<RunnerEnd> =>
    runApply({ api, time, random, account, keys, folder: place, pauses, leases });
  const time = virtualTime(clock);
  await time.drive([runner(FIRST, 0)]);

  const manifests = [variant(random, "left"), variant(random, "right")];
  const ends = await time.drive(manifests.map((keys) => runner(keys, 0.12)));
  const { changeSets } = await api.listChangeSets(account, { limit: 100 });
  const history = changeSets.toReversed();
  const faults = [...lostUpdates(ends, history), ...untold(ends, history)];

  const last = ends.map(commitOf).reduce((latest, end, at) => (end > commitOf(ends[latest]) ? at : latest), 0);
  const keys = manifests[last] ?? [];
  faults.push(...(await overwrittenInSink(api, account, place)));
  const [again] = await time.drive([runner(keys, 0)]);
  const repeated = again?.type === "ran" ? again.plan.changes.map(({ action }) => action) : [];
  // The later of the two commits stands: nothing of it is to be done again but what its holders did not get.
  if (ends.some((end) => commitOf(end) > 0) && repeated.some((action) => action !== "issue")) {
    faults.push(`the last commit did not last: ${repeated.join(", ")}`);
  }
  const [empty] = await time.drive([runner(keys, 0)]);
  if (empty?.type !== "ran" || empty.report.outcome !== "nothing-to-do")
    faults.push("a clean re-run has something to do");
  faults.push(...(await overwrittenInSink(api, account, place)));
  return { faults: faults.map((fault) => `seed ${String(seed)}: ${fault}`), ends: ends.map(endText) };
}

const FIRST = [
  key("web", { deliver: [env("WEB")] }),
  key("app", { deliver: [env("APP")] }),
  key("job", { deliver: [env("JOB")] }),
];

/** Each of the two wants something else of the same keys. */
function variant(random: () => number, side: "left" | "right"): readonly ManifestKey[] {
  const data = side === "left" ? ("read" as const) : ("readwrite" as const);
  const keys: ManifestKey[] = [key("web", { deliver: [env("WEB")], spec: { algorithms: ["algo://*"], data } })];
  if (random() < 0.6) keys.push(key("app", { deliver: [env("APP")] }));
  keys.push(key(random() < 0.7 ? "job" : "Job", { deliver: [env("JOB")] }));
  if (random() < 0.8) {
    keys.push(key("new", { deliver: [env("NEW")], spec: { algorithms: [], description: side } }));
  }
  return keys;
}

/** The revision of a run's own change set; 0 if it has none. */
function commitOf(end: RunnerEnd | undefined): number {
  return end?.type === "ran" ? Math.max(0, ...end.report.changes.map(({ revision }) => revision)) : 0;
}

/** Every change must have been made of what was live right before it; of one state, one change can win. */
function lostUpdates(ends: readonly RunnerEnd[], history: readonly ChangeSetRecord[]): readonly string[] {
  return ends.flatMap((end) => {
    if (end.type !== "ran" || end.report.changeSet === null || end.report.changes.length === 0) return [];
    const { report, plan } = end;
    const at = history.findIndex(({ id }) => id === report.changeSet);
    if (at < 0) return [`${String(report.changeSet)} is told as committed, and is not`];
    const before = history.slice(0, at).flatMap(({ results }) => results);
    return plan.changes.flatMap((change) => {
      if (change.action === "create") return [];
      const seen = before.findLast(({ id }) => id === change.id)?.revision;
      return seen === change.revision
        ? []
        : [`${change.name} was changed as of ${String(change.revision)}, not ${String(seen)}`];
    });
  });
}

/** Whoever did not get all of its plan through must have been told. */
function untold(ends: readonly RunnerEnd[], history: readonly ChangeSetRecord[]): readonly string[] {
  return ends.flatMap((end) => {
    if (end.type !== "ran") return [];
    const { report, plan } = end;
    const committed = history.some(({ id }) => id === report.changeSet);
    if (report.outcome === "nothing-to-do")
      return plan.changes.length === 0 ? [] : ["nothing-to-do for a plan of changes"];
    if (report.outcome === "failed") {
      const code = report.error?.code ?? "";
      if (!["fenced", "stale", "conflict"].includes(code)) return [`failed with ${code}`];
      return committed ? ["told as failed, and committed"] : [];
    }
    return committed ? [] : [`told as ${report.outcome}, and not committed`];
  });
}

/** What was confirmed last stands in the sink: no run may have put its own secret over that of a later one. */
export async function overwrittenInSink(api: KeyApi, account: string, folder: string): Promise<readonly string[]> {
  const { keys } = await refresh(api, account, { url: "https://keys.example" });
  const sinks = deliverySinks({ root: folder, sha256, sleep });
  const names: Readonly<Record<string, string>> = { web: "WEB", app: "APP", job: "JOB", new: "NEW" };
  const faults: string[] = [];
  for (const live of keys) {
    const name = names[live.name.toLowerCase()] ?? "";
    const held = (await sinks.dotenv.readBack({ to: "dotenv", file: ".env", name })) ?? null;
    const fate = fateOf(live, held);
    if (fate !== undefined) faults.push(`the sink of ${live.name} holds ${fate}`);
  }
  return faults;
}

function fateOf({ credentials }: ApiKey, held: string | null): string | undefined {
  const newest = credentials.at(-1);
  if (newest === undefined || newest.acknowledgedAt === null || held === newest.fingerprint) return undefined;
  const credential = credentials.find(({ fingerprint }) => fingerprint === held);
  if (credential === undefined) return held === null ? "nothing" : "what is no secret of it";
  return credential.revokedAt === null ? "an older secret" : "a revoked secret";
}

function endText(end: RunnerEnd): string {
  if (end.type !== "ran") return end.type;
  return end.report.error === null ? end.report.outcome : `${end.report.outcome} ${end.report.error.code}`;
}
