import type { RequestContext, RequestFields } from "../gateway/request-context.ts";

/** What a request of the management API turned out to be. */
export interface AppFields extends Partial<RequestFields> {
  /** The name of the admin key that was shown. */
  readonly caller?: string;
}

/** What the listener knows of a request, whoever answers it. */
export interface ExchangeContext extends RequestContext {
  /** Where the connection comes from; undefined where there is none. */
  readonly address: string | undefined;
  record(fields: AppFields): void;
}

/** The part of it that the management API needs: its answers are sent for it. */
export type AppContext = Pick<ExchangeContext, "requestId" | "address" | "askForBody" | "record">;

/** The management API without a server: a request in, its answer out. Never rejects. */
export interface KeyApiApp {
  /** Without a context, as in tests, nobody is told of the request. */
  fetch(request: Request, context?: AppContext): Promise<Response>;
}
