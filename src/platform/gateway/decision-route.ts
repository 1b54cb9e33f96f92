import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { KeyApiError } from "../../api/errors.ts";
import type { Caller } from "../../api/key-api.ts";
import { problem, problemOf, type Problem } from "../../api/problem.ts";
import { BODY_LIMITS, ROUTES } from "../../api/routes.ts";
import { readVerifyRequest, type VerifyRequest } from "../../api/wire-requests.ts";
import { headerAuthenticator } from "../http/authentication.ts";
import { readJsonBody } from "../http/body.ts";
import { toldProblem } from "../http/framing.ts";
import { sendProblem } from "../http/refusal.ts";
import { RequestRefused } from "../http/request-refused.ts";
import { judgeCall, type JudgeParts, type Verdict } from "./judge-call.ts";
import { shownKey } from "./presented-key.ts";
import type { Exchange, GatewayReason } from "./refusal.ts";
import { readCall } from "./route.ts";

/** A decision as it is told; `schemas/key-api.openapi.json` describes it as `Verification`. */
interface ToldDecision {
  readonly decision:
    | { readonly effect: "allow"; readonly reason: string }
    | { readonly effect: "deny"; readonly reason: GatewayReason; readonly status: number };
  readonly key: { readonly id: string; readonly account: string; readonly name: string } | null;
}

/**
 * Answers `POST /v2/verify`: may this key make this request? For gateways that ask by themselves. Any admin key may ask,
 * one that is bound to an account for that account's keys only; every other is unknown to it.
 */
export async function answerDecision(parts: JudgeParts, { request, response, context }: Exchange): Promise<void> {
  const { requestId } = context;
  try {
    const caller = await headerAuthenticator(parts.authenticate)(request.headers.authorization);
    context.askForBody();
    const asked = readVerifyRequest(await readJsonBody(webRequest(request), BODY_LIMITS.other));
    const told = await decisionOf(parts, caller, asked);
    const known = told.key === null ? {} : { keyId: told.key.id, account: told.key.account };
    context.record({ route: ROUTES.verify, caller: caller.actor, reason: told.decision.reason, ...known });
    const body = JSON.stringify(told);
    response.writeHead(200, {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "no-store",
      "X-Request-Id": requestId,
    });
    response.end(body);
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error;
    context.record({ route: ROUTES.verify, reason: error.code });
    const refused = refusalOf(error);
    if (refused.retryAfter !== undefined) response.setHeader("Retry-After", refused.retryAfter);
    if (refused.status === 401) response.setHeader("WWW-Authenticate", 'Bearer realm="algokeys"');
    sendProblem(response, context, refused);
  }
}

async function decisionOf(parts: JudgeParts, caller: Caller, asked: VerifyRequest): Promise<ToldDecision> {
  const { method, uri, headers } = asked.request;
  const refused = toldProblem({ method, url: uri, rawHeaders: headers.flat() });
  if (refused !== undefined) return denied(refused.code, refused.status);
  if (method === "OPTIONS") return denied("preflight", 204);
  const route = readCall(method, uri);
  if (route === undefined) return denied("no_route", 404);
  const presented = asked.presented.type === "token" ? shownKey(asked.presented.token) : asked.presented;
  return told(await judgeCall(parts, { route, headers, presented, account: caller.account }));
}

function denied(reason: GatewayReason, status: number, key: ToldDecision["key"] = null): ToldDecision {
  return { decision: { effect: "deny", reason, status }, key };
}

function told(verdict: Verdict): ToldDecision {
  const { key, reason } = verdict;
  const toldKey = key && { id: key.id, account: key.account, name: key.name };
  if (verdict.effect === "deny") return denied(verdict.reason, verdict.status, toldKey);
  return { decision: { effect: "allow", reason }, key: toldKey };
}

function refusalOf(error: KeyApiError): Problem {
  if (!(error instanceof RequestRefused)) return problemOf(error);
  return problem({ code: error.code, status: error.status, detail: error.message });
}

/** The request in the form in which bodies are read. */
function webRequest(incoming: IncomingMessage): Request {
  const { headers } = incoming;
  const stated = ["content-type", "content-length"].flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value] as [string, string]] : [];
  });
  return new Request("http://localhost/", {
    method: "POST",
    headers: stated,
    body: Readable.toWeb(incoming),
    duplex: "half",
  });
}
