import type { Plan } from "../plan/plan.ts";
import type { Arrived } from "./acknowledge.ts";
import type { AppliedChange, SecretReport } from "./events.ts";
import type { Settlements } from "./settle-unconfirmed.ts";

/** A secret that every place held before this run: what the platform and the report are told of it. */
export interface FoundSecret {
  readonly arrived: Arrived;
  readonly reports: readonly SecretReport[];
}

/** The secrets that are confirmed instead of being issued anew. */
export function foundSecrets(plan: Plan, settled: Settlements): readonly FoundSecret[] {
  return plan.changes.flatMap((change): readonly FoundSecret[] => {
    if (change.action === "delete" || change.action === "create") return [];
    const { confirms = null, revokes = [] } = settled.get(change.name) ?? {};
    if (confirms === null || change.credential === null) return [];
    const { name: key, id } = change;
    const { fingerprint } = confirms;
    return [
      {
        arrived: { key, id, credential: confirms.id, revokes },
        reports: change.credential.deliver.map((delivery) => {
          return { key, delivery, fingerprint, status: "confirmed" as const, error: null };
        }),
      },
    ];
  });
}

/** The changes with those that were nothing but a confirmation, in the plan's order; `revision` is that of the confirmation. */
export function withConfirmed(
  plan: Plan,
  changes: readonly AppliedChange[],
  confirmed: ReadonlySet<string>,
  revision: number | null,
): readonly AppliedChange[] {
  const committed = new Map(changes.map((change) => [change.name, change]));
  return plan.changes.flatMap((change): readonly AppliedChange[] => {
    const { action, name } = change;
    const one = committed.get(name);
    if (one !== undefined) return [one];
    if (change.action === "create" || !confirmed.has(name) || revision === null) return [];
    return [{ action, name, id: change.id, revision }];
  });
}
