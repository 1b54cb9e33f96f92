import { METHODS } from "node:http";
import { METHOD_OVERRIDES, plainHeaderName } from "../../core/authorize.ts";
import { DECIDING_HEADERS } from "../../core/caller-origin.ts";
import { remembered } from "../../core/remembered.ts";
import { holdsToken } from "../../core/token.ts";

/** What a request must not be, whatever it asks for. Status and code are the whole answer. */
export interface FramingProblem {
  readonly status: 400 | 414 | 417 | 431;
  readonly code: FramingCode;
}

/** Stable codes of {@link FramingProblem}. `duplicate_header` and `method_override` are also reasons of decisions. */
export type FramingCode =
  | "bad_expectation"
  | "bad_framing"
  | "bad_host"
  | "bad_request"
  | "bad_target"
  | "body_not_allowed"
  | "duplicate_header"
  | "key_in_url"
  | "method_override"
  | "too_many_headers"
  | "upgrade_refused"
  | "url_too_long";

/** A request as Node read it. `rawHeaders` needs a server with `maxHeadersCount: 0`, else Node drops headers silently. */
export interface FramedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, duplicates kept. */
  readonly rawHeaders: readonly string[];
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
}

/** The most headers that a request may have. */
export const MAX_HEADERS = 100;

/** The longest request target, in characters. */
export const MAX_URL = 4096;

/** What is refused if it comes twice: each decides something, or says how the body is to be read. */
const SINGLE = [...DECIDING_HEADERS, "if-match", "idempotency-key", "content-type", "content-encoding"] as const;

/** Their names, for people to read. */
export const SINGLE_HEADERS: string = SINGLE.map((name) =>
  name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
).join(", ");

const LENGTH = "content-length";
const CODING = "transfer-encoding";

/** A name or an address, with or without a port: nothing that one reader takes for a user, a path or a list. */
const HOST = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

type Meaning = "length" | "coding" | "upgrade" | "override" | "expect" | number;

/** The headers that framing looks at, by lower-case name; those of {@link SINGLE} by a bit of their own. */
const LOOKED_AT: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [LENGTH, "length"],
  [CODING, "coding"],
  ["upgrade", "upgrade"],
  ["expect", "expect"],
  ...METHOD_OVERRIDES.map((name) => [name, "override"] as const),
  ...SINGLE.map((name, index) => [name, 1 << index] as const),
]);

const HOST_BIT = 1 << SINGLE.indexOf("host");

/** What a header's name means here. `_` for `-` counts too, because some servers read them alike. */
const meaningOf = remembered((name) => LOOKED_AT.get(plainHeaderName(name)) ?? "none", 1_000);

const KEY_PARAMETERS: readonly string[] = ["apikey", "api_key", "api-key", "access_token"];
const OVERRIDE_PARAMETERS: readonly string[] = ["_method", ...METHOD_OVERRIDES];
const BODILESS: readonly (string | undefined)[] = ["GET", "HEAD"];

/**
 * The first check of every request (design section 6): its framing, its target, its limits. Undefined if it may be looked
 * at further. Pure; it relies on Node's strict parser only for what that refuses by itself, such as both a length and chunks.
 */
export function framingProblem(request: FramedRequest): FramingProblem | undefined {
  const { method, url = "", rawHeaders, httpVersion } = request;
  if (rawHeaders.length > 2 * MAX_HEADERS) return { status: 431, code: "too_many_headers" };
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return problem("bad_framing");
  return headersProblem(rawHeaders, httpVersion, BODILESS.includes(method)) ?? targetProblem(url);
}

/** The same for a request that somebody tells of, who need not tell its Host: what the listener or Node would refuse. */
export function toldProblem({
  method = "",
  url = "",
  rawHeaders,
}: Omit<FramedRequest, "httpVersion">): FramingProblem | undefined {
  if (!METHODS.includes(method) || method === "CONNECT") return problem("bad_request");
  if (rawHeaders.length > 2 * MAX_HEADERS) return { status: 431, code: "too_many_headers" };
  return headersProblem(rawHeaders, undefined, BODILESS.includes(method)) ?? targetProblem(url);
}

function targetProblem(url: string): FramingProblem | undefined {
  if (url.length > MAX_URL) return { status: 414, code: "url_too_long" };
  // Only the origin form: an absolute one names a host of its own, and a fragment is no part of a request.
  if (!url.startsWith("/") || /[^\x21-\x7e]|#/.test(url)) return problem("bad_target");
  const query = url.indexOf("?");
  const code = query < 0 ? undefined : queryProblem(url.slice(query + 1));
  return code === undefined ? undefined : problem(code);
}

/** True if the headers announce a body. Node's own map of headers would be made for this alone. */
export function mayHaveBody(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((text, index) => {
    if (index % 2 > 0 || (text.length !== LENGTH.length && text.length !== CODING.length)) return false;
    const name = text.toLowerCase();
    return name === CODING || (name === LENGTH && rawHeaders[index + 1] !== "0");
  });
}

function problem(code: FramingCode): FramingProblem {
  return { status: 400, code };
}

function headersProblem(
  raw: readonly string[],
  httpVersion: string | undefined,
  bodiless: boolean,
): FramingProblem | undefined {
  let seen = 0;
  let length: string | undefined;
  let coding: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const meaning = meaningOf(raw[index] ?? "");
    if (meaning === "none") continue;
    const value = raw[index + 1] ?? "";
    if (meaning === "length") {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) return problem("bad_framing");
      length = value;
    } else if (meaning === "coding") {
      // Whatever is not exactly this, some reader takes for something else.
      if (coding !== undefined || value !== "chunked") return problem("bad_framing");
      coding = value;
    } else if (meaning === "upgrade") return problem("upgrade_refused");
    else if (meaning === "override") return problem("method_override");
    else if (meaning === "expect") {
      if (value.toLowerCase() !== "100-continue") return { status: 417, code: "bad_expectation" };
    } else {
      if ((seen & meaning) !== 0) return problem("duplicate_header");
      if (meaning === HOST_BIT && !HOST.test(value)) return problem("bad_host");
      seen |= meaning;
    }
  }
  if (httpVersion === "1.1" && (seen & HOST_BIT) === 0) return problem("bad_host");
  if (coding !== undefined && (length !== undefined || httpVersion === "1.0")) return problem("bad_framing");
  const hasBody = coding !== undefined || (length !== undefined && Number(length) > 0);
  return bodiless && hasBody ? problem("body_not_allowed") : undefined;
}

/** Keys do not belong where logs and histories keep them, and a method is never asked for by a parameter. */
function queryProblem(query: string): FramingCode | undefined {
  if (holdsToken(query) || holdsToken(decoded(query))) return "key_in_url";
  for (const parameter of query.split(/[&;]/)) {
    const name = decoded(parameter.split("=", 1)[0] ?? "").toLowerCase();
    if (KEY_PARAMETERS.includes(name)) return "key_in_url";
    if (OVERRIDE_PARAMETERS.includes(name)) return "method_override";
  }
  return undefined;
}

/** Percent signs that encode nothing stand for themselves, as the laxest readers have it. */
function decoded(text: string): string {
  const plain = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(plain).trim();
  } catch {
    return plain.replace(/%([0-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).trim();
  }
}
