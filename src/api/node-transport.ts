import type { ClientRequest, RequestOptions } from "node:http";
import { KeyApiError } from "./errors.ts";
import { platformUrl, staysHere } from "./platform-url.ts";
import { readResponse } from "./read-response.ts";
import { timedOut, transportFailure, type Waits } from "./transport-failure.ts";
import type { Transport, WireRequest, WireResponse } from "./transport.ts";

/** Where a platform is, and how patiently it is asked. */
export interface NodeTransportOptions {
  /** `https://host[:port][/prefix]`; `http://` for this very machine. */
  readonly url: string;
  /** True if the token may go unencrypted over a network. */
  readonly insecure?: boolean | undefined;
  /** Certificates in PEM that are trusted beside those that Node trusts. */
  readonly ca?: string | undefined;
  readonly waits?: Partial<Waits> | undefined;
  /** The largest answer in bytes, unpacked. */
  readonly maxBytes?: number | undefined;
}

/** A transport that keeps its connections open between requests. */
export interface NodeTransport {
  readonly send: Transport;
  /** Ends the connections; requests under way fail. */
  readonly close: () => void;
}

const WAITS: Waits = { connect: 10_000, idle: 60_000, whole: 300_000 };

/** A page of 1,000 keys has about 1 MB; only one of enormous keys comes near this. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Carries requests over HTTP/1.1 with Node's own client, which starts faster than `fetch`. Answers are packed by gzip
 * unless they stay on this machine. Redirects are not followed: whoever reads the answer refuses them. Throws `invalid` for
 * an address that is none, or that would send the token unencrypted.
 */
export function nodeTransport(options: NodeTransportOptions): NodeTransport {
  const url = platformUrl(options.url, options.insecure);
  const parts = {
    url,
    encoding: staysHere(url) ? "identity" : "gzip",
    waits: { ...WAITS, ...options.waits },
    maxBytes: options.maxBytes ?? MAX_BYTES,
  };
  let opened: Promise<OpenClient> | undefined;
  let closed = false;

  return {
    send: async (request) => {
      request.signal?.throwIfAborted();
      if (closed) throw new KeyApiError("unavailable", "The connection was closed.", { retryable: false });
      const client = await (opened ??= openClient(url, options.ca));
      return await exchange(client, parts, request);
    },
    close: () => {
      closed = true;
      void opened?.then((client) => {
        client.close();
      });
    },
  };
}

/** Node's client for one scheme, with connections that it keeps. */
interface OpenClient {
  readonly request: (options: RequestOptions) => ClientRequest;
  readonly close: () => void;
}

/** Loads one of the two modules when it is needed: TLS alone takes longer to load than most runs last. */
async function openClient(url: URL, ca: string | undefined): Promise<OpenClient> {
  const keep = { keepAlive: true, scheduling: "lifo" } as const;
  if (url.protocol === "https:") {
    const [{ Agent, request }, { rootCertificates }] = await Promise.all([import("node:https"), import("node:tls")]);
    const agent = new Agent(ca === undefined ? keep : { ...keep, ca: [...rootCertificates, ca] });
    return {
      request: (options) => request({ ...options, agent }),
      close: () => {
        agent.destroy();
      },
    };
  }
  const { Agent, request } = await import("node:http");
  const agent = new Agent(keep);
  return {
    request: (options) => request({ ...options, agent }),
    close: () => {
      agent.destroy();
    },
  };
}

interface ExchangeParts {
  readonly url: URL;
  readonly encoding: string;
  readonly waits: Waits;
  readonly maxBytes: number;
}

/** One request and its whole answer. */
async function exchange(client: OpenClient, parts: ExchangeParts, sent: WireRequest): Promise<WireResponse> {
  const { url, waits } = parts;
  const { signal } = sent;
  signal?.throwIfAborted(); // loading Node's client took its time
  const request = client.request(requestOptions(parts, sent));
  // Once an answer has begun, Node tells of every end in the same way, so the reason is kept here.
  let reason: KeyApiError | undefined;
  const end = (which: keyof Waits): void => {
    reason ??= timedOut(which, waits[which], url);
    request.destroy();
  };
  const abort = (): void => {
    request.destroy();
  };
  const whole = setTimeout(end, waits.whole, "whole");
  const connect = setTimeout(end, waits.connect, "connect");
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (response) => {
        readResponse(response, parts.maxBytes).then(resolve, reject);
      });
      request.on("socket", (socket) => {
        const connected = (): void => {
          clearTimeout(connect);
          request.setTimeout(waits.idle, () => {
            end("idle");
          });
        };
        if (socket.connecting) socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
        else connected();
      });
      request.end(sent.body);
    });
  } catch (error) {
    request.destroy();
    signal?.throwIfAborted();
    throw reason ?? transportFailure(error, url);
  } finally {
    clearTimeout(whole);
    clearTimeout(connect);
    signal?.removeEventListener("abort", abort);
  }
}

function requestOptions(
  { url, encoding }: ExchangeParts,
  { method, path, headers, body }: WireRequest,
): RequestOptions {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(url.port === "" ? {} : { port: url.port }),
    method,
    path: url.pathname.replace(/\/$/, "") + path,
    headers: { ...headers, "accept-encoding": encoding, ...length },
  };
}
