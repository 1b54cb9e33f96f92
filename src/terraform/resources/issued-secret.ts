import type { NewCredential } from "../../api/change-set.ts";
import { Secret } from "../../core/secret.ts";
import { makeToken, tokenDigest, tokenFingerprint, tokenMask } from "../../core/token.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { Connection } from "./connection.ts";

/** A secret that a key is to have, and what the platform is told of it. */
export interface IssuedSecret {
  readonly secret: Secret;
  readonly credential: NewCredential;
  readonly fingerprint: string;
}

/** A secret that its author made, or one that is drawn now. */
export function issue(connection: Pick<Connection, "random" | "sha256" | "newId">, given?: string): IssuedSecret {
  const secret = given === undefined ? makeToken("caller", connection.random) : new Secret(given);
  const digest = tokenDigest(secret, connection.sha256);
  return {
    secret,
    credential: { id: connection.newId(), digest, mask: tokenMask(secret) },
    fingerprint: tokenFingerprint(digest),
  };
}

/** The secret that a configuration gives a key: the author's own, one to be drawn, or none. */
export function secretFor(connection: Connection, planned: CtyRecord, config: CtyRecord): IssuedSecret | undefined {
  const given = config["secret_wo"];
  if (typeof given === "string") return issue(connection, given);
  return planned["keep_secret_in_state"] === true ? issue(connection) : undefined;
}
