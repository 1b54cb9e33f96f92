/**
 * Referrer patterns, the sites whose pages may use a key (design section 6, `vectors/origin.json`):
 *
 *     [https:// | http://] [*.] host [:port | :*]
 *
 * Without a scheme https only, for loopback hosts http too. Without a port the scheme's own, for loopback hosts without
 * a scheme any. `*.` matches one or more labels below, never the apex. Hosts are held as ASCII (punycode), lower case.
 */
export interface ReferrerPattern {
  /** Undefined: https, and for a loopback host http as well. */
  readonly scheme: "https" | "http" | undefined;
  /** True if the pattern begins with `*.`. */
  readonly below: boolean;
  /** The host without `*.`; IPv6 in brackets. */
  readonly host: string;
  /** A port, every port, or undefined for the scheme's own. */
  readonly port: number | "*" | undefined;
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const FORM = /^(?:(https|http):\/\/)?(\*\.)?(\[[0-9a-f:.]+\]|[^[\]/?#@:\\*\s]+)(?::(\*|[1-9]\d{0,4}))?$/i;

/** Reads a pattern as it stands in a declaration; undefined if it is not one. */
export function parseReferrerPattern(text: string): ReferrerPattern | undefined {
  if (text.length > 300) return undefined;
  const form = FORM.exec(text);
  if (form === null) return undefined;
  const [, scheme, star, name = "", portText] = form;
  const host = asciiHost(name);
  if (host === undefined) return undefined;
  const below = star !== undefined;
  if (below && (isAddress(host) || !host.includes("."))) return undefined;
  const port = portText === undefined || portText === "*" ? portText : Number(portText);
  if (typeof port === "number" && port > 65535) return undefined;
  return { scheme: schemeOf(scheme), below, host, port };
}

/** The comparison form. A port is kept only where leaving it out would mean something else. */
export function formatReferrerPattern(pattern: ReferrerPattern): string {
  const scheme = pattern.scheme === "https" && !isLoopback(pattern) ? undefined : pattern.scheme;
  const implied = impliedPort(pattern, scheme ?? "https");
  const port = pattern.port === implied ? undefined : pattern.port;
  const prefix = scheme === undefined ? "" : `${scheme}://`;
  return `${prefix}${pattern.below ? "*." : ""}${pattern.host}${port === undefined ? "" : `:${String(port)}`}`;
}

/** True if a page of that origin may use the key. The origin is a canonical one, as `readOrigin` yields. */
export function matchesReferrer(pattern: ReferrerPattern, origin: WebOrigin): boolean {
  if (pattern.below ? !origin.host.endsWith(`.${pattern.host}`) : origin.host !== pattern.host) return false;
  const loose = pattern.scheme === undefined && isLoopback(pattern);
  if (!loose && origin.scheme !== (pattern.scheme ?? "https")) return false;
  if (pattern.port === "*") return true;
  if (pattern.port === undefined) return loose || origin.port === OWN_PORT[origin.scheme];
  return origin.port === pattern.port;
}

/** True if every origin that `narrow` matches is matched by `wide` too. */
export function coversReferrer(wide: ReferrerPattern, narrow: ReferrerPattern): boolean {
  if (wide.below) {
    const inside = narrow.host.endsWith(`.${wide.host}`) || (narrow.below && narrow.host === wide.host);
    if (!inside) return false;
  } else if (narrow.below || narrow.host !== wide.host) return false;
  return schemesOf(narrow).every(
    (scheme) => schemesOf(wide).includes(scheme) && coversPort(portFor(wide, scheme), portFor(narrow, scheme)),
  );
}

/** A web origin in parts, of a scheme that browsers send keys from. */
export interface WebOrigin {
  readonly scheme: "https" | "http";
  readonly host: string;
  readonly port: number;
}

/** The port that a scheme implies. */
export const OWN_PORT: Readonly<Record<WebOrigin["scheme"], number>> = { https: 443, http: 80 };

/** True for a lower-case ASCII host name whose labels are all well formed, or an IPv6 address in brackets. */
export function isHost(host: string): boolean {
  return host.startsWith("[") || (host.length <= 253 && host.split(".").every((label) => LABEL.test(label)));
}

/** The canonical ASCII host of what the author wrote, or undefined if it is none or only looks like one. */
function asciiHost(name: string): string | undefined {
  const ascii = /^[\x21-\x7e]+$/.test(name);
  // Compatibility forms, invisible characters, escapes and the ideographic full stop would be folded away by URL
  // parsing: what is seen must be what is meant.
  if (!ascii && (name.normalize("NFKC") !== name || /[\p{C}\p{Z}\p{DI}%\u3002]/u.test(name))) return undefined;
  const parsed = hostOf(name);
  if (parsed === undefined || (ascii && parsed !== name.toLowerCase())) return undefined;
  return isHost(parsed) && !parsed.endsWith(".") ? parsed : undefined;
}

function hostOf(name: string): string | undefined {
  try {
    return new URL(`https://${name}/`).hostname;
  } catch {
    return undefined; // not a host: the caller reports it
  }
}

function schemeOf(text: string | undefined): ReferrerPattern["scheme"] {
  if (text === undefined) return undefined;
  return text.toLowerCase() === "http" ? "http" : "https";
}

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(host);
}

function isLoopback(pattern: ReferrerPattern): boolean {
  return !pattern.below && LOOPBACK.includes(pattern.host);
}

function schemesOf(pattern: ReferrerPattern): readonly WebOrigin["scheme"][] {
  if (pattern.scheme !== undefined) return [pattern.scheme];
  return isLoopback(pattern) ? ["https", "http"] : ["https"];
}

function portFor(pattern: ReferrerPattern, scheme: WebOrigin["scheme"]): number | "*" {
  return pattern.port ?? impliedPort(pattern, scheme);
}

/** The port that a pattern without one means: every port for a loopback host without a scheme. */
function impliedPort(pattern: ReferrerPattern, scheme: WebOrigin["scheme"]): number | "*" {
  return pattern.scheme === undefined && isLoopback(pattern) ? "*" : OWN_PORT[scheme];
}

function coversPort(wide: number | "*", narrow: number | "*"): boolean {
  return wide === "*" || wide === narrow;
}
