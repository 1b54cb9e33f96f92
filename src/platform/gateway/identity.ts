import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../core/secret.ts";

/** On whose behalf the gateway forwards a call. */
export interface CallIdentity {
  readonly account: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly requestId: string;
}

/** A request as it goes over the wire between gateway and upstream. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** Header names by lower-case name, as `IncomingMessage.headers` has them. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What every header that the gateway adds begins with, in lower case. Nobody else's such header passes it. */
export const GATEWAY_PREFIX = "x-algokeys-";

const ACCOUNT = "X-Algokeys-Account";
const KEY_ID = "X-Algokeys-Key-Id";
const KEY_NAME = "X-Algokeys-Key-Name";
const REQUEST_ID = "X-Algokeys-Request-Id";
const SIGNATURE = "X-Algokeys-Signature";

/** How far a signature's time may lie from the upstream's clock, in seconds. */
const TOLERANCE = 300;

/**
 * The headers that tell an upstream who calls, as names and values in turn. With a secret they are signed:
 *
 *     X-Algokeys-Signature: t=<seconds since 1970>,v1=<hex>
 *     hex = HMAC-SHA-256(secret, lines of: t, method, path with query, account, key id, key name, request id)
 *
 * so that an upstream which can be reached by others can tell what came from the gateway. The body is not signed.
 * `now` is in milliseconds.
 */
export function identityHeaders(
  identity: CallIdentity,
  request: SignedRequest,
  secret: Secret | undefined,
  now: number,
): readonly string[] {
  const { account, keyId, keyName, requestId } = identity;
  const headers = [ACCOUNT, account, KEY_ID, keyId, KEY_NAME, keyName, REQUEST_ID, requestId];
  if (secret === undefined) return headers;
  const seconds = Math.floor(now / 1000);
  return [...headers, SIGNATURE, `t=${seconds},v1=${signature(identity, request, secret, seconds)}`];
}

/**
 * For upstreams: who calls, or undefined if the gateway did not sign this very request within five minutes of `now`
 * (milliseconds). Give the request's method and target as they came.
 */
export function verifiedIdentity(
  headers: HeaderValues,
  request: SignedRequest,
  secret: Secret,
  now: number,
): CallIdentity | undefined {
  const account = single(headers, ACCOUNT);
  const keyId = single(headers, KEY_ID);
  const keyName = single(headers, KEY_NAME);
  const requestId = single(headers, REQUEST_ID);
  const [, seconds, stated] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(single(headers, SIGNATURE) ?? "") ?? [];
  if (account === undefined || keyId === undefined || keyName === undefined || requestId === undefined)
    return undefined;
  if (seconds === undefined || stated === undefined) return undefined;
  if (Math.abs(now / 1000 - Number(seconds)) > TOLERANCE) return undefined;
  const identity = { account, keyId, keyName, requestId };
  const due = Buffer.from(signature(identity, request, secret, Number(seconds)), "hex");
  return timingSafeEqual(due, Buffer.from(stated, "hex")) ? identity : undefined;
}

/** No part holds a line feed: paths and names cannot, and Node refuses one in a header. */
function signature(identity: CallIdentity, request: SignedRequest, secret: Secret, seconds: number): string {
  const { account, keyId, keyName, requestId } = identity;
  const lines = [seconds, request.method, request.path, account, keyId, keyName, requestId].join("\n");
  return createHmac("sha256", secret.reveal()).update(lines).digest("hex");
}

function single(headers: HeaderValues, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === "string" ? value : undefined;
}
