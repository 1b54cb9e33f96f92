import { ROUTES } from "../../api/routes.ts";
import type { RawHeaders } from "../../core/caller-origin.ts";
import { corsHeaders } from "./cors.ts";
import type { GatewayParts } from "./gateway.ts";
import { identityHeaders } from "./identity.ts";
import { judgeCall, type Allowed, type Verdict } from "./judge-call.ts";
import { knowsOnly403, proxiedRequest } from "./proxied-request.ts";
import { REASON_HEADER, sendRefusal, type Exchange, type Refusal } from "./refusal.ts";
import { readCall, type CallRoute } from "./route.ts";

/**
 * Answers a proxy that asks whether a request may go on (nginx `auth_request`, forward-auth of Traefik and Caddy, Envoy's
 * `ext_authz` over HTTP): 200 with headers that say whose key it is, or the refusal that its client gets. Success means
 * "forward", so nothing but an allowed call gets it: a preflight, which bears no key, is 403 here.
 */
export function answerProxy(parts: GatewayParts, exchange: Exchange, headers: RawHeaders): void | Promise<void> {
  const original = proxiedRequest(exchange.request);
  if ("reason" in original) {
    refuseProxy(exchange, original);
    return;
  }
  if (original.method === "OPTIONS") {
    refuseProxy(exchange, { status: 403, reason: "preflight" });
    return;
  }
  const call = readCall(original.method, original.uri);
  if (call === undefined) {
    refuseProxy(exchange, { status: 404, reason: "no_route" });
    return;
  }
  const verdict = judgeCall(parts, { route: call, headers });
  if (!(verdict instanceof Promise)) answer(parts, exchange, call, verdict);
  else
    return verdict.then((judged) => {
      answer(parts, exchange, call, judged);
    });
}

/** Refuses a proxy's question, with a status that it understands. */
export function refuseProxy(exchange: Exchange, refusal: Refusal): void {
  const { status, origin } = refusal;
  const folded = status < 500 && status !== 401 && knowsOnly403(exchange.request) ? 403 : status;
  for (const [name, value] of allowedOrigin(origin)) exchange.response.setHeader(name, value);
  sendRefusal(exchange, ROUTES.verify, { ...refusal, status: folded });
}

/** Tells a proxy which page may read the answer, be it the upstream's or its own refusal. */
function allowedOrigin(origin: string | undefined): readonly (readonly [string, string])[] {
  return origin === undefined || corsHeaders(origin).length === 0 ? [] : [["X-Algokeys-Allow-Origin", origin]];
}

function answer(parts: GatewayParts, exchange: Exchange, call: CallRoute, verdict: Verdict): void {
  if (verdict.effect === "deny") refuseProxy(exchange, verdict);
  else allow(parts, exchange, call, verdict);
}

function allow(parts: GatewayParts, { response, context }: Exchange, call: CallRoute, allowed: Allowed): void {
  const { key, path, reason, origin } = allowed;
  const { requestId } = context;
  context.record({ route: ROUTES.verify, keyId: key.id, account: key.account, reason });
  const caller = { account: key.account, keyId: key.id, keyName: key.name, requestId };
  const headers = [
    "Content-Length",
    "0",
    "Cache-Control",
    "no-store",
    "X-Request-Id",
    requestId,
    REASON_HEADER,
    reason,
    // What was judged, in the one spelling that a proxy should forward.
    "X-Algokeys-Path",
    path,
    ...identityHeaders(caller, { method: call.method, path }, parts.identitySecret, parts.clock()),
  ];
  headers.push(...allowedOrigin(origin).flat());
  if (context.isLast()) headers.push("Connection", "close");
  // Everything is in the headers: proxies throw an allowed answer's body away.
  response.writeHead(200, headers);
  context.finish();
}
