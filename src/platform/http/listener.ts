import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { problem } from "../../api/problem.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { gatewayServes } from "../gateway/route.ts";
import { answerQueue } from "./answer-queue.ts";
import type { ExchangeContext, KeyApiApp } from "./app-context.ts";
import { framingProblem, mayHaveBody, type FramingProblem } from "./framing.ts";
import { LINGERING, openExchange, type ExchangeParts } from "./open-exchange.ts";
import { framingRefusal, sendProblem, sendRawProblem, unreadable, type Unreadable } from "./refusal.ts";

/** What stands behind the listener. */
export interface ListenerParts extends ExchangeParts {
  readonly app: KeyApiApp;
  /** What calls with keys go through; undefined while the platform is sealed, and then the app answers those too. */
  readonly gateway: Gateway | undefined;
}

/** How long a client may take for its headers, and how long its body may stand still, in milliseconds. */
export const TIMEOUTS = { headers: 10_000, bodyIdle: 30_000, keepAlive: 5_000 } as const;

/** A path that every server reads alike. No name of ours needs more. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+\/?$/;

/**
 * Makes the server in front of everything: it refuses what is badly framed, names the request, and hands it to the
 * gateway or to the app by its path. It does not listen yet.
 */
export function httpListener(parts: ListenerParts): Server {
  const { app, gateway } = parts;
  const apps = new WeakMap<object, AppExchange>();
  const answering = new WeakMap<Duplex, ServerResponse>();
  const answers = answerQueue();
  const ended = new WeakSet<Duplex>();
  const listening = { answers, ended };
  const serveApp = getRequestListener((request, { incoming }) => answerApp(app, request, apps.get(incoming)), {
    overrideGlobalObjects: false,
  });

  function handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    // What follows the last answer is no request, whatever it looks like.
    if (ended.has(socket)) return;
    const hasBody = mayHaveBody(request.rawHeaders);
    const refused = framingProblem(request);
    const facts = { request, response, hasBody, isRefused: refused !== undefined, expectsContinue };
    const { context, isAnswered, end } = openExchange(parts, facts, listening);
    if (parts.closing()) response.setHeader("Connection", "close");
    if (hasBody) watchBody(request, response, context);
    dispatch(request, response, context, refused);
    // Most calls with keys are answered by now, and then need neither a listener nor a place in the map.
    if (isAnswered()) {
      end(false);
      return;
    }
    answering.set(socket, response);
    response.on("close", () => {
      end(!response.writableFinished);
    });
  }

  function dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    context: ExchangeContext,
    refused: FramingProblem | undefined,
  ): void {
    const url = request.url ?? "";
    if (gateway !== undefined && gatewayServes(url)) {
      if (refused === undefined) void gateway.handle(request, response, context);
      else gateway.refuse(request, response, context, refused);
      return;
    }
    if (refused !== undefined) {
      context.record({ route: "refused", reason: refused.code });
      sendProblem(response, context, framingRefusal(refused));
      return;
    }
    const [path = ""] = url.split("?", 1);
    // A sealed platform has one answer for them all.
    if (gateway !== undefined && !PLAIN_PATH.test(path)) {
      const detail = "There is no such route. schemas/key-api.openapi.json lists them all.";
      sendProblem(response, context, problem({ code: "not-found", detail }));
      return;
    }
    apps.set(request, { response, context });
    void serveApp(request, response);
  }

  /** Answers what is no request that Node can read, after the answers before it; nothing comes after it. */
  function refuseUnreadable(socket: Duplex, what: Unreadable): void {
    answers.flush();
    if (ended.has(socket)) {
      socket.end(); // the last answer is on its way, and what follows was never a request
      return;
    }
    ended.add(socket);
    const response = answering.get(socket);
    const refuse = (): void => {
      sendUnreadable(socket, what);
    };
    if (response === undefined || response.writableFinished) refuse();
    else if (response.req.complete) response.once("finish", refuse);
    else if (response.headersSent) socket.destroy();
    else refuse();
  }

  function sendUnreadable(socket: Duplex, { status, reason, detail }: Unreadable): void {
    const requestId = parts.requestId();
    sendRawProblem(socket, problem({ code: "invalid", status, detail }), requestId);
    // Who does not end its side has it ended.
    setTimeout(() => socket.destroy(), LINGERING).unref();
    parts.record({ requestId, method: "", status, milliseconds: 0, cut: false, route: "unreadable", reason });
  }

  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: TIMEOUTS.headers,
    // A body may take as long as it likes while it moves: `watchBody` ends those that do not.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: TIMEOUTS.keepAlive,
    insecureHTTPParser: false,
    // Framing looks at it, and answers in our form.
    requireHostHeader: false,
  });
  // Past its own limit Node drops headers silently, and with them an Origin; so there is none, and we count.
  server.maxHeadersCount = 0;
  server.on("request", (request, response) => {
    handle(request, response, false);
  });
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, true);
  });
  // Node has no answer of its own for other expectations then: framing refuses them.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, false);
  });
  server.on("connect", (_request, socket: Duplex) => {
    refuseUnreadable(socket, TUNNEL);
  });
  server.on("clientError", (error: Error & { readonly code?: unknown }, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else refuseUnreadable(socket, unreadable(error.code));
  });
  return server;
}

/** What nobody here opens. */
const TUNNEL: Unreadable = {
  status: 400,
  reason: "bad_request",
  detail: "This server opens no tunnels. Send the request itself.",
};

/** A request to the app, while it is answered. */
interface AppExchange {
  readonly response: ServerResponse;
  readonly context: ExchangeContext;
}

/** Lets the app answer; an answer that ends its connection is sent here, so that its client can read it. */
async function answerApp(app: KeyApiApp, request: Request, exchange: AppExchange | undefined): Promise<Response> {
  const answer = await app.fetch(request, exchange?.context);
  if (exchange?.context.isLast() !== true) return answer;
  const { response, context } = exchange;
  if (response.headersSent) return RESPONSE_ALREADY_SENT; // its body stood still
  response.setHeader("Connection", "close");
  if (answer.body === null) return answer;
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, [...answer.headers, ["Content-Length", String(body.length)]].flat());
  context.finish(body);
  return RESPONSE_ALREADY_SENT;
}

/** Ends a connection whose body stands still. */
function watchBody(request: IncomingMessage, response: ServerResponse, context: ExchangeContext): void {
  request.setTimeout(TIMEOUTS.bodyIdle, () => {
    if (response.headersSent) {
      request.destroy();
      return;
    }
    const detail = "The request's body stood still for 30 seconds.";
    context.record({ reason: "request_timeout" });
    sendProblem(response, context, problem({ code: "invalid", status: 408, detail }));
  });
  request.once("end", () => {
    request.setTimeout(0);
  });
}
