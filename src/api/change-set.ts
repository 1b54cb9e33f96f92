import type { KeyId } from "../core/api-key.ts";
import type { KeySpec } from "../core/key-spec.ts";

/**
 * What is written to the platform, whole or not at all, in one transaction with its audit record (design decision 1).
 * Every precondition is judged against the state before the change set, so several changes may touch one key.
 */
export interface ChangeSet {
  /** Made by the client, 16 to 64 letters, digits, `-` or `_`. Committing one id twice returns the first result. */
  readonly id: string;
  /** The project in whose name it is made; null for changes by hand. A key of another project is refused. */
  readonly project: string | null;
  /** Why, for the history; at most 500 characters. */
  readonly message: string;
  readonly changes: readonly KeyChange[];
  /** The fence of the project's lease. Once the lease has passed to another runner the change set is refused, `fenced`. */
  readonly fence?: number;
  /** From where, in its client's own words, such as a machine or a run in CI; at most 200 characters. No part of what is asked for. */
  readonly from?: string;
  /**
   * What its client asked for, where the changes were made of that and of what was live then: a repetition is known by
   * this. For the platform's own routes; never sent.
   */
  readonly asked?: string;
}

/** One change of a {@link ChangeSet}. */
export type KeyChange =
  /** Precondition: no live key has that name. */
  | {
      readonly action: "create";
      readonly name: string;
      readonly spec: KeySpec;
      readonly managedBy: { readonly project: string } | null;
      readonly credential: NewCredential | null;
      /** The name that its maker knows it by from before, remembered like that of a rename. Absent: none. */
      readonly renamedFrom?: string;
    }
  /** What is left out stays. A new `name` is remembered as a rename, one that differs in case alone is none; names may be swapped within one change set. */
  | (OnKey & {
      readonly action: "update";
      readonly name?: string;
      readonly spec?: KeySpec;
      readonly managedBy?: { readonly project: string } | null;
      /** The project that manages the key and from which it is taken: a precondition. Without it a key of another project is refused. */
      readonly takenFrom?: string;
    })
  | (OnKey & { readonly action: "delete" })
  /** Brings a deleted key back under its name, with its credentials. */
  | (OnKey & { readonly action: "restore" })
  | (OnKey & { readonly action: "add-credential"; readonly credential: NewCredential })
  /** The holder has it: older credentials retire after the spec's overlap. Precondition: it is the newest and not revoked. */
  | OnCredential<"acknowledge">
  | OnCredential<"revoke-credential">;

/** Precondition of a change to a live key: that id, at that revision. */
export interface OnKey {
  readonly id: KeyId;
  readonly revision: number;
}

/** A change to one credential. The credential's own life is the precondition, so a change of the spec does not stale it. */
export interface OnCredential<Action extends string> {
  readonly action: Action;
  readonly id: KeyId;
  readonly credential: string;
}

/** A credential as its maker registers it: the platform sees a digest, never the secret (design decision 2). */
export interface NewCredential {
  /** Made by the client, unique; 16 to 64 letters, digits, `-` or `_`. */
  readonly id: string;
  /** SHA-256 of the token, 64 lower-case hexadecimal digits. */
  readonly digest: string;
  readonly mask: string;
}

/** The form of change-set and credential ids. */
export const CLIENT_ID_PATTERN = /^[A-Za-z0-9_-]{16,64}$/;

/** What a change set did. */
export interface CommitResult {
  readonly changeSet: string;
  /** The account's revision after it; equal to that before it if it held no change. */
  readonly revision: number;
  readonly committedAt: string;
  /** True if this id was committed before and this is the first result again. */
  readonly replayed: boolean;
  /** One per change, in order. */
  readonly results: readonly ChangeResult[];
}

/** The key that a change made or touched. */
export interface ChangeResult {
  readonly action: KeyChange["action"];
  readonly id: KeyId;
  readonly name: string;
  readonly revision: number;
}

/** A committed change set as history tells it; without credentials' digests. */
export interface ChangeSetRecord {
  readonly id: string;
  readonly revision: number;
  readonly committedAt: string;
  readonly actor: string;
  /** From where, in its client's own words; null if it said nothing. */
  readonly from: string | null;
  /** The network address that it came from, as the platform saw it: a proxy's, if one stands in between. Null for an embedded one. */
  readonly address: string | null;
  readonly project: string | null;
  readonly message: string;
  readonly results: readonly ChangeResult[];
}

/** One change of a committed change set as the audit record keeps it; without credentials' digests. */
export interface RecordedChange {
  readonly action: KeyChange["action"];
  readonly id: KeyId;
  /** The id of the credential that it concerns; null if none. */
  readonly credential: string | null;
  /** The key right before the change; null for one that the change made. */
  readonly before: RecordedKey | null;
  readonly after: RecordedKey;
}

/** A key as the audit record keeps it; its credentials have records of their own. */
export interface RecordedKey {
  readonly name: string;
  readonly spec: KeySpec;
  readonly managedBy: { readonly project: string } | null;
  readonly deletedAt: string | null;
}
