import type { NewCredential } from "../api/change-set.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";
import { makeToken, tokenDigest, tokenFingerprint, tokenMask, type RandomBytes, type Sha256 } from "../core/token.ts";
import type { Plan, PlanAction } from "../plan/plan.ts";
import type { Settlements } from "./settle-unconfirmed.ts";
import type { Withheld } from "./withheld-secrets.ts";

/** A secret that this run drew for a key, and what the platform is told of it. */
export interface IssuedSecret {
  readonly key: string;
  readonly action: PlanAction;
  readonly secret: Secret;
  readonly credential: NewCredential;
  readonly fingerprint: string;
  /** Where it goes; empty if to the terminal. */
  readonly deliver: readonly Delivery[];
}

/** What it takes to draw secrets. */
export interface SecretSource {
  readonly random: RandomBytes;
  readonly sha256: Sha256;
  /** Makes an id of the form `CLIENT_ID_PATTERN`, never the same twice. */
  readonly newId: () => string;
}

/** Draws a secret for every credential that a plan issues, unless one is confirmed instead or it is withheld. Here, and nowhere else, secrets of an apply come to be. */
export function drawSecrets(
  plan: Plan,
  settled: Settlements,
  withheld: Withheld,
  source: SecretSource,
): readonly IssuedSecret[] {
  return plan.changes.flatMap((change) => {
    if (change.action === "delete" || change.credential === null) return [];
    if (withheld.has(change.name)) return [];
    if ((settled.get(change.name)?.confirms ?? null) !== null) return [];
    const secret = makeToken("caller", source.random);
    const digest = tokenDigest(secret, source.sha256);
    const credential = { id: source.newId(), digest, mask: tokenMask(secret) };
    const fingerprint = tokenFingerprint(digest);
    return [
      { key: change.name, action: change.action, secret, credential, fingerprint, deliver: change.credential.deliver },
    ];
  });
}
