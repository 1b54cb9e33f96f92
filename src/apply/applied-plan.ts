import type { ChangeSetRecord } from "../api/change-set.ts";
import { MAX_PAGE, type CallOptions, type KeyApi } from "../api/key-api.ts";
import type { Sha256 } from "../core/token.ts";
import { planDigest } from "../plan/plan-file.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * An id for the change set that carries a plan out: it begins with the plan's digest, so that history tells which plan
 * it was. `drawn` makes it another one each time, because a plan whose work was undone may be applied again.
 */
export function changeSetIdOf(plan: Plan, sha256: Sha256, drawn: string): string {
  return `${idBeginning(plan, sha256)}${drawn}`;
}

/** An id for the change set that confirms what such a plan has delivered; history tells which plan it was. */
export function confirmationIdOf(plan: Plan, sha256: Sha256, drawn: string): string {
  return `confirm-${digestBeginning(plan, sha256)}-${drawn}`;
}

/** The change set that carried this very plan out, the latest of several; undefined if history since the plan has none. */
export async function findAppliedPlan(
  plan: Plan,
  api: KeyApi,
  sha256: Sha256,
  options: CallOptions,
): Promise<ChangeSetRecord | undefined> {
  const beginning = idBeginning(plan, sha256);
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } =
      cursor === null ? { limit: MAX_PAGE } : { limit: MAX_PAGE, cursor };
    const page: Awaited<ReturnType<KeyApi["listChangeSets"]>> = await api.listChangeSets(
      plan.account.name,
      query,
      options,
    );
    const found = page.changeSets.find(({ id }) => id.startsWith(beginning));
    if (found !== undefined) return found;
    // Newest first: what is no later than the plan cannot have come from it.
    const isPast = page.changeSets.some(({ revision }) => revision <= plan.account.revision);
    cursor = isPast ? null : page.nextCursor;
  } while (cursor !== null);
  return undefined;
}

function idBeginning(plan: Plan, sha256: Sha256): string {
  return `plan-${digestBeginning(plan, sha256)}-`;
}

/** 64 bits of the digest: enough to know one's own plan among an account's. */
function digestBeginning(plan: Plan, sha256: Sha256): string {
  return planDigest(plan, sha256).slice("sha256:".length).slice(0, 16);
}
