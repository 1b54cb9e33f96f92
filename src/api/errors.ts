/** What can fail between a client and the platform; a closed list, mapped once per protocol and once to exit codes. */
export type KeyApiErrorCode =
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  /** The lease under which was written is another runner's by now. */
  | "fenced"
  | "stale"
  | "invalid"
  | "rate-limited"
  | "unavailable";

/** What is wrong with one change of a refused change set. */
export interface ChangeProblem {
  /** Position of the change in its change set. */
  readonly change: number;
  readonly code: ChangeProblemCode;
  /** One sentence that names the key. */
  readonly message: string;
}

/** Why a change is refused. `stale` and `gone`: the object moved since it was read. */
export type ChangeProblemCode =
  | "stale"
  | "gone"
  | "name-taken"
  | "protected"
  | "managed-elsewhere"
  | "unknown-credential"
  | "credential-taken"
  | "too-many-credentials"
  | "not-restorable"
  | "invalid";

/** The facts of a {@link KeyApiError} beside its code and message. */
export interface KeyApiErrorOptions {
  /** True if the same call may succeed later, unchanged. */
  readonly retryable?: boolean;
  /** Milliseconds to wait before that, if the platform said so. */
  readonly retryAfter?: number;
  readonly problems?: readonly ChangeProblem[];
  /** Kept for logs of the process itself; never sent anywhere. */
  readonly cause?: unknown;
}

/** The world failed, or the platform refused: thrown by every {@link KeyApi}, caught only at the rims (design section 5). */
export class KeyApiError extends Error {
  override readonly name = "KeyApiError";
  readonly code: KeyApiErrorCode;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly problems: readonly ChangeProblem[];

  constructor(code: KeyApiErrorCode, message: string, options: KeyApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? (code === "unavailable" || code === "rate-limited");
    this.retryAfter = options.retryAfter;
    this.problems = options.problems ?? [];
  }
}
