import type { KeySpec } from "./key-spec.ts";

/** The platform's id of a key: its identity, kept through renaming and re-scoping. Opaque. */
export type KeyId = string;

/** A secret issued for a key, as far as the platform will tell of it: never the secret, never its digest. */
export interface Credential {
  readonly id: string;
  /** The first 7 characters, then `*`. */
  readonly mask: string;
  /** The first 16 hexadecimal digits of the token's SHA-256, to compare a sink with the platform. */
  readonly fingerprint: string;
  readonly createdAt: string;
  /** When its holder confirmed that it arrived; null while nobody has. */
  readonly acknowledgedAt: string | null;
  /** When it stops working because a later one replaced it; null while none did. */
  readonly retiresAt: string | null;
  /** When it was revoked; null while it works. */
  readonly revokedAt: string | null;
}

/** Who made a change to a key, and how. */
export interface ChangeOrigin {
  readonly at: string;
  readonly actor: string;
  /** The project whose apply made it; null for a change made by hand or by another tool. */
  readonly project: string | null;
  readonly changeSet: string;
}

/** A key as it lives on the platform. */
export interface ApiKey {
  readonly id: KeyId;
  readonly account: string;
  readonly name: string;
  readonly spec: KeySpec;
  /** The account's revision at which the key last changed: the precondition of the next change. */
  readonly revision: number;
  /** The project that manages it: the ownership marker. Null for a key made by hand. */
  readonly managedBy: { readonly project: string } | null;
  /** The name before its last rename, so that a `renamed_from` that was carried out is not carried out again. */
  readonly renamedFrom: string | null;
  readonly createdAt: string;
  readonly lastChange: ChangeOrigin;
  /** When it was deleted; null while it lives. A deleted key is refused at once and can be restored for 30 days. */
  readonly deletedAt: string | null;
  /** Every credential that is not long gone, oldest first. */
  readonly credentials: readonly Credential[];
}

/** How many credentials of one key may work at a time. */
export const MAX_LIVE_CREDENTIALS = 5;

/** How long a deleted key can be restored. */
export const RESTORE_DAYS = 30;
