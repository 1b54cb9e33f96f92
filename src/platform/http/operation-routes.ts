import { KeyApiError } from "../../api/errors.ts";
import { ROUTES } from "../../api/routes.ts";
import { answerResponse, textResponse } from "./answers.ts";
import { METRICS_TYPE, type Metrics } from "./metrics.ts";

/** What the routes for running a server need. */
export interface OperationParts {
  /** Settles if the store answers and the server is not about to end; else rejects with `unavailable`. */
  readonly ready: () => Promise<void>;
  readonly metrics: Metrics;
  /** What is measured when somebody asks, by the names of its metrics. */
  readonly gauges: () => Readonly<Record<string, number>>;
  /** The text of `schemas/key-api.openapi.json`. */
  readonly description: string;
}

/** A route that needs no credential. */
export interface OperationRoute {
  readonly path: string;
  readonly answer: (requestId: string) => Response | Promise<Response>;
}

/** The routes that collectors, load balancers and programmers ask without a credential: nothing in them is secret. */
export function operationRoutes(parts: OperationParts): readonly OperationRoute[] {
  return [
    { path: ROUTES.live, answer: liveResponse },
    {
      path: ROUTES.ready,
      answer: async (requestId) => {
        await parts.ready();
        return answerResponse({ status: 200, body: { status: "ready" } }, requestId);
      },
    },
    { path: ROUTES.metrics, answer: (id) => textResponse(parts.metrics.render(parts.gauges()), METRICS_TYPE, id) },
    { path: ROUTES.openapi, answer: (id) => textResponse(parts.description, "application/json", id) },
  ];
}

/** The answer to whether the process runs. */
export function liveResponse(requestId: string): Response {
  return answerResponse({ status: 200, body: { status: "live" } }, requestId);
}

/** What a server that is about to end says when it is asked whether it is ready. */
export function drainingError(): KeyApiError {
  return new KeyApiError("unavailable", "The server is about to end. Ask another one.");
}
