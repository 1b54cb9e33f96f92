import { MAX_LIVE_CREDENTIALS, type Credential } from "../core/api-key.ts";
import type { KeySpec } from "../core/key-spec.ts";
import type { ManifestKey } from "../core/manifest.ts";
import type { CredentialReason, PlannedCredential, SecretDue } from "./plan.ts";
import { rotationMoments } from "./rotation.ts";

/** What a key's credentials come to: one that is planned, or why one that is due is not; or neither. */
export interface CredentialPlan {
  readonly credential: PlannedCredential | null;
  readonly due: SecretDue | null;
}

/** How credentials are planned. */
export interface CredentialPlanOptions {
  /** Secrets without a delivery are shown on the terminal. */
  readonly reveal: boolean;
  /** RFC 3339. */
  readonly now: string;
  /** True if the author asks for another secret, whatever there is. */
  readonly asked?: boolean;
}

const NOTHING: CredentialPlan = { credential: null, due: null };

/**
 * The credential that a key needs. One is issued only where its secret has somewhere to go (`deliver`, or a terminal with
 * `--reveal`): because no confirmed one lasts, because nobody confirmed the newest (only the run that drew it ever knew its
 * secret, design decision 2), or because its rotation is due.
 */
export function planCredential(
  declared: Pick<ManifestKey, "name" | "spec" | "deliver">,
  credentials: readonly Credential[],
  options: CredentialPlanOptions,
): CredentialPlan {
  // Most keys: nothing of theirs can be due, and a plan has many.
  if (declared.deliver.length === 0 && declared.spec.rotation === null && !options.reveal) return NOTHING;
  const need = needOf(declared, credentials, options);
  if (need === undefined) return NOTHING;
  const { name, deliver } = declared;
  const { reason, since } = need;
  const hasPlace = deliver.length > 0 || options.reveal;
  if (!hasPlace) {
    // A key without a delivery needs no secret of ours, unless it says itself that it is to be rotated.
    return reason === "rotation-due"
      ? { credential: null, due: { name, reason, since, blocked: "no-delivery", until: null } }
      : NOTHING;
  }
  const { unconfirmed, confirmed } = lasting(credentials);
  const working = credentials.filter((credential) => isWorking(credential, options.now));
  const isFull = working.length >= MAX_LIVE_CREDENTIALS;
  if (isFull && unconfirmed.length === 0) {
    return {
      credential: null,
      due: { name, reason, since, blocked: "too-many-credentials", until: firstToRetire(working) },
    };
  }
  // One whose rotation is due is replaced at once: to confirm it would leave the next plan the rotation.
  const isDue = unconfirmed.some((one) => rotationDueSince(declared.spec, one, options.now) !== undefined);
  const credential = {
    reason,
    deliver,
    confirms: options.asked !== true && deliver.length > 0 && unconfirmed.length > 0 && !isDue,
    unconfirmed: unconfirmed.map(({ id, fingerprint }) => ({ id, fingerprint })),
    retires: confirmed.map(({ id }) => id),
    makesRoom: isFull,
  };
  return { credential, due: null };
}

interface Need {
  readonly reason: CredentialReason;
  readonly since: string | null;
}

function needOf(
  { spec, deliver }: Pick<ManifestKey, "spec" | "deliver">,
  credentials: readonly Credential[],
  { now, asked = false }: CredentialPlanOptions,
): Need | undefined {
  const { unconfirmed, confirmed } = lasting(credentials);
  const newest = confirmed.at(-1);
  if (asked) return { reason: "rotation-asked", since: null };
  // What was shown on a terminal cannot be looked at again: there a confirmed one is enough.
  if (unconfirmed.length > 0 && (newest === undefined || deliver.length > 0))
    return { reason: "never-delivered", since: null };
  if (newest === undefined) return { reason: "no-credential", since: null };
  const since = rotationDueSince(spec, newest, now);
  return since === undefined ? undefined : { reason: "rotation-due", since };
}

/** Since when the rotation is due; undefined if it is not, or if the key is refused anyway: rotation heals no `expires`. */
function rotationDueSince(spec: KeySpec, newest: Credential, now: string): string | undefined {
  if (spec.rotation === null || !spec.enabled) return undefined;
  const at = Date.parse(now);
  if (spec.expires !== null && Date.parse(spec.expires) <= at) return undefined;
  const moments = rotationMoments(spec.rotation, newest.createdAt);
  return moments === undefined || at < moments.dueFrom ? undefined : new Date(moments.dueFrom).toISOString();
}

/** The credentials that go on working by themselves: neither revoked nor about to retire. Oldest first. */
export function lasting(credentials: readonly Credential[]): {
  readonly confirmed: readonly Credential[];
  readonly unconfirmed: readonly Credential[];
} {
  const all = credentials.filter(({ revokedAt, retiresAt }) => revokedAt === null && retiresAt === null);
  return {
    confirmed: all.filter(({ acknowledgedAt }) => acknowledgedAt !== null),
    unconfirmed: all.filter(({ acknowledgedAt }) => acknowledgedAt === null),
  };
}

/** True if a secret of that credential is still accepted at that instant. */
export function isWorking(credential: Credential, now: string): boolean {
  if (credential.revokedAt !== null) return false;
  return credential.retiresAt === null || Date.parse(credential.retiresAt) > Date.parse(now);
}

/** When the first of them stops working; null if none is to. */
export function firstToRetire(working: readonly Credential[]): string | null {
  return working.flatMap(({ retiresAt }) => (retiresAt === null ? [] : [retiresAt])).sort()[0] ?? null;
}
