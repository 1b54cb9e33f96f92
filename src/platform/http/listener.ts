import { getRequestListener } from "@hono/node-server";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { problem } from "../../api/problem.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { gatewayServes } from "../gateway/route.ts";
import type { AppContext, AppFields, KeyApiApp } from "./app-context.ts";
import { framingProblem, mayHaveBody } from "./framing.ts";
import { framingRefusal, sendProblem, sendRawProblem, unreadableRefusal } from "./refusal.ts";
import type { RequestRecord } from "./request-record.ts";

/** What stands behind the listener. */
export interface ListenerParts {
  readonly app: KeyApiApp;
  /** What calls with keys go through; undefined while the platform is sealed, and then the app answers those too. */
  readonly gateway: Gateway | undefined;
  /** Told of every request once it has ended. */
  readonly record: (record: RequestRecord) => void;
  /** Draws a name for a request. */
  readonly requestId: () => string;
  /** True once the server takes no further connections. */
  readonly closing: () => boolean;
}

/** How long a client may take for its headers, and how long its body may stand still, in milliseconds. */
export const TIMEOUTS = { headers: 10_000, bodyIdle: 30_000, keepAlive: 5_000, lingering: 1_000 } as const;

/** A path that every server reads alike. No name of ours needs more. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+\/?$/;

/**
 * Makes the server in front of everything: it refuses what is badly framed, names the request, and hands it to the
 * gateway or to the app by its path. It does not listen yet.
 */
export function httpListener(parts: ListenerParts): Server {
  const { app, gateway } = parts;
  const contexts = new WeakMap<object, AppContext>();
  const answering = new WeakMap<Duplex, ServerResponse>();
  const serveApp = getRequestListener((request, { incoming }) => app.fetch(request, contexts.get(incoming)), {
    overrideGlobalObjects: false,
  });

  function handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { context, end } = begin(request, response, expectsContinue);
    dispatch(request, response, context);
    // Most calls with keys are answered by now, and then need neither a listener nor a place in the map.
    if (response.writableEnded) {
      end(false);
      return;
    }
    answering.set(request.socket, response);
    response.on("close", () => {
      end(!response.writableFinished);
    });
  }

  function dispatch(request: IncomingMessage, response: ServerResponse, context: AppContext): void {
    if (parts.closing()) response.setHeader("Connection", "close");
    if (mayHaveBody(request.rawHeaders)) watchBody(request, response, context);

    const url = request.url ?? "";
    const refused = framingProblem(request);
    if (gateway !== undefined && gatewayServes(url)) {
      if (refused === undefined) void gateway.handle(request, response, context);
      else gateway.refuse(request, response, context, refused);
      return;
    }
    if (refused !== undefined) {
      context.record({ route: "refused", reason: refused.code });
      sendProblem(response, framingRefusal(refused), context.requestId);
      return;
    }
    const [path = ""] = url.split("?", 1);
    if (!PLAIN_PATH.test(path)) {
      const detail = "There is no such route. schemas/key-api.openapi.json lists them all.";
      sendProblem(response, problem({ code: "not-found", detail }), context.requestId);
      return;
    }
    if (context.expectsContinue === true) response.writeContinue();
    contexts.set(request, context);
    void serveApp(request, response);
  }

  function begin(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Begun {
    const requestId = parts.requestId();
    const began = performance.now();
    let told: AppFields | undefined;
    return {
      context: {
        requestId,
        expectsContinue,
        record: (fields) => {
          told = told === undefined ? fields : { ...told, ...fields };
        },
      },
      end: (cut) => {
        parts.record({
          requestId,
          method: request.method ?? "",
          status: response.statusCode,
          milliseconds: performance.now() - began,
          cut,
          // One by one: to copy them together costs V8 more than to judge the call.
          route: told?.route,
          caller: told?.caller,
          keyId: told?.keyId,
          account: told?.account,
          reason: told?.reason,
        });
      },
    };
  }

  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: TIMEOUTS.headers,
    // A body may take as long as it likes while it moves: `watchBody` ends those that do not.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: TIMEOUTS.keepAlive,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  // Past its own limit Node drops headers silently, and with them an Origin; so there is none, and we count.
  server.maxHeadersCount = 0;
  server.on("request", (request, response) => {
    handle(request, response, false);
  });
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, true);
  });
  server.on("connect", (_request, socket: Duplex) => {
    sendRawProblem(socket, framingRefusal({ status: 400, code: "bad_target" }));
  });
  server.on("clientError", (error: Error & { readonly code?: unknown }, socket) => {
    const response = answering.get(socket);
    const isFree = response === undefined || response.writableFinished || !response.headersSent;
    if (error.code === "ECONNRESET" || !socket.writable || !isFree) socket.destroy();
    else sendRawProblem(socket, unreadableRefusal(error.code));
  });
  return server;
}

/** A request that has begun. */
interface Begun {
  readonly context: AppContext;
  /** Tells of its end. */
  readonly end: (cut: boolean) => void;
}

/** Ends a connection whose body stands still, and one that goes on sending a body which was answered already. */
function watchBody(request: IncomingMessage, response: ServerResponse, context: AppContext): void {
  request.setTimeout(TIMEOUTS.bodyIdle, () => {
    if (response.headersSent) {
      request.destroy();
      return;
    }
    const detail = "The request's body stood still for 30 seconds.";
    sendProblem(response, problem({ code: "invalid", status: 408, detail }), context.requestId);
  });
  request.once("end", () => {
    request.setTimeout(0);
  });
  response.once("finish", () => {
    if (request.complete) return;
    // A moment to read the answer: a connection that ends at once can take it along.
    setTimeout(() => {
      if (!request.complete) request.destroy();
    }, TIMEOUTS.lingering).unref();
  });
}
