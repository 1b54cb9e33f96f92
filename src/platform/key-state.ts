import { RESTORE_DAYS, type ApiKey, type Credential, type KeyId } from "../core/api-key.ts";
import type { KeySpec } from "../core/key-spec.ts";

/** What changes of a key, as the rules read and write it. */
export interface KeyState {
  readonly id: KeyId;
  readonly name: string;
  readonly spec: KeySpec;
  readonly managedBy: string | null;
  readonly renamedFrom: string | null;
  /** The account's revision at which it last changed; 0 for one that is being made. */
  readonly revision: number;
  readonly deletedAt: string | null;
  /** Oldest first. Loaded only where a change concerns credentials. */
  readonly credentials: readonly CredentialState[];
}

/** A credential as the rules see it; `digest` only while it is being registered. */
export interface CredentialState extends Credential {
  readonly digest: string | null;
}

/** True while a credential lets its holder in, as far as the credential itself goes. `now` in milliseconds. */
export function isLiveCredential(credential: Credential, now: number): boolean {
  if (credential.revokedAt !== null) return false;
  return credential.retiresAt === null || now < Date.parse(credential.retiresAt);
}

/** The moment before which a deletion can no longer be undone; credentials that ended before it are no longer told. */
export function restoreLimit(now: number): string {
  return new Date(now - RESTORE_DAYS * DAY_MS).toISOString();
}

/** True if a key that was deleted then can still be restored. */
export function isRestorable(deletedAt: NonNullable<ApiKey["deletedAt"]>, now: number): boolean {
  return deletedAt > restoreLimit(now);
}

const DAY_MS = 86_400_000;
