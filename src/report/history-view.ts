import type { AttributeChange } from "../plan/plan.ts";

/** A committed change set with what it changed, as every renderer of history takes it. */
export interface HistoryEntry {
  readonly id: string;
  readonly revision: number;
  readonly committedAt: string;
  readonly actor: string;
  readonly from: string | null;
  readonly address: string | null;
  readonly project: string | null;
  readonly message: string;
  readonly changes: readonly HistoryChange[];
}

/** One change of a change set. */
export interface HistoryChange {
  readonly action: string;
  readonly id: string;
  /** The name afterwards. */
  readonly name: string;
  /** The name before, where it differs. */
  readonly nameBefore: string | null;
  readonly credential: string | null;
  readonly attributes: readonly AttributeChange[];
  /** Whose it was and whose it is, where that changed. */
  readonly ownership: { readonly before: string | null; readonly after: string | null } | null;
}

/** How a change set came, as far as its record says: by an apply, Terraform, a hand, the account's making, or a project's own client. */
export function viaOf({ id, project, message }: Pick<HistoryEntry, "id" | "project" | "message">): string {
  if (planOf(id) !== null) return "apply";
  if (id.startsWith("account-")) return "account";
  if (message.startsWith("terraform:")) return "terraform";
  return project === null ? "hand" : "client";
}

/** The beginning of the digest of the plan that a change set carried out, or whose secrets it confirmed; null for any other. */
export function planOf(id: string): string | null {
  return /^(?:plan|confirm)-([0-9a-f]{16})-/.exec(id)?.[1] ?? null;
}
