import { KeyApiError } from "../../api/errors.ts";
import type { Caller } from "../../api/key-api.ts";
import { Secret } from "../../core/secret.ts";
import type { Authenticate } from "../admin-keys.ts";

/** Tells who calls by the header `Authorization`. Throws `unauthenticated`. */
export type AuthenticateHeader = (authorization: string | undefined) => Promise<Caller>;

/** The longest header that can hold a token; more is not looked at. */
const LONGEST = 256;

/** The token of an `Authorization` header: `Bearer TOKEN`, the original's `Simple TOKEN`, or the bare token. */
export function presentedToken(authorization: string | undefined): Secret | undefined {
  if (authorization === undefined || authorization.length > LONGEST) return undefined;
  const [, token] = /^(?:(?:bearer|simple) +)?([\x21-\x7e]+)$/i.exec(authorization.trim()) ?? [];
  return token === undefined ? undefined : new Secret(token);
}

/** Makes the check of a header out of the check of a token. */
export function headerAuthenticator(authenticate: Authenticate): AuthenticateHeader {
  return async (authorization) => {
    const token = presentedToken(authorization);
    if (token !== undefined) return await authenticate(token);
    throw new KeyApiError("unauthenticated", "No admin key was shown. Send Authorization: Bearer ADMIN-KEY.");
  };
}
