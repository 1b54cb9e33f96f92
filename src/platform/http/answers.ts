import { KeyApiError } from "../../api/errors.ts";
import { problem, problemOf, PROBLEM_TYPE, type Problem } from "../../api/problem.ts";
import { HEADERS } from "../../api/routes.ts";
import { RequestRefused } from "./request-refused.ts";
import type { Answer } from "./route.ts";

/** Headers of every answer: its type is what it says, and no cache keeps it unasked. */
const PROTECTION = { "x-content-type-options": "nosniff", "cache-control": "no-store" } as const;

/** The answer of a handler. What bears an entity tag may be kept by its reader, who asks each time whether it holds. */
export function answerResponse({ status, body, headers = {} }: Answer, requestId: string | undefined): Response {
  const cache = "etag" in headers ? { "cache-control": "private, no-cache" } : {};
  const all = { ...PROTECTION, ...cache, ...named(requestId), ...headers };
  if (body === undefined) return new Response(null, { status, headers: all });
  return new Response(JSON.stringify(body), { status, headers: { ...all, "content-type": "application/json" } });
}

/** An answer in text of some type. */
export function textResponse(text: string, type: string, requestId: string | undefined): Response {
  return new Response(text, { headers: { ...PROTECTION, ...named(requestId), "content-type": type } });
}

/** A refusal. */
export function problemResponse(
  refused: Problem,
  requestId: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { status, retryAfter } = refused;
  const wait = retryAfter === undefined ? {} : { [HEADERS.retryAfter]: `${retryAfter}` };
  const challenge = status === 401 ? { "www-authenticate": 'Bearer realm="algokeys"' } : {};
  const all = { ...PROTECTION, ...named(requestId), ...wait, ...challenge, ...headers, "content-type": PROBLEM_TYPE };
  return new Response(JSON.stringify(requestId === undefined ? refused : { ...refused, requestId }), {
    status,
    headers: all,
  });
}

/** The problem that tells of whatever was thrown; undefined for what is our bug, of which nobody outside is told more. */
export function problemOfError(error: unknown): Problem | undefined {
  if (!(error instanceof KeyApiError)) return undefined;
  if (error instanceof RequestRefused) {
    return problem({ code: error.code, status: error.status, detail: error.message });
  }
  return problemOf(error);
}

function named(requestId: string | undefined): Readonly<Record<string, string>> {
  return requestId === undefined ? {} : { [HEADERS.requestId]: requestId };
}
