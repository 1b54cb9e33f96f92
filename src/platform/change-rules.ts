import type { KeyChange } from "../api/change-set.ts";
import type { KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import { changedCredentials, newCredential, type Refused } from "./credential-rules.ts";
import { isRestorable, type KeyState } from "./key-state.ts";

/** In whose name a change is made, and when (milliseconds). */
export interface ChangeContext {
  readonly project: string | null;
  /** The keys that the change set takes from another project, by id, with that project. */
  readonly takenFrom: ReadonlyMap<KeyId, string>;
  readonly now: number;
}

/** A change to a key that is there before the change set. */
export type ChangeOfKey = Exclude<KeyChange, { action: "create" }>;

/**
 * The precondition of a change, judged against the key as it was before the whole change set; undefined if it holds.
 * The order of the rules is that of their weight: what moved comes before what may not be.
 */
export function preconditionProblem(
  change: ChangeOfKey,
  before: KeyState | undefined,
  context: ChangeContext,
): Refused | undefined {
  if (before === undefined || isGone(change, before)) {
    return { code: "gone", message: `${before?.name ?? `Key ${change.id.slice(0, 64)}`} is not there any more.` };
  }
  if (change.action === "restore" && !canRestore(before, context.now)) {
    const why = before.deletedAt === null ? "it is not deleted" : "it was deleted too long ago";
    return { code: "not-restorable", message: `${before.name} cannot be restored: ${why}.` };
  }
  if ("revision" in change && change.revision !== before.revision) {
    const revisions = `it was read at revision ${change.revision} and is now at ${before.revision}`;
    return { code: "stale", message: `${before.name} has changed since it was read: ${revisions}.` };
  }
  const foreign = foreignProblem(before, context.takenFrom.get(change.id), context.project);
  if (foreign !== undefined) return foreign;
  if (change.action === "delete" && before.spec.protect) {
    const message = `${before.name} is protected: it can be deleted only after an earlier change set sets protect to false.`;
    return { code: "protected", message };
  }
  return undefined;
}

/** A key of another project is that project's to change, unless the change set says that it takes it from there. */
function foreignProblem(
  { name, managedBy }: KeyState,
  takenFrom: string | undefined,
  project: string | null,
): Refused | undefined {
  const manager = managedBy === null ? "no project" : `the project ${managedBy}`;
  if (takenFrom !== undefined && managedBy !== takenFrom) {
    const message = `${name} is to be taken from the project ${takenFrom}, but it is managed by ${manager}.`;
    return { code: "managed-elsewhere", message };
  }
  if (takenFrom !== undefined || project === null || managedBy === null || managedBy === project) return undefined;
  return { code: "managed-elsewhere", message: `${name} is managed by ${manager}.` };
}

/**
 * The key after a change, or why the change cannot follow those before it in its change set. `draft` is the key after
 * those, `before` as it was before the whole set.
 */
export function changedKey(
  change: ChangeOfKey,
  draft: KeyState,
  before: KeyState,
  context: ChangeContext,
): KeyState | Refused {
  if (draft.deletedAt !== null && before.deletedAt === null) {
    return { code: "invalid", message: `${before.name} is deleted by an earlier change of the same change set.` };
  }
  switch (change.action) {
    case "update": {
      const name = change.name ?? draft.name;
      return {
        ...draft,
        name,
        spec: change.spec ?? draft.spec,
        managedBy: change.managedBy === undefined ? draft.managedBy : (change.managedBy?.project ?? null),
        renamedFrom: nameKey(name) === nameKey(before.name) ? before.renamedFrom : before.name,
      };
    }
    case "delete":
      return { ...draft, deletedAt: new Date(context.now).toISOString() };
    case "restore":
      return { ...draft, deletedAt: null };
    case "add-credential":
      return { ...draft, credentials: [...draft.credentials, newCredential(change.credential, context.now)] };
    case "acknowledge":
    case "revoke-credential": {
      const credentials = changedCredentials(draft, change, context.now);
      return "code" in credentials ? credentials : { ...draft, credentials };
    }
  }
}

/** The key that a `create` makes. */
export function createdKey(change: Extract<KeyChange, { action: "create" }>, id: KeyId, now: number): KeyState {
  return {
    id,
    name: change.name,
    spec: change.spec,
    managedBy: change.managedBy?.project ?? null,
    renamedFrom: change.renamedFrom ?? null,
    revision: 0,
    deletedAt: null,
    credentials: change.credential === null ? [] : [newCredential(change.credential, now)],
  };
}

/** A deleted key takes part in nothing but its restoration; revoking one of its credentials is always allowed. */
function isGone(change: ChangeOfKey, before: KeyState): boolean {
  return before.deletedAt !== null && change.action !== "restore" && change.action !== "revoke-credential";
}

function canRestore(before: KeyState, now: number): boolean {
  return before.deletedAt !== null && isRestorable(before.deletedAt, now);
}
