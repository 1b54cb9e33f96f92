import type { Diagnostic } from "../core/diagnostic.ts";
import type { Plan } from "../plan/plan.ts";
import { planCounts } from "./plan-counts.ts";
import { jsonDocument } from "./shown.ts";

/** A plan for programs: the plan itself, its counts and the declaration's warnings; `schemas/plan.schema.json` documents it. */
export function planJson(plan: Plan, warnings: readonly Diagnostic[] = []): string {
  return jsonDocument({ ...plan, counts: planCounts(plan), warnings });
}
