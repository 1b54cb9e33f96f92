import { PLAN_ACTIONS, type Plan, type PlanAction } from "../plan/plan.ts";
import { plural, shown } from "./shown.ts";

/** How many keys each action touches, how many stay as they are, and how many changes touch a credential. */
export type PlanCounts = Readonly<Record<PlanAction | "unchanged" | "credentials", number>>;

/** Counts a plan. */
export function planCounts(plan: Pick<Plan, "changes" | "unchanged">): PlanCounts {
  const none = Object.fromEntries(PLAN_ACTIONS.map((action) => [action, 0])) as Record<PlanAction, number>;
  const counts = { ...none, unchanged: plan.unchanged, credentials: 0 };
  for (const change of plan.changes) {
    counts[change.action]++;
    if (change.action !== "delete" && change.credential !== null) counts.credentials++;
  }
  return counts;
}

/**
 * The last line of a plan. People and scripts read it, so its form is fixed:
 * `Plan: 2 to create, 1 to update, 1 to delete. 12 unchanged.`
 */
export function countsLine(plan: Plan): string {
  const counts = planCounts(plan);
  const parts = PLAN_ACTIONS.flatMap((action) =>
    counts[action] === 0 ? [] : [`${String(counts[action])} to ${actionWord(action)}`],
  );
  if (parts.length === 0 && plan.account.action === "create")
    parts.push(`account ${shown(plan.account.name)} to create`);
  const kept = plan.unchanged === 0 ? "" : ` ${String(plan.unchanged)} unchanged.`;
  if (parts.length > 0) return `Plan: ${parts.join(", ")}.${kept}`;
  // A guard may hold back a declared key altogether; then the live keys do not match, though nothing would change.
  if (plan.refusals.length > 0) return `Plan: nothing to do.${kept}`;
  if (plan.undoes !== undefined) return "No changes. There is nothing to undo.";
  // Only what destroys is made from no file.
  if (plan.declaration.files.length === 0 && plan.unchanged === 0) {
    return `Nothing to delete: the project ${shown(plan.project)} has no live keys.`;
  }
  return `No changes. Live keys match the declaration. ${plural(plan.unchanged, "key")}.`;
}

/** An action in words. */
export function actionWord(action: PlanAction): string {
  return action === "take-over" ? "take over" : action;
}
