import type { IncomingMessage, ServerResponse } from "node:http";
import { KeyApiError } from "../../api/errors.ts";
import { ROUTES } from "../../api/routes.ts";
import type { RawHeaders } from "../../core/caller-origin.ts";
import type { Secret } from "../../core/secret.ts";
import type { FramingProblem } from "../http/framing.ts";
import { PREFLIGHT } from "./cors.ts";
import { answerDecision } from "./decision-route.ts";
import { judgeCall, type JudgeParts, type Verdict } from "./judge-call.ts";
import { sendRefusal, type Exchange, type Refusal } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import { isCall, readCall, templateOf } from "./route.ts";
import { upstreamOf, type Upstream, type UpstreamOptions } from "./upstream.ts";
import { answerProxy, refuseProxy } from "./verify-route.ts";

/** The part of the server that calls with keys go through: `/v2/verify` and the routes of the original's calls. */
export interface Gateway {
  /** Answers a request whose {@link gatewayServes} path it is. Never throws, never rejects. */
  handle(request: IncomingMessage, response: ServerResponse, context: RequestContext): void | Promise<void>;
  /** Answers a request that {@link framingProblem} refused, in the form that this route's clients read. */
  refuse(request: IncomingMessage, response: ServerResponse, context: RequestContext, problem: FramingProblem): void;
  /** Ends the connections to the upstream; what is in flight is cut. */
  close(): Promise<void>;
}

/** What a gateway is made of. */
export interface GatewayParts extends JudgeParts {
  /** Where calls go. Undefined: only `/v2/verify` answers, the other routes are 404. */
  readonly upstream: UpstreamOptions | undefined;
  /** What {@link identityHeaders} signs with; undefined for identity headers without a signature. */
  readonly identitySecret: Secret | undefined;
  /** Told of what ended in 500 or 503; nothing of it is in the answer. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** Makes the gateway. Its listener has done the framing's checks before. */
export function gateway(parts: GatewayParts): Gateway {
  const upstream = parts.upstream && upstreamOf({ ...parts, upstream: parts.upstream });

  function answer(exchange: Exchange): void | Promise<void> {
    const { url = "", method } = exchange.request;
    if (isCall(url)) return answerCall(parts, upstream, exchange);
    if (method === "POST" && url === ROUTES.verify) return answerDecision(parts, exchange);
    return answerProxy(parts, exchange, pairsOf(exchange.request.rawHeaders));
  }

  return {
    handle: (request, response, context) => {
      const exchange = { request, response, context };
      try {
        return answer(exchange)?.catch((error: unknown) => {
          fail(parts, exchange, error);
        });
      } catch (error) {
        fail(parts, exchange, error);
        return undefined;
      }
    },
    refuse: (request, response, context, { status, code }) => {
      refuse({ request, response, context }, { status, reason: code });
    },
    close: () => {
      upstream?.close();
      return Promise.resolve();
    },
  };
}

/** The original's routes: a preflight is answered without a key; what is allowed goes to the upstream. */
function answerCall(parts: GatewayParts, upstream: Upstream | undefined, exchange: Exchange): void | Promise<void> {
  const { request, response, context } = exchange;
  const { method = "", url = "", rawHeaders } = request;
  const route = upstream && readCall(method, url);
  if (upstream === undefined || route === undefined) {
    refuse(exchange, { status: 404, reason: "no_route" });
    return;
  }
  if (method === "OPTIONS") {
    context.record({ route: route.template, reason: "preflight" });
    const end = context.isLast() ? ["Connection", "close"] : [];
    response.writeHead(204, [...PREFLIGHT, "X-Request-Id", context.requestId, ...end]);
    context.finish();
    return;
  }
  const go = (verdict: Verdict): void => {
    if (verdict.effect === "deny") {
      sendRefusal(exchange, route.template, verdict);
      return;
    }
    const { id, account } = verdict.key;
    context.record({ route: route.template, keyId: id, account, reason: verdict.reason });
    upstream.forward(exchange, route.template, verdict);
  };
  const verdict = judgeCall(parts, { route, headers: pairsOf(rawHeaders) });
  if (verdict instanceof Promise) return verdict.then(go);
  go(verdict);
}

/** Refuses in the form of the route. */
function refuse(exchange: Exchange, refusal: Refusal): void {
  const route = templateOf(exchange.request.url ?? "");
  if (route === ROUTES.verify) refuseProxy(exchange, refusal);
  else sendRefusal(exchange, route, refusal);
}

/** Whatever goes wrong on the way to a decision ends in a refusal. */
function fail({ failed }: GatewayParts, exchange: Exchange, error: unknown): void {
  const { response, context } = exchange;
  failed(error, context.requestId);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const unavailable = error instanceof KeyApiError && error.code === "unavailable";
  refuse(exchange, unavailable ? { status: 503, reason: "unavailable" } : { status: 500, reason: "internal_error" });
}

function pairsOf(rawHeaders: readonly string[]): RawHeaders {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}
