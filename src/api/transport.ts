/**
 * Carries one request to a platform and brings the answer, whatever its status. It rejects only with a
 * {@link KeyApiError} `unavailable` where no whole answer came, or with the signal's reason.
 */
export type Transport = (request: WireRequest) => Promise<WireResponse>;

/** A request of the management API. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path and query, beginning with `/`, encoded. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; absent for none. */
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer. */
export interface WireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text, decoded; empty for none. */
  readonly body: string;
}
