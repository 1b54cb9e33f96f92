import { KeyApiError } from "./errors.ts";

/** How long is waited, in milliseconds: for a connection, for the next byte, for the whole answer. */
export interface Waits {
  readonly connect: number;
  readonly idle: number;
  readonly whole: number;
}

/** What failed to come in time. */
export function timedOut(which: keyof Waits, ms: number, url: URL): KeyApiError {
  const seconds = `${ms / 1000} s`;
  const what = {
    connect: `No connection to ${url.host} within ${seconds}. Is the address right, and is a firewall in between?`,
    idle: `${url.host} fell silent: nothing came from it for ${seconds}.`,
    whole: `${url.host} did not send its whole answer within ${seconds}.`,
  };
  return new KeyApiError("unavailable", what[which]);
}

/** What a connection failed of, in words that say what to do. Whatever else was thrown is a bug, and is given as it is. */
export function transportFailure(error: unknown, url: URL): unknown {
  if (error instanceof KeyApiError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const [words, retryable] = wordsOf(code, url.host);
  return new KeyApiError("unavailable", `${words} (${code}).`, { retryable, cause: error });
}

/** What happened, and whether the same request may succeed later. */
function wordsOf(code: string, host: string): readonly [words: string, retryable: boolean] {
  const known = NETWORK[code];
  if (known !== undefined) return [known[0].replace("HOST", host), known[1]];
  if (code.startsWith("HPE_")) return [`${host} does not speak HTTP/1.1. Check the platform's address`, false];
  if (/CERT|UNABLE_TO_/.test(code)) {
    const fix = "If it is your own authority's, name its file in the variable NODE_EXTRA_CA_CERTS";
    return [`The certificate of ${host} is not trusted. ${fix}`, false];
  }
  if (/SSL|TLS|^EPROTO$/.test(code)) return [`${host} does not speak TLS here. Check the platform's address`, false];
  return [`The connection to ${host} failed`, true];
}

const NETWORK: Readonly<Partial<Record<string, readonly [words: string, retryable: boolean]>>> = {
  ECONNREFUSED: ["Nothing answers at HOST. Is the platform running, and is its port right?", true],
  ECONNRESET: ["The connection to HOST was cut", true],
  ERR_STREAM_PREMATURE_CLOSE: ["The connection to HOST was cut", true],
  EPIPE: ["The connection to HOST was cut", true],
  ENOTFOUND: ["There is no host HOST. Check the platform's address", false],
  EAI_AGAIN: ["The name of HOST could not be looked up just now", true],
  EHOSTUNREACH: ["No way leads to HOST", true],
  ENETUNREACH: ["No way leads to HOST", true],
  ETIMEDOUT: ["The connection to HOST timed out", true],
};
