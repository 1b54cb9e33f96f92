import { isHost, matchesReferrer, OWN_PORT, parseReferrerPattern, type WebOrigin } from "./referrer-pattern.ts";
import { remembered } from "./remembered.ts";

/** Which browser pages may use a key. An empty host list cannot be said: the author means "none" or "any". */
export type WebCallers = "none" | "any" | { readonly hosts: readonly [string, ...string[]] };

/** Who may call with a key. "Nobody" cannot be said. */
export type Origins =
  | { readonly native: true; readonly web: WebCallers }
  | { readonly native: false; readonly web: Exclude<WebCallers, "none"> };

/** Request headers as they came over the wire: in order, duplicates kept. Names are compared ignoring case. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** Where a request came from, as far as the rule needs it. */
export interface CallerContext {
  readonly headers: RawHeaders;
  /** True if the request came to `/v1/web/algo`, which is for browsers only. */
  readonly webRoute?: boolean;
  /** The gateway's own configured origin, for a page that it serves itself. */
  readonly ownOrigin?: string;
}

/** What the origin rule says. Stable codes, fixed by `vectors/origin.json`. */
export type OriginDecision =
  | { readonly effect: "allow"; readonly reason: "native" | "any_site" | "match" }
  | { readonly effect: "deny"; readonly reason: OriginDenial; readonly status: 403 }
  | { readonly effect: "deny"; readonly reason: "duplicate_header"; readonly status: 400 };

/** Why a caller's origin is refused. */
export type OriginDenial =
  "native_not_allowed" | "web_not_allowed" | "missing_origin" | "origin_referer_conflict" | "no_match" | OriginProblem;

/** Why an Origin or Referer header cannot be believed. */
export type OriginProblem =
  | "empty_origin"
  | "null_origin"
  | "empty_referer"
  | "non_ascii"
  | "unparsable"
  | "bad_scheme"
  | "userinfo"
  | "not_canonical"
  | "trailing_dot"
  | "bad_label";

/** What the headers of one request say of its caller. */
interface CallerFacts {
  readonly origin: string | undefined;
  readonly referer: string | undefined;
  readonly fetchSite: string | undefined;
  readonly fromBrowser: boolean;
}

/** Headers that decide and are therefore refused if they come twice, in lower case: two readers could believe two values. */
export const DECIDING_HEADERS = ["origin", "referer", "host", "authorization", "sec-fetch-site"] as const;

/** The first value of a header by its lower-case name; undefined if it is not there. */
export function headerValue(headers: RawHeaders, name: string): string | undefined {
  for (const header of headers) {
    // Most names differ in length already, and then need no copy in lower case.
    if (header[0].length === name.length && header[0].toLowerCase() === name) return header[1];
  }
  return undefined;
}

/** Decides whether a caller may use a key from where it calls. Pure and total: it never throws. */
export function decideOrigin(origins: Origins, caller: CallerContext): OriginDecision {
  const facts = callerFacts(caller.headers);
  if (facts === undefined) return { effect: "deny", reason: "duplicate_header", status: 400 };
  if (!(caller.webRoute ?? false) && !facts.fromBrowser) {
    return origins.native ? { effect: "allow", reason: "native" } : deny("native_not_allowed");
  }
  if (origins.web === "none") return deny("web_not_allowed");
  if (origins.web === "any") return { effect: "allow", reason: "any_site" };
  const subject = pageOrigin(facts, caller.ownOrigin);
  if (typeof subject === "string") return deny(subject);
  for (const host of origins.web.hosts) {
    const pattern = readPattern(host);
    if (pattern !== undefined && matchesReferrer(pattern, subject)) return { effect: "allow", reason: "match" };
  }
  return deny("no_match");
}

const readPattern = remembered(parseReferrerPattern, 10_000);

/** Where a caller says it is, for records and never for decisions: `native`, its page's origin, or `other`. */
export function callerLabel(caller: CallerContext): string {
  const facts = callerFacts(caller.headers);
  if (facts === undefined) return "other";
  if (!(caller.webRoute ?? false) && !facts.fromBrowser) return "native";
  const page = pageOrigin(facts, caller.ownOrigin);
  if (typeof page === "string") return "other";
  const { scheme, host, port } = page;
  return `${scheme}://${host}${port === OWN_PORT[scheme] ? "" : `:${port}`}`;
}

function deny(reason: OriginDenial): OriginDecision {
  return { effect: "deny", reason, status: 403 };
}

/** Reads the headers in one pass; undefined if one that decides came twice. */
function callerFacts(headers: RawHeaders): CallerFacts | undefined {
  let origin: string | undefined;
  let referer: string | undefined;
  let host: string | undefined;
  let authorization: string | undefined;
  let fetchSite: string | undefined;
  let fetches = false;
  for (const header of headers) {
    const name = header[0].toLowerCase();
    const value = header[1];
    if (name === "origin") {
      if (origin !== undefined) return undefined;
      origin = value;
    } else if (name === "referer") {
      if (referer !== undefined) return undefined;
      referer = value;
    } else if (name === "host") {
      if (host !== undefined) return undefined;
      host = value;
    } else if (name === "authorization") {
      if (authorization !== undefined) return undefined;
      authorization = value;
    } else if (name.startsWith("sec-fetch-") || name.startsWith("access-control-request-")) {
      fetches = true;
      if (name === "sec-fetch-site") {
        if (fetchSite !== undefined) return undefined;
        fetchSite = value;
      }
    }
  }
  return { origin, referer, fetchSite, fromBrowser: fetches || origin !== undefined || referer !== undefined };
}

/** The origin of the calling page, or why there is none to believe. */
function pageOrigin(facts: CallerFacts, ownOrigin: string | undefined): WebOrigin | OriginDenial {
  const { origin, referer, fetchSite } = facts;
  if (origin !== undefined) {
    const subject = knownOrigin(origin);
    if (typeof subject === "string" || referer === undefined) return subject;
    const page = readReferer(referer);
    return typeof page !== "string" && sameOrigin(subject, page) ? subject : "origin_referer_conflict";
  }
  if (referer !== undefined) return readReferer(referer);
  if (fetchSite === "same-origin" && ownOrigin !== undefined) return readOrigin(ownOrigin);
  return "missing_origin";
}

/** A page's calls bear one Origin, and each is read for the decision and for its record. */
const knownOrigin = remembered(readOrigin, 1_000);

/** Reads an Origin header. Browsers send only the canonical form, so nothing else is believed. */
export function readOrigin(text: string): WebOrigin | OriginProblem {
  if (text === "") return "empty_origin";
  if (text === "null") return "null_origin";
  const url = readUrl(text);
  if (typeof url === "string") return url;
  return url.origin === text ? webOrigin(url) : "not_canonical";
}

/** Reads the origin of a Referer header, whose path and query do not matter. */
export function readReferer(text: string): WebOrigin | OriginProblem {
  if (text === "") return "empty_referer";
  const url = readUrl(text);
  if (typeof url === "string") return url;
  if (url.username !== "" || url.password !== "") return "userinfo";
  const rest = text.startsWith(url.origin) ? text.slice(url.origin.length, url.origin.length + 1) : undefined;
  return rest === "" || rest === "/" || rest === "?" || rest === "#" ? webOrigin(url) : "not_canonical";
}

function readUrl(text: string): URL | OriginProblem {
  if (!/^[\x21-\x7e]*$/.test(text)) return "non_ascii";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "unparsable"; // not a URL: a deny reason, not an error
  }
  return url.protocol === "https:" || url.protocol === "http:" ? url : "bad_scheme";
}

function webOrigin(url: URL): WebOrigin | OriginProblem {
  if (url.hostname.endsWith(".")) return "trailing_dot";
  if (!isHost(url.hostname)) return "bad_label";
  const scheme = url.protocol === "https:" ? "https" : "http";
  return { scheme, host: url.hostname, port: url.port === "" ? OWN_PORT[scheme] : Number(url.port) };
}

function sameOrigin(left: WebOrigin, right: WebOrigin): boolean {
  return left.scheme === right.scheme && left.host === right.host && left.port === right.port;
}
