import { parseAlgorithmCall } from "../core/algorithm-pattern.ts";
import type { AllowReason, DenyReason } from "../core/authorize.ts";
import { readOrigin } from "../core/caller-origin.ts";
import { formatReferrerPattern } from "../core/referrer-pattern.ts";

/** What was asked of the rule, as the author asked it. Neither `call` nor `data`: management of algorithms. */
export interface Question {
  /** The key's name. */
  readonly key: string;
  readonly call?: string | undefined;
  /** `read`, `write` or `readwrite`. */
  readonly data?: string | undefined;
  /** The page's origin; absent for a caller that is no browser. */
  readonly origin?: string | undefined;
}

/** Why the rule allows, in a plain sentence. */
export const ALLOW_SENTENCES: Readonly<Record<AllowReason, string>> = {
  any: "Its algorithms hold algo://*, which allows every algorithm.",
  owner: "Its algorithms allow every algorithm of that owner.",
  algo: "Its algorithms name this one.",
  data: "Its data access is enough for that.",
  management: "It may manage the account's algorithms.",
};

/** Why the rule refuses, and what in the declaration or the request would change that. Texts are not yet printable. */
interface Refused {
  readonly why: string;
  readonly hint: (question: Question) => string;
}

const ASCII_HOST = "Browsers send only plain ASCII origins such as https://shop.example.com: try with that form.";

/** One entry for every reason there is. */
export const DENY_SENTENCES: Readonly<Record<DenyReason, Refused>> = {
  invalid_key: {
    why: "The call bears no key that works here: unknown, malformed and wrong ones are answered alike.",
    hint: () => "Use a secret that was issued for a live key of this platform.",
  },
  duplicate_header: {
    why: "The request bears a header twice that decides who calls, so neither can be believed.",
    hint: () => "Send Origin, Referer, Host and Authorization once each.",
  },
  method_override: {
    why: "The request asks for another method than its own by a header.",
    hint: () => "Leave X-HTTP-Method-Override out.",
  },
  key_deleted: {
    why: "The key is deleted.",
    hint: () => "Restore it, or declare it again to get another key of that name.",
  },
  key_disabled: { why: "The key is disabled.", hint: () => "Declare `enabled: true`, or leave `enabled` out." },
  key_expired: { why: "The key has expired.", hint: () => "Declare a later `expires`, or leave it out." },
  credential_revoked: { why: "This secret of the key was revoked.", hint: () => "Use the key's newest secret." },
  credential_retired: {
    why: "This secret of the key has retired: a later one took its place.",
    hint: () => "Use the key's newest secret.",
  },
  native_not_allowed: {
    why: "The key is for browsers only, and this call does not come from one.",
    hint: () => "Declare `origins.native: true`, or call from a web page.",
  },
  web_not_allowed: {
    why: "The key may not be used from a browser.",
    hint: ({ origin }) => `Declare \`origins.web: true\`${withReferrer(origin)}.`,
  },
  missing_origin: {
    why: "The call comes from a browser but does not say from which site.",
    hint: () => "Let the page send its Origin, or leave `origins.referrers` out to allow any site.",
  },
  origin_referer_conflict: {
    why: "Origin and Referer name different sites.",
    hint: () => "Send only Origin, or both of the same site.",
  },
  no_match: {
    why: "No entry of its origins.referrers matches that site.",
    hint: ({ origin }) => `Add ${referrerOf(origin) ?? "the site's host"} to \`origins.referrers\`.`,
  },
  empty_origin: { why: "The Origin header is empty.", hint: () => "Let the page send its real Origin." },
  null_origin: {
    why: "The Origin is null, as a sandboxed page or a local file sends it: it names no site.",
    hint: () => "Call from a page that a site serves, or leave `origins.referrers` out to allow any site.",
  },
  empty_referer: { why: "The Referer header is empty.", hint: () => "Let the page send its real Origin." },
  non_ascii: { why: "The site's name is not in ASCII.", hint: () => ASCII_HOST },
  unparsable: { why: "The site that calls cannot be read as an address.", hint: () => ASCII_HOST },
  bad_scheme: { why: "The site is neither https nor http.", hint: () => ASCII_HOST },
  userinfo: { why: "The calling address holds a user name or password.", hint: () => ASCII_HOST },
  not_canonical: {
    why: "The Origin is not in the form in which browsers send it.",
    hint: () => "Write it in lower case, without a path, a slash at the end or the scheme's own port.",
  },
  trailing_dot: { why: "The site's host ends with a dot.", hint: () => "Use the host without the dot." },
  bad_label: { why: "The site's host is not a well-formed name.", hint: () => ASCII_HOST },
  bad_path_char: {
    why: "The call holds a character that no algorithm's name has.",
    hint: () => "Write it as algo://owner/name or algo://owner/name/version.",
  },
  bad_segment: {
    why: "A part of the call is no owner, name or version.",
    hint: () => "Write it as algo://owner/name or algo://owner/name/version, such as algo://demos/hello/1.2.3.",
  },
  bad_segments: {
    why: "The call does not have two or three parts.",
    hint: () => "Write it as algo://owner/name or algo://owner/name/version.",
  },
  not_in_list: {
    why: "No entry of its algorithms allows that call.",
    hint: ({ call }) => `Add ${call === undefined ? "the algorithm" : algorithmOf(call)} to \`algorithms\`.`,
  },
  data_not_allowed: {
    why: "Its data access is not enough for that.",
    hint: ({ data }) => `Declare \`data: ${data === "read" ? "read" : "readwrite"}\`.`,
  },
  method_not_allowed: {
    why: "The Data API has no such method.",
    hint: () => "Use GET, HEAD, PUT, POST, PATCH or DELETE.",
  },
  preflight: {
    why: "A preflight bears no key: it gets a fixed answer and nothing is forwarded.",
    hint: () => "Try the call that follows it.",
  },
  management_not_allowed: { why: "The key may not manage algorithms.", hint: () => "Declare `management: true`." },
  unreadable_request: {
    why: "The request cannot be read, and what cannot be read is refused.",
    hint: () => "Check how the request is made.",
  },
};

/** The referrer pattern that matches exactly that origin. */
function referrerOf(origin: string | undefined): string | undefined {
  const site = origin === undefined ? undefined : readOrigin(origin);
  return typeof site === "object" ? formatReferrerPattern({ ...site, below: false }) : undefined;
}

function withReferrer(origin: string | undefined): string {
  const pattern = referrerOf(origin);
  return pattern === undefined ? "" : ` with \`origins.referrers: [${pattern}]\``;
}

function algorithmOf(call: string): string {
  const path = call.replace(/^algo:\/\//, "").replace(/\/$/, "");
  return typeof parseAlgorithmCall(path) === "string" ? "the algorithm" : `algo://${path}`;
}
