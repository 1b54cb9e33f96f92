import { Hono, type Context } from "hono";
import { KeyApiError } from "../../api/errors.ts";
import type { Caller, KeyApi } from "../../api/key-api.ts";
import { BODY_LIMITS } from "../../api/routes.ts";
import { ACCOUNT_PATTERN } from "../../core/key-name.ts";
import type { RandomBytes } from "../../core/token.ts";
import type { AppContext } from "./app-context.ts";
import type { AuthenticateHeader } from "./authentication.ts";
import { readJsonBody } from "./body.ts";
import { allKeys, createOriginalKey } from "./original-create.ts";
import {
  originalFailure,
  originalRefusal,
  type OriginalError,
  type OriginalOwner,
  type OriginalRefusal,
} from "./original-error.ts";
import { originalKey, type OriginalKey } from "./original-key.ts";
import { readOriginalRequest } from "./original-request.ts";
import { RequestRefused } from "./request-refused.ts";

/** What the original's key routes stand on. */
export interface OriginalParts {
  /** The service in a caller's name, whose connection comes from that address. */
  readonly service: (caller: Caller, address: string | undefined) => KeyApi;
  readonly authenticate: AuthenticateHeader;
  /** Where the tokens come from that this platform draws for clients of the original. */
  readonly random: RandomBytes;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  /** Told of what is our bug, and of what the world refused us. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** Each request comes with what the listener knows of it. */
interface OriginalEnv {
  readonly Bindings: AppContext;
}

/** A request whose caller is known. */
interface OriginalCall {
  readonly request: Request;
  readonly caller: Caller;
  readonly api: KeyApi;
  /** The user or organization whose keys the path names. */
  readonly account: string;
  /** The member that the path names; empty if it names none. */
  readonly member: string;
}

/** What a route answers, well or not. */
interface OriginalAnswer extends Omit<OriginalRefusal, "body"> {
  readonly body: OriginalKey | readonly OriginalKey[] | OriginalError;
}

interface OriginalRoute {
  readonly method: "GET" | "POST";
  /** Below `/v1`. */
  readonly path: string;
  readonly owner: OriginalOwner;
  readonly status: 200 | 201;
  readonly answer: (call: OriginalCall, parts: OriginalParts) => Promise<OriginalKey | readonly OriginalKey[]>;
}

/** The six key routes that the original published; it had none to get, change or delete one key. */
const ROUTES: readonly OriginalRoute[] = [
  { method: "GET", path: "/users/:account/keys", owner: "user", status: 200, answer: list },
  { method: "POST", path: "/users/:account/keys", owner: "user", status: 200, answer: create },
  { method: "POST", path: "/admin/users/:account/keys", owner: "user", status: 200, answer: importKey },
  { method: "GET", path: "/organizations/:account/keys", owner: "organization", status: 200, answer: list },
  { method: "POST", path: "/organizations/:account/keys", owner: "organization", status: 200, answer: create },
  {
    method: "POST",
    path: "/organizations/:account/members/:member/keys",
    owner: "organization",
    status: 201,
    answer: create,
  },
];

/**
 * The original platform's key routes, to be mounted at `/v1`, for its clients to work unchanged. They want the same admin
 * keys as `/v2` does, answer with the original's numbered errors, and show a secret only in the answer that makes it.
 */
export function originalKeyRoutes(parts: OriginalParts): Hono<OriginalEnv> {
  const app = new Hono<OriginalEnv>();
  for (const route of ROUTES) {
    app.on(route.method, route.path, (context) => answerRoute(context, route, parts));
  }
  for (const { path, owner } of ROUTES) {
    app.all(path, ({ req, env }) => {
      env.record({ route: templateOf(path) });
      const allowed = ROUTES.filter((route) => route.path === path).map(({ method }) => method);
      const refused = originalRefusal(notImplemented(req.method), owner, env.requestId);
      return response({ ...refused, headers: { Allow: allowed.join(", ") } }, env);
    });
  }
  app.all("*", ({ env }) => {
    const nothing = new RequestRefused(
      404,
      "There is no such route here. Keys are under /v1/users and /v1/organizations.",
    );
    return response(originalRefusal(nothing, "user", env.requestId), env);
  });
  return app;
}

async function answerRoute(
  { req, env }: Context<OriginalEnv>,
  route: OriginalRoute,
  parts: OriginalParts,
): Promise<Response> {
  const request = req.raw;
  env.record({ route: templateOf(route.path) });
  try {
    const caller = await parts.authenticate(req.header("authorization"));
    env.record({ caller: caller.actor });
    env.askForBody();
    const account = req.param("account") ?? "";
    const member = req.param("member") ?? "";
    const body = await route.answer(
      { request, caller, api: parts.service(caller, env.address), account, member },
      parts,
    );
    return response({ status: route.status, body, headers: {} }, env);
  } catch (error) {
    const isKnown = error instanceof KeyApiError;
    const refused = isKnown ? originalRefusal(error, route.owner, env.requestId) : originalFailure(env.requestId);
    if (refused.status >= 500 && !request.signal.aborted) parts.failed(error, env.requestId);
    return response(refused, env);
  }
}

/** Answers may bear secrets, and are for nobody's cache. */
function response({ status, body, headers }: OriginalAnswer, { requestId }: AppContext): Response {
  const protection = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": requestId };
  return Response.json(body, { status, headers: { ...protection, ...headers } });
}

/** The route as logs and metrics name it. */
function templateOf(path: string): string {
  return `/v1${path.replaceAll(/:(\w+)/g, "{$1}")}`;
}

async function list(
  { request, api, account }: OriginalCall,
  { clock }: OriginalParts,
): Promise<readonly OriginalKey[]> {
  const keys = await allKeys(api, account, request);
  const now = clock();
  return keys.map((key) => originalKey(key, now));
}

async function create({ request, api, account, member }: OriginalCall, parts: OriginalParts): Promise<OriginalKey> {
  if (member !== "" && !ACCOUNT_PATTERN.test(member)) {
    throw new KeyApiError("invalid", "The member must be a user's name: letters, digits and underscores.");
  }
  const asked = readOriginalRequest(await readJsonBody(request, BODY_LIMITS.other), false);
  const assignee = member === "" ? undefined : member;
  return await createOriginalKey(api, { ...asked, account, assignee }, parts, request);
}

/** Adds a key whose secret somebody has already, such as one of another installation. */
async function importKey({ request, caller, api, account }: OriginalCall, parts: OriginalParts): Promise<OriginalKey> {
  await api.getAccount(account, request); // another's account is not there, whatever the role
  if (caller.role !== "admin") {
    throw new KeyApiError("forbidden", `${caller.actor} may not import keys: that needs the role admin.`);
  }
  const asked = readOriginalRequest(await readJsonBody(request, BODY_LIMITS.other), true);
  return await createOriginalKey(api, { ...asked, account, assignee: undefined }, parts, request);
}

function notImplemented(method: string): RequestRefused {
  const message = `Keys have no ${method.slice(0, 16)} here, as on the original platform. /v2 changes and deletes them.`;
  return new RequestRefused(405, message);
}
