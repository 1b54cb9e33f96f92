import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { problem, PROBLEM_TYPE, type Problem } from "../../api/problem.ts";
import type { RequestContext } from "../gateway/request-context.ts";
import { SINGLE_HEADERS, type FramingCode, type FramingProblem } from "./framing.ts";

/** Answers a request of the management API that nobody will look at further, and ends the connection. */
export function sendProblem(
  response: ServerResponse,
  context: Pick<RequestContext, "requestId" | "isLast" | "finish">,
  refused: Problem,
): void {
  const { requestId } = context;
  const body = JSON.stringify({ ...refused, requestId });
  context.isLast();
  response.writeHead(refused.status, {
    "content-type": PROBLEM_TYPE,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    connection: "close",
  });
  context.finish(body);
}

/** Answers what Node could not read as a request, on its bare socket, and ends the connection. */
export function sendRawProblem(socket: Duplex, refused: Problem, requestId: string): void {
  const body = JSON.stringify({ ...refused, requestId });
  const lines = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ""}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    `X-Request-Id: ${requestId}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** The problem that tells of bad framing. */
export function framingRefusal({ status, code }: FramingProblem): Problem {
  return problem({ code: "invalid", status, detail: DETAILS[code] });
}

/** What Node could not read as a request. The reason is a stable code, for the log and the metrics. */
export interface Unreadable {
  readonly status: 400 | 408 | 431;
  readonly reason: FramingCode | "headers_too_large" | "request_timeout";
  readonly detail: string;
}

/** Tells what Node could not read; `code` is that of its error. */
export function unreadable(code: unknown): Unreadable {
  if (code === "HPE_HEADER_OVERFLOW") {
    const detail = "A request's headers may have at most 16 KiB, with its URL.";
    return { status: 431, reason: "headers_too_large", detail };
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const detail = "The request's headers did not come within 10 seconds.";
    return { status: 408, reason: "request_timeout", detail };
  }
  const reason = PARSER_CODES.get(code) ?? "bad_request";
  return { status: 400, reason, detail: DETAILS[reason] };
}

/** What Node's parser refuses before framing could, by the codes of its errors. */
const PARSER_CODES: ReadonlyMap<unknown, FramingCode> = new Map([
  ["HPE_INVALID_URL", "bad_target"],
  ["HPE_INVALID_CONTENT_LENGTH", "bad_framing"],
  ["HPE_UNEXPECTED_CONTENT_LENGTH", "bad_framing"],
  ["HPE_INVALID_TRANSFER_ENCODING", "bad_framing"],
]);

/** They repeat nothing of the request. */
const DETAILS: Readonly<Record<FramingCode, string>> = {
  bad_expectation: "The one expectation that is met here is Expect: 100-continue.",
  bad_framing: "It is not clear where the body ends. Send one Content-Length, or Transfer-Encoding: chunked.",
  bad_host: "The header Host must be one name or address, with or without a port.",
  bad_request:
    "This is not a request of HTTP/1.1: check its first line, the form of its headers and its body's chunks.",
  bad_target: "The request's target must be a path: no absolute URL, no fragment, ASCII only, everything else encoded.",
  body_not_allowed: "A GET or HEAD request has no body here.",
  duplicate_header: `A header that may come once came twice: one of ${SINGLE_HEADERS}.`,
  key_in_url:
    "A key does not belong into a URL, which is kept in many logs. Send Authorization: Bearer KEY, and replace this key.",
  method_override: "A method cannot be overridden. Send the method that is meant.",
  too_many_headers: "A request may have at most 100 headers.",
  upgrade_refused: "This server speaks HTTP/1.1 only. Send no Upgrade header.",
  url_too_long: "A request's URL may have at most 4,096 characters.",
};
