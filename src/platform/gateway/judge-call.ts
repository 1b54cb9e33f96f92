import { KeyApiError } from "../../api/errors.ts";
import { formatAlgorithmPattern, parseAlgorithmCall } from "../../core/algorithm-pattern.ts";
import type { AccessRequest, AllowReason } from "../../core/authorize.ts";
import { callerLabel, headerValue, type RawHeaders } from "../../core/caller-origin.ts";
import { nameKey } from "../../core/key-name.ts";
import { remembered } from "../../core/remembered.ts";
import type { Secret } from "../../core/secret.ts";
import type { Authenticate } from "../admin-keys.ts";
import type { UsageRecorder } from "../usage/usage-recorder.ts";
import type { Verification, VerifiedKey, VerifyToken } from "../verify.ts";
import { presentedKey, type ShownKey } from "./presented-key.ts";
import type { GatewayReason, Refusal } from "./refusal.ts";
import type { CallRoute } from "./route.ts";

/** What calls are judged with; see {@link GatewayParts}. */
export interface JudgeParts {
  readonly verify: VerifyToken;
  /** Who shows an admin key. */
  readonly authenticate: Authenticate;
  /** The gateway's own origin as browsers see it, such as `https://api.example.com`; undefined if it serves no pages. */
  readonly ownOrigin: string | undefined;
  readonly usage: Pick<UsageRecorder, "record">;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
}

/** What comes of a call. */
export type Verdict = Allowed | Denied;

/** A call that may go on. */
export interface Allowed {
  readonly effect: "allow";
  readonly reason: AllowReason;
  readonly key: VerifiedKey;
  /** What is forwarded. */
  readonly path: string;
  /** The page's origin, which alone may read the answer; undefined if the caller is none. */
  readonly origin: string | undefined;
}

/** A call that ends here. */
export interface Denied extends Refusal {
  readonly effect: "deny";
  /** Null if the token is none of ours. */
  readonly key: VerifiedKey | null;
}

/** What is refused after the caller's origin was found good; the page may read why. */
const AFTER_ORIGIN: readonly GatewayReason[] = [
  "bad_path_char",
  "bad_segment",
  "bad_segments",
  "not_in_list",
  "data_not_allowed",
  "method_not_allowed",
  "bad_path",
];

/** A call to be judged. */
export interface AskedCall {
  readonly route: CallRoute;
  readonly headers: RawHeaders;
  /** The key, where it does not stand in the headers. */
  readonly presented?: ShownKey | undefined;
  /** The one account whose keys whoever asks may know of; absent or null for all. */
  readonly account?: string | null | undefined;
}

/**
 * Judges a call, and counts it for its key: whatever the gateway and `/v2/verify` enforce comes from here. `authorize`
 * decides; what is added concerns the way on only: algorithms are called by POST, and a path needs one spelling.
 * Answers at once when the key is remembered. Throws {@link KeyApiError} `unavailable`.
 */
export function judgeCall(parts: JudgeParts, asked: AskedCall): Verdict | Promise<Verdict> {
  const { headers, presented = presentedKey(headers) } = asked;
  if (presented === "missing_key") return denied(presented, 401, null, undefined);
  if (presented.type === "admin") return judgeAdmin(parts, presented.token, asked);
  const { ownOrigin } = parts;
  const { target, webRoute } = asked.route;
  const now = parts.clock();
  const request: AccessRequest =
    ownOrigin === undefined ? { target, headers, webRoute, now } : { target, headers, webRoute, now, ownOrigin };
  const verification = parts.verify(presented, request);
  if (verification instanceof Promise) return verification.then((found) => conclude(parts, asked, request, found));
  return conclude(parts, asked, request, verification);
}

/** An admin key that is one is told so; every other is as unknown as any token. */
async function judgeAdmin({ authenticate }: JudgeParts, token: Secret, { account = null }: AskedCall): Promise<Denied> {
  try {
    const holder = await authenticate(token);
    const hidden = account !== null && (holder.account === null || nameKey(holder.account) !== nameKey(account));
    if (!hidden) return denied("wrong_kind", 403, null, undefined);
  } catch (error) {
    if (!(error instanceof KeyApiError) || error.code !== "unauthenticated") throw error;
  }
  return denied("invalid_key", 401, null, undefined);
}

function conclude(parts: JudgeParts, asked: AskedCall, request: AccessRequest, found: Verification): Verdict {
  const { route: call, account = null } = asked;
  const hidden = account !== null && found.key !== null && nameKey(found.key.account) !== nameKey(account);
  if (hidden) return denied("invalid_key", 401, null, undefined);
  const verdict = verdictOf(call, request, found);
  if (verdict.key !== null) {
    parts.usage.record({
      keyId: verdict.key.id,
      target: targetLabel(call, verdict.key.account),
      origin: callerLabel(request),
      allowed: verdict.effect === "allow",
      at: request.now,
    });
  }
  return verdict;
}

function verdictOf(call: CallRoute, { headers }: AccessRequest, { decision, key }: Verification): Verdict {
  const origin = headerValue(headers, "origin");
  if (decision.effect === "deny" || key === null) {
    const { reason, status } =
      decision.effect === "deny" ? decision : ({ reason: "invalid_key", status: 401 } as const);
    return denied(reason, status, key, AFTER_ORIGIN.includes(reason) ? origin : undefined, call);
  }
  if (call.target.type === "algorithm" && call.method !== "POST") return denied("method_not_allowed", 405, key, origin);
  if (call.path === undefined) return denied("bad_path", 400, key, origin);
  return { effect: "allow", reason: decision.reason, key, path: call.path, origin };
}

function denied(
  reason: GatewayReason,
  status: number,
  key: VerifiedKey | null,
  origin: string | undefined,
  call?: CallRoute,
): Denied {
  return { effect: "deny", reason, status, key, origin, algorithm: call && algorithmOf(call) };
}

/** The algorithm without its version; undefined for other calls and for what names none. */
function algorithmOf({ target }: CallRoute): string | undefined {
  return target.type === "algorithm" ? algorithmCalled(target.call) : undefined;
}

const algorithmCalled = remembered((call): string | undefined => {
  const algorithm = parseAlgorithmCall(call);
  return typeof algorithm === "string" ? undefined : formatAlgorithmPattern({ ...algorithm, version: undefined });
}, 1_000);

/** What usage is counted under; few, but for algorithms that callers name, which the recorder bounds. */
function targetLabel(call: CallRoute, account: string): string {
  if (call.target.type === "data") {
    const api = call.template === "/v1/data/{path}" ? "data" : "connector";
    return `${api}:${READS.includes(call.method) ? "read" : "write"}`;
  }
  const algorithm = algorithmOf(call);
  if (algorithm?.startsWith(OWN) === true) return `algo://${account.toLowerCase()}/${algorithm.slice(OWN.length)}`;
  return algorithm ?? "other";
}

const OWN = "algo://.my/";
const READS: readonly string[] = ["GET", "HEAD"];
