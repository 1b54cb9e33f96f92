import type { KeyChange, NewCredential } from "../api/change-set.ts";
import type { ChangeProblemCode } from "../api/errors.ts";
import { MAX_LIVE_CREDENTIALS } from "../core/api-key.ts";
import { durationMs } from "../core/duration.ts";
import { DEFAULT_OVERLAP } from "../core/key-spec.ts";
import { tokenFingerprint } from "../core/token.ts";
import { isLiveCredential, type CredentialState, type KeyState } from "./key-state.ts";

/** Why a change to a credential is refused. */
export interface Refused {
  readonly code: ChangeProblemCode;
  readonly message: string;
}

/** A credential as it comes to be. */
export function newCredential(credential: NewCredential, now: number): CredentialState {
  return {
    id: credential.id,
    mask: credential.mask,
    fingerprint: tokenFingerprint(credential.digest),
    createdAt: new Date(now).toISOString(),
    acknowledgedAt: null,
    retiresAt: null,
    revokedAt: null,
    digest: credential.digest,
  };
}

/** Why a key cannot have as many credentials as it would have after the whole change set; undefined if it can. */
export function crowdedProblem(key: KeyState, now: number): Refused | undefined {
  const live = key.credentials.filter((credential) => isLiveCredential(credential, now)).length;
  if (live <= MAX_LIVE_CREDENTIALS) return undefined;
  const message = `${key.name} would have ${live} working credentials; ${MAX_LIVE_CREDENTIALS} are allowed. Revoke one first.`;
  return { code: "too-many-credentials", message };
}

/**
 * The key's credentials after a change to one of them, or why it is refused. Judged in the order of the changes, because
 * a credential's own life is its precondition: one that was revoked a change earlier cannot be acknowledged.
 */
export function changedCredentials(
  key: KeyState,
  change: Extract<KeyChange, { credential: string }>,
  now: number,
): readonly CredentialState[] | Refused {
  const credential = key.credentials.find((candidate) => candidate.id === change.credential);
  if (credential === undefined) {
    return { code: "unknown-credential", message: `${key.name} has no credential ${change.credential.slice(0, 64)}.` };
  }
  if (change.action === "revoke-credential") {
    if (credential.revokedAt !== null) return key.credentials;
    return replaced(key, { ...credential, revokedAt: new Date(now).toISOString() });
  }
  const newest = key.credentials.findLast((candidate) => candidate.revokedAt === null);
  if (newest === credential && credential.acknowledgedAt !== null) return key.credentials;
  if (newest !== credential || !isLiveCredential(credential, now)) {
    const message = `${key.name}: only its newest credential can be acknowledged, and only while it works.`;
    return { code: "unknown-credential", message };
  }
  return acknowledged(key, credential, now);
}

/** The newest credential has arrived: those before it go on working for the overlap, then retire. */
function acknowledged(key: KeyState, newest: CredentialState, now: number): readonly CredentialState[] {
  const overlap = durationMs(key.spec.rotation?.overlap ?? DEFAULT_OVERLAP) ?? 0;
  const retiresAt = new Date(now + overlap).toISOString();
  return key.credentials.map((credential) => {
    if (credential === newest) return { ...credential, acknowledgedAt: new Date(now).toISOString() };
    if (!isLiveCredential(credential, now)) return credential;
    const sooner = credential.retiresAt !== null && credential.retiresAt < retiresAt;
    return sooner ? credential : { ...credential, retiresAt };
  });
}

function replaced(key: KeyState, changed: CredentialState): readonly CredentialState[] {
  return key.credentials.map((credential) => (credential.id === changed.id ? changed : credential));
}
