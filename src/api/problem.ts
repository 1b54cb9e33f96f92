import { withoutTokens } from "../core/token.ts";
import { KeyApiError, type ChangeProblem, type KeyApiErrorCode } from "./errors.ts";

/** The media type of a refusal's body (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json";

/** What a problem's `code` can be: what the port knows, and `internal` for a bug of the platform. */
export type ProblemCode = KeyApiErrorCode | "internal";

/** The body of every answer of the management API that is no success. */
export interface Problem {
  /** An address that names the code; nothing need be there. */
  readonly type: string;
  /** The code in words, the same for every problem of that code. */
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** What happened, and what to do: one or two sentences for a person. */
  readonly detail: string;
  /** True if the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What is wrong with single changes of a change set. */
  readonly problems?: readonly ChangeProblem[];
  readonly requestId?: string;
  /** Whole seconds, the same as in the header `Retry-After`. */
  readonly retryAfter?: number;
}

/**
 * A request that does not have the form that `schemas/key-api.openapi.json` describes, such as one with an unknown field:
 * answered with 400, where what has the form and makes no sense is answered with 422.
 */
export class MalformedRequest extends KeyApiError {
  constructor(message: string, problems: readonly ChangeProblem[] = []) {
    super("invalid", message, { problems });
  }
}

/** The HTTP status of each code, for what has no better one. */
export const PROBLEM_STATUS: Readonly<Record<ProblemCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  fenced: 409,
  stale: 412,
  invalid: 422,
  "rate-limited": 429,
  unavailable: 503,
  internal: 500,
};

/** The problem that tells of an error. `requestId` names the request in the platform's log. */
export function problemOf(error: KeyApiError, requestId?: string): Problem {
  const { code, retryable, problems, retryAfter, message } = error;
  const status = error instanceof MalformedRequest ? 400 : PROBLEM_STATUS[code];
  return {
    ...problem({ code, status, detail: message, requestId }),
    retryable,
    ...(problems.length === 0 ? {} : { problems: problems.map(withoutToken) }),
    ...(status === 429 || status === 503 ? { retryAfter: Math.max(1, Math.ceil((retryAfter ?? 0) / 1000)) } : {}),
  };
}

/** Clients send tokens where names belong, and answers are kept in logs. */
function withoutToken(problem: ChangeProblem): ChangeProblem {
  return { ...problem, message: withoutTokens(problem.message) };
}

/** A problem that no error of the port stands behind, such as a body that is too large (413) or a bug (500). */
export function problem(facts: {
  readonly code: ProblemCode;
  readonly status?: number;
  readonly detail: string;
  readonly requestId?: string | undefined;
}): Problem {
  const { code, status = PROBLEM_STATUS[code], detail, requestId } = facts;
  return {
    type: `https://algokeys.dev/problems/${code}`,
    title: TITLES[code],
    status,
    code,
    detail: withoutTokens(detail),
    retryable: status === 429 || status === 503,
    ...(requestId === undefined ? {} : { requestId }),
    ...(status === 429 || status === 503 ? { retryAfter: 1 } : {}),
  };
}

/** The error that a problem tells of: the inverse of {@link problemOf}, but that a wait is in whole seconds. */
export function errorOf(problem: Problem): KeyApiError {
  const { code, detail, retryable, retryAfter, problems = [] } = problem;
  if (code === "internal")
    return new KeyApiError("unavailable", `The platform failed: ${detail}`, { retryable: false });
  const wait = retryAfter === undefined ? {} : { retryAfter: retryAfter * 1000 };
  return new KeyApiError(code, detail, { retryable, problems, ...wait });
}

const TITLES: Readonly<Record<ProblemCode, string>> = {
  unauthenticated: "Not authenticated",
  forbidden: "Not allowed",
  "not-found": "Not found",
  conflict: "Conflict",
  fenced: "Another runner took over",
  stale: "Changed since it was read",
  invalid: "Invalid request",
  "rate-limited": "Too many requests",
  unavailable: "Not available",
  internal: "Internal error",
};
