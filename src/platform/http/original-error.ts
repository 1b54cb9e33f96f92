import type { KeyApiError, KeyApiErrorCode } from "../../api/errors.ts";
import { MalformedRequest } from "../../api/problem.ts";
import { withoutTokens } from "../../core/token.ts";
import { RequestRefused } from "./request-refused.ts";

/** A refusal as the original's management API answers it (`Error` of its published schema). */
export interface OriginalError {
  readonly error: {
    /** Names the request in the platform's log. */
    readonly id: string;
    /** One of the original's numbers; see {@link ORIGINAL_CODES}. */
    readonly code: number;
    readonly message: string;
  };
}

/** The original's numbers, under the names that its documents give them. */
export const ORIGINAL_CODES = {
  notAuthorized: 2001,
  notAuthenticated: 2002,
  malformedJson: 2013,
  invalidRequest: 2015,
  userNotFound: 3000,
  organizationNotFound: 3100,
  internal: 5001,
  notImplemented: 5005,
  inputValidation: 6001,
} as const;

/** Whose keys a path names. */
export type OriginalOwner = "user" | "organization";

/** An answer that is no success. */
export interface OriginalRefusal {
  readonly status: number;
  readonly body: OriginalError;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer that tells of an error. What is no {@link KeyApiError} is {@link originalFailure}. */
export function originalRefusal(error: KeyApiError, owner: OriginalOwner, requestId: string): OriginalRefusal {
  const { status, code } = statusAndCode(error, owner);
  const message = error.code === "unauthenticated" ? "Unknown or invalid API key" : withoutTokens(error.message);
  const wait = String(Math.max(1, Math.ceil((error.retryAfter ?? 0) / 1000)));
  return {
    status,
    body: { error: { id: requestId, code, message } },
    headers: {
      ...(status === 429 || status === 503 ? { "Retry-After": wait } : {}),
      ...(status === 401 ? { "WWW-Authenticate": "Simple" } : {}),
      ...(status === 408 || status === 413 ? { Connection: "close" } : {}),
    },
  };
}

/** The answer that tells of a bug of ours, without detail: the server's log has it under the request id. */
export function originalFailure(requestId: string): OriginalRefusal {
  const error = { id: requestId, code: ORIGINAL_CODES.internal, message: "Internal error" };
  return { status: 500, body: { error }, headers: {} };
}

function statusAndCode(error: KeyApiError, owner: OriginalOwner): { readonly status: number; readonly code: number } {
  if (error instanceof RequestRefused) {
    const isMethod = error.status === 405;
    return { status: error.status, code: isMethod ? ORIGINAL_CODES.notImplemented : ORIGINAL_CODES.invalidRequest };
  }
  if (error instanceof MalformedRequest) return { status: 400, code: ORIGINAL_CODES.malformedJson };
  if (error.code === "not-found") return { status: 404, code: NOT_FOUND[owner] };
  return ANSWERS[error.code];
}

const NOT_FOUND: Readonly<Record<OriginalOwner, number>> = {
  user: ORIGINAL_CODES.userNotFound,
  organization: ORIGINAL_CODES.organizationNotFound,
};

/** The original's routes document 400 for an input that makes no sense, where `/v2` says 422. */
const ANSWERS: Readonly<
  Record<Exclude<KeyApiErrorCode, "not-found">, { readonly status: number; readonly code: number }>
> = {
  unauthenticated: { status: 401, code: ORIGINAL_CODES.notAuthenticated },
  forbidden: { status: 403, code: ORIGINAL_CODES.notAuthorized },
  conflict: { status: 409, code: ORIGINAL_CODES.invalidRequest },
  fenced: { status: 409, code: ORIGINAL_CODES.invalidRequest },
  stale: { status: 409, code: ORIGINAL_CODES.invalidRequest },
  invalid: { status: 400, code: ORIGINAL_CODES.inputValidation },
  "rate-limited": { status: 429, code: ORIGINAL_CODES.internal },
  unavailable: { status: 503, code: ORIGINAL_CODES.internal },
};
