import { nameKey } from "../../core/key-name.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { error } from "./diagnostics.ts";

/**
 * What one process of the provider has met of Terraform's state and of its blocks. Terraform plans each block by itself, and a
 * replacement as a key that is made and one that is destroyed: only together they show that both are one key, which is
 * never replaced. Names are those of {@link keySubject}, {@link nameSubject} and {@link projectSubject}.
 */
export interface ThisRun {
  /** What stands in the state. */
  readonly inState: Set<string>;
  /** What was read from the platform: this process plans, and does not apply what was planned before. */
  readonly read: Set<string>;
  /** Names that keys of the state are planned to bear. */
  readonly claimed: Set<string>;
  /** What lives already and is taken up by a new block, planned or done. */
  readonly taken: Set<string>;
  /** What the apply of a new block has made or taken up. */
  readonly made: Set<string>;
  /** What an apply has destroyed. */
  readonly destroyed: Set<string>;
}

/** Nothing was met yet. */
export function thisRun(): ThisRun {
  const none = (): Set<string> => new Set<string>();
  return { inState: none(), read: none(), claimed: none(), taken: none(), made: none(), destroyed: none() };
}

/** A key, by its id. */
export function keySubject(id: string): string {
  return `key ${id}`;
}

/** A key's name within its account. */
export function nameSubject(account: string, name: string): string {
  return `name ${nameKey(account)}/${nameKey(name)}`;
}

/** The keys of a project. */
export function projectSubject(account: string, project: string): string {
  return `project ${nameKey(account)}/${project}`;
}

/** Why a block may not make what stands in the state, or what a key of the state is to be called. */
export function replaced(what: string): ProviderDiagnostic {
  return error(`${what} stands in the state already`, NEVER_REPLACED);
}

/** Why what is in the state may not be destroyed or changed: a new block has taken it up. */
export function takenUp(what: string): ProviderDiagnostic {
  return error(`${what} is made by another block`, NEVER_REPLACED);
}

/** Why something may not be made in the run that destroyed it. `restore`: what brings it back. */
export function destroyedInThisRun(what: string, restore: string): ProviderDiagnostic {
  const detail = `This run has destroyed it, and another would have another id and another secret. To have it back, ${restore}`;
  return error(`${what} is not made anew`, `${detail} ${NEVER_REPLACED}`);
}

/** What to do where a block stands under another address than in the state. */
export const SAY_MOVED =
  "If the block has another address now, say so: `moved { from = FORMER_ADDRESS, to = THIS_ADDRESS }` (one line each).";

const NEVER_REPLACED =
  "Keys are never replaced: the id would change, and every application would lose its secret. " +
  `${SAY_MOVED} If this is -replace or a tainted block, ` +
  "leave -replace out and run `terraform untaint ADDRESS`. Another secret is given in place, by secret_wo_version (in a project " +
  "by secrets_wo_versions) or rotation_trigger. A name that another block frees can be taken in the next apply.";

/** What a plan of a new block leaves beside it: a destruction that bears it is one half of a replacement. */
export interface CreationMark {
  /** Whose it is to be; null: not known. Absent: nothing is created. */
  readonly creates?: string | null;
}

/** True if the destruction of what is `owner`'s goes with a creation for the same owner. */
export function isHalfOfReplacement({ creates }: CreationMark, owner: string): boolean {
  return creates !== undefined && (creates === null || nameKey(creates) === nameKey(owner));
}
