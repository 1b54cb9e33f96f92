import { Hono, type Context } from "hono";
import type { Caller, KeyApi } from "../../api/key-api.ts";
import { problem } from "../../api/problem.ts";
import type { RandomBytes } from "../../core/token.ts";
import type { AdminKeys } from "../admin-keys.ts";
import { ACCOUNT_ROUTES } from "./account-routes.ts";
import { answerResponse, problemOfError, problemResponse } from "./answers.ts";
import type { AppContext, KeyApiApp } from "./app-context.ts";
import type { AuthenticateHeader } from "./authentication.ts";
import { expectNoBody, readJsonBody } from "./body.ts";
import { keyRoutes, type KeyRouteParts } from "./key-routes.ts";
import { operationRoutes, type OperationParts } from "./operation-routes.ts";
import { originalKeyRoutes } from "./original.ts";
import { readQuery, type Route } from "./route.ts";

/** What the management API is made of. */
export interface AppParts extends KeyRouteParts, OperationParts {
  /** The service in a caller's name, whose connection comes from that address. */
  readonly service: (caller: Caller, address: string | undefined) => KeyApi;
  /** The admin keys in a caller's name. */
  readonly adminKeys: (caller: Caller) => AdminKeys;
  readonly authenticate: AuthenticateHeader;
  /** Where the tokens come from that this platform draws for clients of the original. */
  readonly random: RandomBytes;
  /** Told of what is our bug, and of what the world refused us. */
  readonly failed: (error: unknown, requestId: string) => void;
}

interface Env {
  readonly Bindings: AppContext;
}

/**
 * Makes the management API: every route of `schemas/key-api.openapi.json` but `/v2/verify`, and the original's key routes.
 * In front of every handler: the caller, then the query, then the body. Whatever is thrown becomes a problem.
 */
export function keyApiApp(parts: AppParts): KeyApiApp {
  const app = new Hono<Env>();
  const routes = [...ACCOUNT_ROUTES, ...keyRoutes(parts)];
  for (const route of routes) app.on(route.method, patternOf(route.path), (c) => answerCall(parts, route, c));
  for (const route of operationRoutes(parts)) {
    app.get(route.path, async (c) => {
      c.env.record({ route: route.path });
      readQuery(c.req.url);
      return await route.answer(c.env.requestId);
    });
  }
  const methods = methodsByPath([...routes, ...operationRoutes(parts).map(({ path }) => ({ path, method: "GET" }))]);
  for (const [path, allowed] of methods) app.all(patternOf(path), (c) => refuseMethod(c, path, allowed));
  app.route("/v1", originalKeyRoutes(parts));
  app.notFound((c) => {
    const detail = "There is no such route. GET /v2/openapi.json lists them all.";
    return problemResponse(problem({ code: "not-found", detail }), c.env.requestId);
  });
  app.onError((error, c) => refuseError(parts, error, c.env.requestId, c.req.raw.signal.aborted));

  return {
    fetch: async (request, context) => {
      const known = context ?? { requestId: parts.randomId(), askForBody: nothing, record: nothing };
      try {
        return await app.fetch(request, known);
      } catch (error) {
        return refuseError(parts, error, known.requestId, request.signal.aborted); // what was thrown is no Error
      }
    },
  };
}

function nothing(): void {
  // Without a listener nobody waits to be asked, and nobody is told.
}

async function answerCall(parts: AppParts, route: Route, c: Context<Env>): Promise<Response> {
  const { requestId } = c.env;
  const request = c.req.raw;
  c.env.record({ route: route.path });
  const caller = await parts.authenticate(c.req.header("authorization"));
  c.env.record({ caller: caller.actor });
  c.env.askForBody();
  const query = readQuery(request.url, route.query);
  const body = route.body === undefined ? undefined : await readJsonBody(request, route.body);
  if (route.body === undefined && route.method !== "GET") await expectNoBody(request);
  const answer = await route.handle({
    caller,
    api: parts.service(caller, c.env.address),
    adminKeys: parts.adminKeys(caller),
    account: c.req.param("account") ?? "",
    id: c.req.param("id") ?? "",
    query,
    headers: request.headers,
    body,
    signal: request.signal,
  });
  return answerResponse(answer, requestId);
}

function refuseMethod(c: Context<Env>, path: string, allowed: string): Response {
  c.env.record({ route: path });
  const detail = `This route knows the methods ${allowed}.`;
  return problemResponse(problem({ code: "invalid", status: 405, detail }), c.env.requestId, { allow: allowed });
}

/** `gone`: the client has left, and what was thrown is that its call was given up. */
function refuseError(parts: AppParts, error: unknown, requestId: string, gone: boolean): Response {
  const told = problemOfError(error);
  if (!gone && (told === undefined || told.status >= 500)) parts.failed(error, requestId);
  const detail = `This is a bug. The server's log has more under the request id ${requestId}.`;
  const refused = told ?? problem({ code: "internal", detail });
  // A client that has gone reads nothing; one that sent too much must not go on.
  const close = refused.status === 408 || refused.status === 413 ? { connection: "close" } : undefined;
  return problemResponse(refused, requestId, close);
}

/** `{account}` in a template of the API's description is `:account` in a pattern of the router. */
function patternOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function methodsByPath(
  routes: readonly { readonly path: string; readonly method: string }[],
): ReadonlyMap<string, string> {
  const methods = new Map<string, string>();
  for (const { path, method } of routes) {
    const before = methods.get(path);
    methods.set(path, before === undefined ? method : `${before}, ${method}`);
  }
  return methods;
}
