import { MAX_HEADERS, MAX_URL, SINGLE_HEADERS } from "../http/framing.ts";
import type { GatewayReason } from "./refusal.ts";

const ASCII_ORIGIN = "a page's origin must be plain, such as https://shop.example.com";
const ALGORITHM_PATH = "call /v1/algo/owner/name or /v1/algo/owner/name/version";

/**
 * What a refused client reads, one sentence for each reason; `authorization required` is the original's own. They tell the
 * holder of a working key why it does not do, and everybody else nothing.
 */
export const MESSAGES: Readonly<Record<GatewayReason, string>> = {
  missing_key: "authorization required: send the header Authorization: Simple YOUR_API_KEY",
  invalid_key: "unknown or invalid API key",
  wrong_kind: "this is an admin key, which makes no calls: use an application's key",
  key_deleted: "this API key was deleted",
  key_disabled: "this API key is disabled",
  key_expired: "this API key has expired",
  credential_revoked: "this secret of the API key was revoked: use its newest one",
  credential_retired: "this secret of the API key was replaced: use its newest one",
  native_not_allowed: "this API key works in web pages only",
  web_not_allowed: "this API key does not work in web pages",
  missing_origin: "this API key works on certain sites only, and the page does not say its own: send Origin or Referer",
  origin_referer_conflict: "Origin and Referer name different sites",
  no_match: "this API key does not work on that site: its referrers do not hold it",
  empty_origin: "the header Origin is empty",
  null_origin: "the page has no origin (sandboxed or a local file), and this API key works on certain sites only",
  empty_referer: "the header Referer is empty",
  non_ascii: ASCII_ORIGIN,
  unparsable: ASCII_ORIGIN,
  bad_scheme: ASCII_ORIGIN,
  userinfo: ASCII_ORIGIN,
  not_canonical: ASCII_ORIGIN,
  trailing_dot: ASCII_ORIGIN,
  bad_label: ASCII_ORIGIN,
  bad_path_char: `this path names no algorithm: ${ALGORITHM_PATH}`,
  bad_segment: `this path names no algorithm: ${ALGORITHM_PATH}`,
  bad_segments: `this path names no algorithm: ${ALGORITHM_PATH}`,
  not_in_list: "algorithm not allowed: this key's algorithms do not hold it",
  data_not_allowed: "this API key's data access is not enough for that",
  management_not_allowed: "this API key may not manage algorithms",
  method_not_allowed:
    "method not allowed: algorithms are called by POST, data by GET, HEAD, PUT, POST, PATCH and DELETE",
  preflight: "a preflight bears no key: let the proxy answer it, or send it to the gateway",
  bad_path:
    "this path or query cannot be forwarded: no empty parts, dots, backslashes or semicolons, everything else encoded",
  unreadable_request: "this request cannot be read",
  bad_expectation: "the one expectation that is met here is Expect: 100-continue",
  bad_framing: "the request's framing is not clear: one Content-Length, or Transfer-Encoding: chunked",
  bad_host: "the header Host must be one name or address, with or without a port",
  bad_request: "this is no request of HTTP/1.1: its method is unknown",
  bad_target: "the request's target must be a path, ASCII only",
  body_not_allowed: "GET and HEAD have no body",
  duplicate_header: `a header that may come once came twice: one of ${SINGLE_HEADERS}`,
  key_in_url: "keys do not belong in URLs, which logs keep: send the header Authorization, and replace this key",
  method_override: "send the method itself: overrides are refused",
  too_many_headers: `more than ${MAX_HEADERS} headers`,
  upgrade_refused: "this server upgrades no connection",
  url_too_long: `the URL is longer than ${MAX_URL} characters`,
  ambiguous_request:
    "state the original request in one way: X-Original-Method and X-Original-URI, X-Forwarded-Method and X-Forwarded-Uri, or the path after /v2/verify",
  no_route: "there is no such route",
  unavailable: "keys cannot be checked at the moment: try again",
  internal_error: "internal error",
  upstream_unreachable:
    "the server behind the gateway gave no answer: try again, and if it stays so, tell whoever runs it",
  upstream_timeout:
    "the server behind the gateway did not answer in time, and may still be at work: look before you repeat the call",
};
