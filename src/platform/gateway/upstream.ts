import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Writable } from "node:stream";
import type { Secret } from "../../core/secret.ts";
import { mayHaveBody } from "../http/framing.ts";
import { answerHeaders, forwardedHeaders } from "./forwarded-headers.ts";
import { identityHeaders } from "./identity.ts";
import type { Allowed } from "./judge-call.ts";
import { sendRefusal, type Exchange } from "./refusal.ts";

/** The server behind the gateway. */
export interface UpstreamOptions {
  /** `http:` or `https:`; its path is put before every call's. */
  readonly url: URL;
  /** How long its connection may stand still, in milliseconds; then the answer is 504. Absent: 60,000. */
  readonly idleMilliseconds?: number | undefined;
}

/** What forwarding needs beside the upstream's address. */
export interface UpstreamParts {
  readonly upstream: UpstreamOptions;
  readonly identitySecret: Secret | undefined;
  readonly ownOrigin: string | undefined;
  readonly clock: () => number;
}

/** The way to the upstream. */
export interface Upstream {
  /** Forwards a call that was allowed and streams its answer back. Every outcome is an answer; it never throws. */
  forward(exchange: Exchange, route: string, allowed: Allowed): void;
  /** Ends the connections. */
  close(): void;
}

const IDLE = 60_000;

/** How long a connection is kept for the next call: less than the 5 seconds after which Node's own servers close one. */
const KEPT = 4_000;

/**
 * Opens the way to the upstream. Bodies stream in both directions, each at the pace of the slower side. When a client
 * goes, its call is cut; when the upstream's answer is cut, so is the client's connection: half an answer never looks whole.
 */
export function upstreamOf(parts: UpstreamParts): Upstream {
  const { url, idleMilliseconds: timeout = IDLE } = parts.upstream;
  const { request: send, Agent } = url.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, timeout: KEPT });
  const base = url.pathname.replace(/\/$/, "");
  const scheme = parts.ownOrigin?.startsWith("https:") === true ? "https" : "http";
  const { port } = url;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");

  function open(exchange: Exchange, { key, path }: Allowed): ClientRequest {
    const { method = "" } = exchange.request;
    const signed = { method, path: base + path };
    const caller = { account: key.account, keyId: key.id, keyName: key.name, requestId: exchange.context.requestId };
    const identity = identityHeaders(caller, signed, parts.identitySecret, parts.clock());
    const headers = forwardedHeaders(exchange.request, { host: url.host, scheme, identity });
    // Few and fixed properties: Node copies them all, several times.
    return send({ host, port, method, path: signed.path, agent, timeout, headers });
  }

  return {
    forward: (exchange, route, allowed) => {
      let outgoing: ClientRequest;
      try {
        outgoing = open(exchange, allowed);
      } catch {
        // A header that Node reads and does not write.
        sendRefusal(exchange, route, { status: 400, reason: "unreadable_request", origin: allowed.origin });
        return;
      }
      const { request, response, context } = exchange;
      connect({ request, response, context, outgoing, route, origin: allowed.origin });
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** A call on its way. */
interface Forwarded extends Exchange {
  readonly outgoing: ClientRequest;
  readonly route: string;
  /** The page's origin, which may read the answer. */
  readonly origin: string | undefined;
}

/** Ties the two sides together: whatever ends one ends the other. */
function connect(call: Forwarded): void {
  const { request, response, context, outgoing } = call;
  let late = false;

  outgoing.on("timeout", () => {
    late = true;
    outgoing.destroy();
  });
  outgoing.on("error", () => undefined); // `close` follows, and comes alone where Node makes nothing of an answer
  outgoing.on("close", () => {
    request.resume(); // the rest of the body is nobody's, and the answer must not wait behind it
    // An answer that has begun ends by its own `close`, and who has gone gets none.
    if (!response.headersSent && !request.socket.destroyed) refuse(call, late);
  });
  outgoing.on("response", (incoming) => {
    relay(call, incoming);
  });
  response.on("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  context.askForBody();
  if (mayHaveBody(request.rawHeaders)) pump(request, outgoing);
  else outgoing.end();
}

/**
 * Moves a body at the pace of the slower side, with a third of the listeners that `pipe` adds and removes for each. The
 * last part goes along with the end, in one write.
 */
function pump(from: IncomingMessage, to: Writable, end: (part?: Buffer) => unknown = (part) => to.end(part)): void {
  let isOver = false;
  from.on("data", (part: Buffer) => {
    if (to.destroyed) return; // the rest is nobody's
    if (from.complete && from.readableLength === 0) {
      isOver = true;
      end(part);
    } else if (!to.write(part)) from.pause();
  });
  from.on("end", () => {
    if (!isOver) end();
  });
  to.on("drain", () => {
    from.resume();
  });
}

function refuse(call: Forwarded, late: boolean): void {
  const { route, origin } = call;
  if (late) sendRefusal(call, route, { status: 504, reason: "upstream_timeout", origin });
  else sendRefusal(call, route, { status: 502, reason: "upstream_unreachable", origin });
}

function relay(call: Forwarded, incoming: IncomingMessage): void {
  const { response, context, origin } = call;
  incoming.on("error", () => undefined); // `close` follows and tells what came of it
  try {
    const headers = answerHeaders(incoming, origin, context.requestId);
    if (context.isLast()) headers.push("Connection", "close");
    response.writeHead(incoming.statusCode ?? 502, headers);
  } catch {
    incoming.destroy(); // a head that Node reads and does not write
    refuse(call, false);
    return;
  }
  incoming.on("close", () => {
    if (!incoming.complete) cut(call);
  });
  let isWhole = false;
  pump(incoming, response, (part) => {
    isWhole = true;
    context.finish(part);
  });
  // An answer whose body takes its time still shows its head; most have come whole by then.
  setImmediate(() => {
    if (!response.destroyed && !isWhole) response.flushHeaders();
  });
}

/** Resets the connection, because a plain end would look like the end of some answers. */
function cut({ response }: Exchange): void {
  response.socket?.resetAndDestroy();
  response.destroy();
}
