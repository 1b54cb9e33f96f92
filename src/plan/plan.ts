import type { ChangeOrigin, KeyId } from "../core/api-key.ts";
import type { DeclaredSpec } from "../core/declared-spec.ts";
import type { Delivery } from "../core/delivery.ts";
import type { ManifestSource } from "../core/manifest.ts";

/**
 * What an apply would do: plain JSON without secrets, made by `computePlan` alone. It is saved, reviewed, applied later
 * and rendered by every renderer; `schemas/plan.schema.json` documents it.
 */
export interface Plan {
  readonly formatVersion: 1;
  readonly createdAt: string;
  readonly platform: { readonly url: string; readonly instance: string };
  readonly account: { readonly name: string; readonly action: "none" | "create"; readonly revision: number };
  readonly project: string;
  readonly declaration: ManifestSource;
  /** The change set that this plan undoes; absent for every other plan. */
  readonly undoes?: string;
  /** Which command made it, of some keys alone; absent for the plan of a whole declaration, and for an undo. */
  readonly part?: "rotate" | "restore" | "revert";
  /** Sorted by action, then by name; keys that stay as they are do not appear. */
  readonly changes: readonly PlannedChange[];
  /** How many of the project's keys stay as they are. */
  readonly unchanged: number;
  /** The project's live keys that differ from the declaration and were last changed by someone else. */
  readonly drift: readonly Drift[];
  /** Declared keys that are due for another secret and do not get one by this plan, sorted by name. */
  readonly secretsDue: readonly SecretDue[];
  /** Live keys of the account that nobody manages and the declaration does not name. */
  readonly unmanaged: readonly string[];
  /** Why the plan must not be applied. Changes are planned all the same, so that all of it can be seen. */
  readonly refusals: readonly Refusal[];
}

/** One change to one key. */
export type PlannedChange = CreateKey | UpdateKey | DeleteKey;

/** What happens to a key. `issue`: only its credential changes. */
export type PlanAction = PlannedChange["action"];

/** In the order in which changes are shown. */
export const PLAN_ACTIONS = [
  "adopt",
  "take-over",
  "create",
  "restore",
  "rename",
  "update",
  "issue",
  "delete",
] as const satisfies readonly PlanAction[];

/** A declared key that is not live. */
export interface CreateKey {
  readonly action: "create";
  readonly name: string;
  readonly reason: "not-live";
  /** The name that it is declared to be renamed from: there is nothing to rename, and the key is to know that. */
  readonly renamedFrom?: string;
  readonly after: DeclaredSpec;
  readonly credential: PlannedCredential | null;
}

/** A key that is changed in place, or brought back (`restore`): its id and its credentials stay. */
export interface UpdateKey {
  readonly action: "adopt" | "take-over" | "restore" | "rename" | "update" | "issue";
  readonly id: KeyId;
  readonly revision: number;
  readonly name: string;
  /** The live name, where it differs. */
  readonly nameBefore: string | null;
  readonly reason: "unmanaged" | "managed-elsewhere" | "deleted" | "renamed" | "differs" | "undone" | CredentialReason;
  /** Of `take-over`: the project that manages it now. */
  readonly takenFrom?: string;
  readonly attributes: readonly AttributeChange[];
  /** The whole spec after the change. */
  readonly after: DeclaredSpec;
  readonly credential: PlannedCredential | null;
}

/** A live key of the project that is no longer declared, or that an undone change set made. */
export interface DeleteKey {
  readonly action: "delete";
  readonly id: KeyId;
  readonly revision: number;
  readonly name: string;
  readonly reason: "not-declared" | "undone";
  readonly before: DeclaredSpec;
}

/** A credential that the apply will issue or confirm. The secret is drawn then; a plan never holds one. */
export interface PlannedCredential {
  readonly reason: CredentialReason;
  /** Where it goes; empty if it is shown on the terminal (`--reveal`). */
  readonly deliver: readonly Delivery[];
  /**
   * True if the apply first looks into those places: where all of them hold the secret of one unconfirmed credential, that
   * one is confirmed and none is issued. A plan is pure and cannot look.
   */
  readonly confirms: boolean;
  /** Working credentials that nobody confirmed to hold, oldest first. What no place holds is revoked with the confirmation. */
  readonly unconfirmed: readonly UnconfirmedCredential[];
  /** Ids of the confirmed credentials that it replaces: they work on for the overlap after the confirmation. */
  readonly retires: readonly string[];
  /** True if the key has as many working credentials as it may: an unconfirmed one that no place holds goes first. */
  readonly makesRoom: boolean;
}

/** Why a credential is issued. */
export type CredentialReason = "no-credential" | "never-delivered" | "rotation-due" | "rotation-asked";

/** A credential whose secret may or may not have arrived. */
export interface UnconfirmedCredential {
  readonly id: string;
  /** The head of the secret's SHA-256, to compare with what a place holds. */
  readonly fingerprint: string;
}

/** A key that is due for another secret, and why this plan issues none. */
export interface SecretDue {
  readonly name: string;
  readonly reason: CredentialReason;
  /** Since when, RFC 3339; null for a key that has no credential to replace. */
  readonly since: string | null;
  readonly blocked: "no-delivery" | "too-many-credentials";
  /** When a credential retires and makes room; null where waiting changes nothing. */
  readonly until: string | null;
}

/** One attribute of a key that changes. */
export interface AttributeChange {
  /** Dotted, as declared: `data`, `origins.referrers`, `labels.team`. */
  readonly path: string;
  /** The declared value; null where there is none. Lists hold only what differs: what goes (before) and comes (after). */
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  /** What it does to who may do what. */
  readonly access: AccessEffect;
}

/** A value in a declaration. */
export type AttributeValue = string | boolean | null | readonly string[];

/** `shifts`: some access is gained and some lost. */
export type AccessEffect = "none" | "widens" | "narrows" | "shifts";

/** A key that was changed outside the project since the project's last apply. */
export interface Drift {
  /** The declared name. */
  readonly name: string;
  readonly lastChange: ChangeOrigin;
  /** What differs; of a key that was renamed, its name comes first, as {@link NAME_PATH}. */
  readonly attributes: readonly AttributeChange[];
}

/** The path of a key's name among what drifted. A change tells of its rename by `nameBefore` instead. */
export const NAME_PATH = "name";

/** The live name of a key that drifted. */
export function driftedName({ name, attributes }: Pick<Drift, "name" | "attributes">): string {
  const before = attributes.find(({ path }) => path === NAME_PATH)?.before;
  return typeof before === "string" ? before : name;
}

/** A guard's finding: the plan must not be applied unless the author does what `fix` says. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly keys: readonly string[];
  readonly summary: string;
  readonly fix: string;
}

/** Each guard has its own flag or its own cure; no flag opens two. */
export type RefusalCode =
  | "protected"
  | "too-many-deletes"
  | "self-lockout"
  | "foreign-key"
  | "unmanaged-key"
  | "blocked-rename"
  | "renamed-elsewhere"
  | "changed-since"
  | "unknown-rename";

/** True if applying it would change nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.account.action === "none";
}
