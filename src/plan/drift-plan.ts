import { nameKey } from "../core/key-name.ts";
import type { Plan } from "./plan.ts";

/** A plan restricted to keys that drifted: their declared values come back, and nothing else is done. */
export function revertPlan(plan: Plan, names: readonly string[]): Plan {
  const wanted = new Set(names.map(nameKey));
  const changes = plan.changes.filter(
    ({ action, name }) => action !== "create" && action !== "delete" && wanted.has(nameKey(name)),
  );
  const isConcerned = ({ keys }: { readonly keys: readonly string[] }): boolean =>
    keys.some((key) => wanted.has(nameKey(key)));
  return {
    ...plan,
    part: "revert",
    changes,
    unchanged: 0,
    unmanaged: [],
    drift: plan.drift.filter(({ name }) => wanted.has(nameKey(name))),
    refusals: plan.refusals.filter(isConcerned),
  };
}
