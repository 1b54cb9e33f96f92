import type { Credential } from "../core/api-key.ts";
import type { ManifestKey } from "../core/manifest.ts";
import type { PlannedCredential } from "./plan.ts";

/**
 * The credential that a key needs, or null: one is issued only where its secret has somewhere to go (`deliver`, or a
 * terminal with `--reveal`) and nobody has confirmed to hold a working one. Those that nobody confirmed are replaced,
 * because their secrets are lost: only the run that drew them ever knew them (design decision 2).
 *
 * `now` is an RFC 3339 instant: credentials that have retired by then do not count.
 */
export function planCredential(
  declared: ManifestKey,
  credentials: readonly Credential[],
  reveal: boolean,
  now: string,
): PlannedCredential | null {
  if (declared.deliver.length === 0 && !reveal) return null;
  const working = credentials.filter((credential) => isWorking(credential, now));
  if (working.some((credential) => credential.acknowledgedAt !== null)) return null;
  return { deliver: declared.deliver, revokes: working.map((credential) => credential.id) };
}

/** True if a secret of that credential is still accepted at that instant. */
export function isWorking(credential: Credential, now: string): boolean {
  if (credential.revokedAt !== null) return false;
  return credential.retiresAt === null || Date.parse(credential.retiresAt) > Date.parse(now);
}
