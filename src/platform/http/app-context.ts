import type { RequestContext, RequestFields } from "../gateway/request-context.ts";

/** What a request of the management API turned out to be. */
export interface AppFields extends Partial<RequestFields> {
  /** The name of the admin key that was shown. */
  readonly caller?: string;
}

/** What the listener knows of a request to the management API, and where it is told the rest, bit by bit. */
export interface AppContext extends RequestContext {
  record(fields: AppFields): void;
}

/** The management API without a server: a request in, its answer out. Never rejects. */
export interface KeyApiApp {
  /** Without a context, as in tests, nobody is told of the request. */
  fetch(request: Request, context?: AppContext): Promise<Response>;
}
