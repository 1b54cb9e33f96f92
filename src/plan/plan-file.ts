import { canonicalJson } from "../core/canonical.ts";
import type { Sha256 } from "../core/token.ts";
import { planShapeProblem } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";

/** What reading a saved plan yields. `message` is one sentence for the author. */
export type PlanFileResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problem: PlanFileProblem; readonly message: string };

/** Why a file is not a plan to apply. */
export type PlanFileProblem = "not-a-plan" | "unknown-version" | "tampered";

/** No plan is larger: 100,000 keys, all new, take less than half of it. In characters. */
const MAX_LENGTH = 256 * 1024 * 1024;
/** No plan is deeper: an unconfirmed credential's id is the deepest value, at 6. */
const MAX_DEPTH = 8;

/**
 * A plan as a file: JSON with a digest over all the rest in canonical form, so that damage and careless edits are seen.
 * The digest is no signature: who can write the file can write a digest too.
 */
export function formatPlanFile(plan: Plan, sha256: Sha256): string {
  return `${JSON.stringify({ ...plan, digest: planDigest(plan, sha256) }, undefined, 2)}\n`;
}

/** Reads what {@link formatPlanFile} wrote; anything else is named for what it is, never half read. */
export function parsePlanFile(text: string, sha256: Sha256): PlanFileResult {
  const value = text.length > MAX_LENGTH ? undefined : readJson(text);
  if (!isObject(value) || isDeeper(value, MAX_DEPTH)) {
    return problem("not-a-plan", "This is not a plan file: make one with `algokeys plan --out FILE`.");
  }
  const { digest, ...rest } = value;
  if (typeof digest !== "string" || typeof rest["formatVersion"] !== "number") {
    return problem("not-a-plan", "This is JSON, but not a plan file: make one with `algokeys plan --out FILE`.");
  }
  if (rest["formatVersion"] !== 1) {
    const version = String(rest["formatVersion"]);
    return problem(
      "unknown-version",
      `This plan has format version ${version}; this algokeys reads version 1. Plan again.`,
    );
  }
  if (digest !== planDigest(rest, sha256)) {
    return problem("tampered", "This plan was changed after it was made: its digest does not hold. Plan again.");
  }
  const wrong = planShapeProblem(rest);
  if (wrong !== undefined)
    return problem("not-a-plan", `This is not a plan that algokeys made: ${wrong} is not valid.`);
  // The one place where foreign JSON becomes a plan: every field of it has just been checked.
  return { ok: true, plan: rest as unknown as Plan };
}

/** `sha256:` and the digest of a plan: what a review approves and a saved plan is bound to. */
export function planDigest(plan: object, sha256: Sha256): string {
  return `sha256:${sha256(canonicalJson(plan))}`;
}

function problem(code: PlanFileProblem, message: string): PlanFileResult {
  return { ok: false, problem: code, message };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // not JSON: reported by the caller
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Goes level by level instead of recursing, so that no depth can exhaust the stack. */
function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    const next: unknown[] = [];
    for (const one of level)
      if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) next.push(inner);
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
