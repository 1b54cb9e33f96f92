import type { Plan } from "../plan/plan.ts";
import { planCounts } from "./plan-counts.ts";
import { jsonDocument } from "./shown.ts";

/** A plan for programs: the plan itself and its counts, as `schemas/plan.schema.json` documents it. */
export function planJson(plan: Plan): string {
  return jsonDocument({ ...plan, counts: planCounts(plan) });
}
