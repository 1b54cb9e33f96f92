// Who calls, as the gateway says. With a secret only requests that the gateway signed are believed.
import { createHmac, timingSafeEqual } from "node:crypto";
import { Refusal } from "./answers.mjs";

/** How far a signature's time may lie from this machine's clock, in seconds. */
const TOLERANCE = 300;

/**
 * The account on whose behalf a request was forwarded. `secret` is what the gateway signs with; without one the headers
 * are believed as they come, so nothing but the gateway may reach this server.
 */
export function callerAccount(request, secret, now) {
  const headers = ["account", "key-id", "key-name", "request-id"].map((name) => request.headers[`x-algokeys-${name}`]);
  const [account] = headers;
  const isSigned = secret === undefined || hasSignature(request, headers, secret, now);
  if (!account || !isSigned) throw new Refusal(401, "authorization required");
  return account;
}

/** X-Algokeys-Signature: t=SECONDS,v1=HMAC-SHA-256(secret, t, method, path with query and the four headers, in lines). */
function hasSignature(request, headers, secret, now) {
  const sent = request.headers["x-algokeys-signature"] ?? "";
  const [, seconds, stated] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(sent) ?? [];
  if (stated === undefined || Math.abs(now / 1000 - Number(seconds)) > TOLERANCE) return false;
  const lines = [seconds, request.method, request.url, ...headers].join("\n");
  const due = createHmac("sha256", secret).update(lines).digest();
  return timingSafeEqual(due, Buffer.from(stated, "hex"));
}
