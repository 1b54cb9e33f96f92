import type { IncomingMessage, ServerResponse } from "node:http";
import type { DenyReason } from "../../core/authorize.ts";
import type { FramingCode } from "../http/framing.ts";
import type { VerifiedKey } from "../verify.ts";
import { corsHeaders } from "./cors.ts";
import type { RequestContext } from "./request-context.ts";
import { MESSAGES } from "./refusal-messages.ts";

/** Why the gateway refuses, beside the reasons of decisions and of framing. Stable codes. */
export type GatewayReason =
  | DenyReason
  | FramingCode
  | "ambiguous_request"
  | "bad_path"
  | "internal_error"
  | "missing_key"
  | "no_route"
  | "unavailable"
  | "upstream_timeout"
  | "upstream_unreachable"
  | "wrong_kind";

/** An answer that is no success, made here and not by the upstream. */
export interface Refusal {
  readonly status: number;
  readonly reason: GatewayReason;
  /** The algorithm that was asked for, as `algo://owner/name`, if the message is to name it. */
  readonly algorithm?: string | undefined;
  /** The key that was refused; absent or null if the token is none of ours. */
  readonly key?: Pick<VerifiedKey, "id" | "account"> | null | undefined;
  /** The page's origin, if the key may be used from there and something else is refused: the page may read why. */
  readonly origin?: string | undefined;
}

/** An exchange that the gateway answers. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
}

/** The header that bears a refusal's stable reason. */
export const REASON_HEADER = "X-Algokeys-Reason";

/**
 * Answers with a refusal in the original's form, `{"error":{"message","reason"}}`; a HEAD bears the message in
 * `X-Error-Message`. `route` is the template of the request's route, for the record.
 */
export function sendRefusal(exchange: Exchange, route: string, refusal: Refusal): void {
  const { request, response, context } = exchange;
  const { status, reason, key, origin } = refusal;
  context.record({ route, reason, ...(key ? { keyId: key.id, account: key.account } : {}) });
  const message = messageOf(refusal);
  const body = JSON.stringify({ error: { message, reason } });
  const headers = [
    "Content-Type",
    "application/json; charset=utf-8",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    "Vary",
    "Origin",
    REASON_HEADER,
    reason,
    "X-Request-Id",
    context.requestId,
    ...corsHeaders(origin),
  ];
  if (status === 401) headers.push("WWW-Authenticate", 'Simple realm="algokeys", Bearer realm="algokeys"');
  if (status === 405) headers.push("Allow", route.endsWith("{call}") ? CALL_METHODS : DATA_METHODS);
  if (status === 503) headers.push("Retry-After", "1");
  if (request.method === "HEAD") headers.push("X-Error-Message", message);
  if (context.isLast()) headers.push("Connection", "close");
  response.writeHead(status, headers);
  context.finish(body);
}

/** What answers to each kind of route. */
const CALL_METHODS = "POST, OPTIONS";
const DATA_METHODS = "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS";

function messageOf({ reason, algorithm }: Refusal): string {
  return reason === "not_in_list" && algorithm !== undefined
    ? `algorithm ${algorithm} not allowed: this key's algorithms do not hold it`
    : MESSAGES[reason];
}
