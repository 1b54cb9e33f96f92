import type { IncomingMessage } from "node:http";
import { plainHeaderName } from "../../core/authorize.ts";
import { remembered } from "../../core/remembered.ts";
import { corsHeaders } from "./cors.ts";
import { GATEWAY_PREFIX } from "./identity.ts";

/** Headers of one connection, not of the message (RFC 9110, 7.6.1), and what could make one message look like two. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** What stays here: the key, what the gateway says itself, and what some servers take for the target or method to serve. */
const OWN: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "expect",
  "forwarded",
  "host",
  "x-original-method",
  "x-original-url",
  "x-real-ip",
  "x-rewrite-url",
]);

/** Facts of the exchange that the upstream is told. */
export interface ForwardedFacts {
  /** The upstream's own host. */
  readonly host: string;
  /** The scheme that the client sees. */
  readonly scheme: "http" | "https";
  /** The headers that tell who calls. */
  readonly identity: readonly string[];
}

/**
 * The headers that go to the upstream, names and values in turn: the client's without the key, without those of the
 * connection and those that it names, without any that could pass for the gateway's (`_` for `-` too, because some servers
 * read them alike); then the gateway's own. Bodies are framed as they came.
 */
export function forwardedHeaders(request: IncomingMessage, facts: ForwardedFacts): string[] {
  const { rawHeaders, headers, method = "", socket } = request;
  const named = connectionNames(rawHeaders);
  const kept: string[] = ["Host", facts.host];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!goesOn(name) || (named !== NONE && named.has(name.toLowerCase()))) continue;
    kept.push(name, rawHeaders[index + 1] ?? "");
  }
  if (headers["content-length"] !== undefined) kept.push("Content-Length", headers["content-length"]);
  else if (headers["transfer-encoding"] !== undefined) kept.push("Transfer-Encoding", "chunked");
  else if (WITH_BODY.includes(method)) kept.push("Content-Length", "0");
  kept.push("X-Forwarded-For", socket.remoteAddress ?? "unknown", "X-Forwarded-Proto", facts.scheme);
  if (headers.host !== undefined) kept.push("X-Forwarded-Host", headers.host);
  kept.push(...facts.identity);
  return kept;
}

/** True for a header of the client's that the upstream may see, whatever the connection says. */
const goesOn = remembered((name) => {
  const plain = plainHeaderName(name);
  if (HOP_BY_HOP.has(plain) || OWN.has(plain)) return false;
  return !plain.startsWith("x-forwarded-") && !plain.startsWith(GATEWAY_PREFIX);
}, 1_000);

const WITH_BODY: readonly string[] = ["POST", "PUT", "PATCH"];

/**
 * The headers that go back to the client: the upstream's without those of the connection, and without its own word on
 * which pages may read it, which is the gateway's to say.
 */
export function answerHeaders(
  { rawHeaders, statusCode }: Pick<IncomingMessage, "rawHeaders" | "statusCode">,
  origin: string | undefined,
  requestId: string,
): string[] {
  const named = connectionNames(rawHeaders);
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!goesBack(name) || (named !== NONE && named.has(name.toLowerCase()))) continue;
    // A 204 has no length, not even 0 (RFC 9110, 8.6).
    if (statusCode === 204 && name.toLowerCase() === "content-length") continue;
    kept.push(name, rawHeaders[index + 1] ?? "");
  }
  kept.push("Vary", "Origin", "X-Request-Id", requestId, ...corsHeaders(origin));
  return kept;
}

/** True for a header of the upstream's that the client may see, whatever the connection says. */
const goesBack = remembered((name) => {
  const plain = plainHeaderName(name);
  if (HOP_BY_HOP.has(plain) || plain === "x-request-id") return false;
  return !plain.startsWith("access-control-") && !plain.startsWith(GATEWAY_PREFIX);
}, 1_000);

/** The headers that a message declares to be of its connection only, in lower case. */
function connectionNames(rawHeaders: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length !== CONNECTION.length || name.toLowerCase() !== CONNECTION) continue;
    const value = rawHeaders[index + 1]?.toLowerCase() ?? "";
    if (value === "keep-alive" || value === "close") continue;
    names ??= new Set();
    for (const each of value.split(",")) names.add(each.trim());
  }
  return names ?? NONE;
}

const CONNECTION = "connection";
const NONE: ReadonlySet<string> = new Set();
