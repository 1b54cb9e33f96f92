import { matchAlgorithm, parseAlgorithmCall, parseAlgorithmPattern } from "./algorithm-pattern.ts";
import type { AlgorithmMatch, CallPathProblem } from "./algorithm-pattern.ts";
import type { ApiKey, Credential } from "./api-key.ts";
import { decideOrigin, type CallerContext, type OriginDenial } from "./caller-origin.ts";
import { decideData } from "./data-access.ts";
import type { KeySpec } from "./key-spec.ts";
import { remembered } from "./remembered.ts";

/** What a request wants. */
export type AccessTarget =
  /** An algorithm: the raw path after `/v1/algo/`, nothing decoded. */
  | { readonly type: "algorithm"; readonly call: string }
  /** The Data API, by HTTP method. */
  | { readonly type: "data"; readonly method: string }
  /** Management of the account's algorithms. */
  | { readonly type: "management" };

/** A request that bears a key. */
export interface AccessRequest extends CallerContext {
  readonly target: AccessTarget;
  /** The moment of the request, in milliseconds since 1970. */
  readonly now: number;
}

/** What the rule needs to know of a key; an {@link ApiKey} has it all. */
export type AccessKey = Pick<ApiKey, "account" | "deletedAt"> & {
  readonly spec: Pick<KeySpec, "algorithms" | "origins" | "data" | "management" | "enabled" | "expires">;
};

/** Why a request is allowed; `match` says what in the allow-list did it. */
export type AllowReason = AlgorithmMatch | "data" | "management";

/** Why a request is refused. Stable codes: in bodies, audit and usage records, and counted. */
export type DenyReason =
  | "invalid_key"
  | "duplicate_header"
  | "method_override"
  | "key_deleted"
  | "key_disabled"
  | "key_expired"
  | "credential_revoked"
  | "credential_retired"
  | OriginDenial
  | CallPathProblem
  | "not_in_list"
  | "data_not_allowed"
  | "method_not_allowed"
  | "preflight"
  | "management_not_allowed"
  | "unreadable_request";

/** What the rule decides. `status` is the HTTP status that a gateway answers with. */
export type Decision =
  | { readonly effect: "allow"; readonly reason: AllowReason }
  | { readonly effect: "deny"; readonly reason: DenyReason; readonly status: 204 | 400 | 401 | 403 | 405 };

/** Headers that ask some servers for another method than was judged, in lower case; see {@link plainHeaderName}. */
export const METHOD_OVERRIDES: readonly string[] = ["x-http-method-override", "x-http-method", "x-method-override"];

/** A header's name as the most careless server reads it: in lower case, `-` for `_`. */
export function plainHeaderName(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

const isOverride = remembered((name) => METHOD_OVERRIDES.includes(plainHeaderName(name)), 1_000);

/**
 * The one rule that decides access (design decision 7), in the gateway's order: framing, life of the key and of the
 * credential that was presented, caller origin, target. Pure and total: whatever cannot be read is refused, never thrown.
 * The gateway, `/v2/verify`, access tests, `algokeys try` and the console all call it.
 */
export function authorize(key: AccessKey, request: AccessRequest, credential?: Credential): Decision {
  try {
    return decide(key, request, credential);
  } catch {
    // Deny by default: a value of the wrong shape can only come from outside the type system.
    return deny("unreadable_request", 400);
  }
}

function decide(key: AccessKey, request: AccessRequest, credential: Credential | undefined): Decision {
  if (!isReadable(key, request, credential)) return deny("unreadable_request", 400);
  if (request.headers.some(([name]) => isOverride(name))) return deny("method_override", 400);
  const origin = decideOrigin(key.spec.origins, request);
  if (origin.effect === "deny" && origin.status === 400) return origin;
  const dead = lifeDenial(key, request.now, credential);
  if (dead !== undefined) return deny(dead, 401);
  return origin.effect === "deny" ? origin : decideTarget(key, request.target);
}

/** True if whatever decides is of the type that it must be; only callers from outside the type system make it false. */
function isReadable({ account, spec }: AccessKey, request: AccessRequest, credential: Credential | undefined): boolean {
  const { headers, target, now, webRoute = false } = request;
  const { web, native } = spec.origins;
  const hosts: readonly unknown[] = typeof web === "string" ? NO_HOSTS : web.hosts;
  const call: unknown = target.type === "algorithm" ? target.call : "";
  return (
    Number.isFinite(now) &&
    (typeof web !== "string" || WEB_WORDS.includes(web)) &&
    isText(account) &&
    isText(call) &&
    isText(spec.expires ?? "") &&
    isText(credential?.retiresAt ?? "") &&
    spec.algorithms.every(isText) &&
    hosts.every(isText) &&
    isFlag(spec.enabled) &&
    isFlag(spec.management) &&
    isFlag(native) &&
    isFlag(webRoute) &&
    headers.every(isHeader)
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isHeader(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && isText(value[1]);
}

const NO_HOSTS: readonly unknown[] = [];
const WEB_WORDS: readonly string[] = ["none", "any"];

function lifeDenial(key: AccessKey, now: number, credential: Credential | undefined): DenyReason | undefined {
  if (key.deletedAt !== null) return "key_deleted";
  if (!key.spec.enabled) return "key_disabled";
  if (isPast(key.spec.expires, now)) return "key_expired";
  if (credential === undefined) return undefined;
  if (credential.revokedAt !== null) return "credential_revoked";
  return isPast(credential.retiresAt, now) ? "credential_retired" : undefined;
}

/** A moment that cannot be read counts as past, and so does any moment if the clock cannot be read. */
function isPast(instant: string | null, now: number): boolean {
  return instant !== null && !(now < Date.parse(instant));
}

function decideTarget(key: AccessKey, target: AccessTarget): Decision {
  switch (target.type) {
    case "algorithm":
      return decideAlgorithm(key.spec.algorithms, target.call, key.account);
    case "data":
      return decideData(key.spec.data, target.method);
    case "management":
      return key.spec.management ? { effect: "allow", reason: "management" } : deny("management_not_allowed", 403);
    default:
      return deny("unreadable_request", 400);
  }
}

const readPattern = remembered(parseAlgorithmPattern, 10_000);
const readCall = remembered(parseAlgorithmCall, 1_000);

/** Decides a call against an allow-list; also what the algorithm vectors exercise. */
export function decideAlgorithm(patterns: readonly string[], path: string, account: string): Decision {
  const call = readCall(path);
  if (typeof call === "string") return deny(call, 403);
  for (const text of patterns) {
    const pattern = readPattern(text);
    const match = pattern && matchAlgorithm(pattern, call, account);
    if (match !== undefined) return { effect: "allow", reason: match };
  }
  return deny("not_in_list", 403);
}

function deny(reason: DenyReason, status: 400 | 401 | 403): Decision {
  return { effect: "deny", reason, status };
}
