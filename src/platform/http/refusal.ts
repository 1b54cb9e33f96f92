import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { problem, PROBLEM_TYPE, type Problem } from "../../api/problem.ts";
import type { FramingCode, FramingProblem } from "./framing.ts";

/** Answers a request of the management API that nobody will look at further, and ends the connection. */
export function sendProblem(response: ServerResponse, refused: Problem, requestId: string): void {
  const body = JSON.stringify({ ...refused, requestId });
  response.writeHead(refused.status, {
    "content-type": PROBLEM_TYPE,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    connection: "close",
  });
  response.end(body);
}

/** Answers what Node could not read as a request, on its bare socket, and ends the connection. */
export function sendRawProblem(socket: Duplex, refused: Problem): void {
  const body = JSON.stringify(refused);
  const lines = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ""}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** The problem that tells of bad framing. */
export function framingRefusal({ status, code }: FramingProblem): Problem {
  return problem({ code: "invalid", status, detail: DETAILS[code] });
}

/** The problem that tells of what Node could not read; `code` is that of Node's error. */
export function unreadableRefusal(code: unknown): Problem {
  if (code === "HPE_HEADER_OVERFLOW") {
    return problem({ code: "invalid", status: 431, detail: "A request's headers may have at most 16 KiB." });
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problem({ code: "invalid", status: 408, detail: "The request's headers did not come within 10 seconds." });
  }
  return problem({ code: "invalid", status: 400, detail: "This is not a request of HTTP/1.1." });
}

/** They repeat nothing of the request. */
const DETAILS: Readonly<Record<FramingCode, string>> = {
  bad_framing: "It is not clear where the body ends. Send one Content-Length, or Transfer-Encoding: chunked.",
  bad_target: "The request's target must be a path: no absolute URL, no fragment, no control characters.",
  body_not_allowed: "A GET or HEAD request has no body here.",
  duplicate_header:
    "A header that may come once came twice: Origin, Referer, Host, Authorization, If-Match or Idempotency-Key.",
  key_in_url:
    "A key does not belong into a URL, which is kept in many logs. Send Authorization: Bearer KEY, and replace this key.",
  method_override: "A method cannot be overridden. Send the method that is meant.",
  too_many_headers: "A request may have at most 100 headers.",
  upgrade_refused: "This server speaks HTTP/1.1 only. Send no Upgrade header.",
  url_too_long: "A request's URL may have at most 4,096 characters.",
};
