import type { KeyApiError } from "../../api/errors.ts";
import { problemOf } from "../../api/problem.ts";
import { ROUTES } from "../../api/routes.ts";
import { problemResponse } from "./answers.ts";
import type { KeyApiApp } from "./app-context.ts";
import { liveResponse } from "./operation-routes.ts";

/**
 * What answers while the pepper is missing or wrong: the process lives, and everything else is 503. Why is in the log
 * only: it names files of the server.
 */
export function sealedApp(sealed: KeyApiError, randomId: () => string): KeyApiApp {
  const refused = {
    ...problemOf(sealed),
    detail: "The platform is sealed. Its log says why, and what to do.",
    retryAfter: 60,
  };
  return {
    fetch: (request, context) => {
      const requestId = context?.requestId ?? randomId();
      const { pathname } = new URL(request.url);
      const isLive = pathname === ROUTES.live && request.method === "GET";
      context?.record({ route: isLive ? ROUTES.live : "sealed" });
      return Promise.resolve(isLive ? liveResponse(requestId) : problemResponse(refused, requestId));
    },
  };
}
