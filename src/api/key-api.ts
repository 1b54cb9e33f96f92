import type { ApiKey, KeyId } from "../core/api-key.ts";
import type { ChangeSet, ChangeSetRecord, CommitResult, NewCredential, RecordedChange } from "./change-set.ts";
import type { Lease, LeaseAnswer, LeaseGrip, LeaseRequest } from "./lease.ts";

/**
 * The one port between those who manage keys and the platform that holds them: the platform's service implements it in
 * process, the HTTP client over the wire, and one contract suite runs over both. Every method throws only
 * {@link KeyApiError} (and the signal's reason when aborted).
 */
export interface KeyApi {
  /** Which platform this is. */
  platform(options?: CallOptions): Promise<PlatformInfo>;
  /** Who is calling. */
  whoami(options?: CallOptions): Promise<Caller>;
  /** Makes an account with its `default-key`. `conflict` if the name is taken, ignoring case. */
  createAccount(account: NewAccount, options?: CallOptions): Promise<Account>;
  /** `not-found` if there is none of that name, ignoring case. */
  getAccount(name: string, options?: CallOptions): Promise<Account>;
  /** One page of an account's keys in the order of their making. */
  listKeys(account: string, query: ListQuery, options?: CallOptions): Promise<KeyPage>;
  /** `not-found` also for a key of another account. Deleted keys are found while they can be restored. */
  getKey(account: string, id: KeyId, options?: CallOptions): Promise<ApiKey>;
  /** Commits a change set whole or not at all; see {@link ChangeSet}. */
  commit(account: string, changeSet: ChangeSet, options?: CallOptions): Promise<CommitResult>;
  /** Committed change sets, newest first. */
  listChangeSets(account: string, query: PageQuery, options?: CallOptions): Promise<ChangeSetPage>;
  /** The changes of a committed change set, in their order. `not-found` also for a change set of another account. */
  listChanges(account: string, changeSet: string, query: PageQuery, options?: CallOptions): Promise<ChangePage>;
  /**
   * Takes the lease of a project unless another runner holds it. The same runner again keeps what it has, so the call may
   * be repeated.
   */
  takeLease(account: string, request: LeaseRequest, options?: CallOptions): Promise<LeaseAnswer>;
  /** Extends a lease, also one that has ended and that nobody else has taken. `fenced` if it is the runner's no longer. */
  renewLease(account: string, grip: LeaseGrip, options?: CallOptions): Promise<Lease>;
  /** Gives a lease back; true if it was still the runner's. */
  releaseLease(account: string, grip: LeaseGrip, options?: CallOptions): Promise<boolean>;
}

/** Options that every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Which platform answers. `instance` is drawn once when a platform is made, so a plan cannot be applied to another. */
export interface PlatformInfo {
  readonly instance: string;
  readonly kind: "embedded" | "server";
}

/** Who calls. */
export interface Caller {
  /** A name for the audit record. */
  readonly actor: string;
  readonly role: "reader" | "writer" | "admin";
  /** The one account that the caller may see and touch; null for all. Every other account is `not-found` to it. */
  readonly account: string | null;
  /** The key that authenticates the caller, which a plan must not lock out; null if none does. */
  readonly keyId: KeyId | null;
}

/** An account to be made. */
export interface NewAccount {
  readonly name: string;
  /** `default-key` with this credential, without one, or not made at all because a declaration makes it. */
  readonly defaultKey: NewCredential | "without-credential" | "none";
}

/** An account: the user or organization that owns keys. */
export interface Account {
  readonly name: string;
  /** Rises by one with every change set; commit order is revision order. */
  readonly revision: number;
  readonly createdAt: string;
}

/** A position in a listing. */
export interface PageQuery {
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `nextCursor` of the page before; absent for the first. */
  readonly cursor?: string | undefined;
}

/** Which keys to list. */
export interface ListQuery extends PageQuery {
  readonly state?: "live" | "deleted";
}

/** The largest page. */
export const MAX_PAGE = 1000;

/** One page of keys. `revision` and `total` are those of the page's own moment, so a reader can tell a torn listing. */
export interface KeyPage {
  readonly keys: readonly ApiKey[];
  readonly nextCursor: string | null;
  readonly revision: number;
  /** How many keys the whole listing has. */
  readonly total: number;
}

/** One page of history. */
export interface ChangeSetPage {
  readonly changeSets: readonly ChangeSetRecord[];
  readonly nextCursor: string | null;
}

/** One page of a change set's changes. */
export interface ChangePage {
  readonly changes: readonly RecordedChange[];
  readonly nextCursor: string | null;
}
