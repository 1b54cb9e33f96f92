import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import type { AnswerQueue } from "./answer-queue.ts";
import type { AppFields, ExchangeContext } from "./app-context.ts";
import type { RequestRecord } from "./request-record.ts";

/** What exchanges are opened with, by whoever runs the server. */
export interface ExchangeParts {
  /** Told of every request once it has ended. */
  readonly record: (record: RequestRecord) => void;
  /** Draws a name for a request. */
  readonly requestId: () => string;
  /** True once the server takes no further connections. */
  readonly closing: () => boolean;
}

/** A request as the listener got it. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** True if its headers announce a body. */
  readonly hasBody: boolean;
  /** True if its framing is refused. */
  readonly isRefused: boolean;
  /** True if the client waits to be asked for its body. */
  readonly expectsContinue: boolean;
}

/** What the exchanges of one listener share. */
export interface Listening {
  readonly answers: AnswerQueue;
  /** Connections whose last answer is said. */
  readonly ended: WeakSet<Duplex>;
}

/** A request that has begun. */
export interface OpenExchange {
  readonly context: ExchangeContext;
  /** True once its answer is whole, be it written or not. */
  readonly isAnswered: () => boolean;
  /** Tells of its end, once. */
  readonly end: (cut: boolean) => void;
}

/** How long a client that still sends its body may take to read the answer, in milliseconds. */
export const LINGERING = 1_000;

/** The status of an exchange that ended before there was one, as proxies log it. */
const NONE = 499;

/** Opens the exchange of one request. */
export function openExchange(parts: ExchangeParts, incoming: Incoming, listening: Listening): OpenExchange {
  const { request, response, hasBody, isRefused, expectsContinue } = incoming;
  const requestId = parts.requestId();
  const began = performance.now();
  let told: AppFields | undefined;
  let isAnswered = false;
  let isOver = false;

  /** True while not everything of the body has come. */
  function isSending(): boolean {
    return hasBody && !request.complete;
  }

  function end(cut: boolean): void {
    if (isOver) return;
    isOver = true;
    parts.record({
      requestId,
      method: request.method ?? "",
      status: cut && !response.headersSent ? NONE : response.statusCode,
      milliseconds: performance.now() - began,
      cut,
      // One by one: to copy them together costs V8 more than to judge the call.
      route: told?.route,
      caller: told?.caller,
      keyId: told?.keyId,
      account: told?.account,
      reason: told?.reason,
    });
  }

  const context: ExchangeContext = {
    requestId,
    address: request.socket.remoteAddress?.replace(/^::ffff:/, ""),
    askForBody: () => {
      if (expectsContinue) response.writeContinue();
    },
    isLast: () => {
      const isLast = isRefused || parts.closing() || isSending();
      if (isLast) listening.ended.add(request.socket);
      return isLast;
    },
    finish: (body) => {
      isAnswered = true;
      if (isSending()) {
        linger(request, response, body);
        end(false);
      } else listening.answers.end(response, body);
    },
    record: (fields) => {
      told = told === undefined ? fields : { ...told, ...fields };
    },
  };
  return { context, isAnswered: () => isAnswered, end };
}

/** Hands out the whole answer, and ends it when the body has come or its time is over. */
function linger(request: IncomingMessage, response: ServerResponse, body: string | Buffer | undefined): void {
  response.flushHeaders();
  if (body !== undefined) response.write(body);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGERING);
  request.once("end", end);
  response.once("close", end);
  request.resume();
}
