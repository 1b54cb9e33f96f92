import { domainToASCII } from "node:url";
import type { Credential } from "../../src/core/api-key.ts";
import type { AccessKey, AccessRequest } from "../../src/core/authorize.ts";

/** A decision in one line, such as `deny no_match 403` or `allow algo`. */
export type Verdict = string;

/**
 * A second implementation of the access rule, written from the prose of the design (sections 6 and 2) and from
 * `vectors/*.json`, never from `src/core`. It spells out whatever would be allowed and looks for it, instead of parsing
 * patterns, so that the two are unlikely to be wrong in the same way.
 */
export function naiveAuthorize(key: AccessKey, request: AccessRequest, credential?: Credential): Verdict {
  const sent = (name: string): string[] =>
    request.headers.filter(([header]) => header.toLowerCase() === name).map(([, value]) => value);

  if (sent("x-http-method-override").length > 0) return "deny method_override 400";
  if (["origin", "referer", "host", "authorization", "sec-fetch-site"].some((name) => sent(name).length > 1)) {
    return "deny duplicate_header 400";
  }

  const refusedLife =
    (key.deletedAt !== null && "key_deleted") ||
    (!key.spec.enabled && "key_disabled") ||
    (key.spec.expires !== null && request.now >= Date.parse(key.spec.expires) && "key_expired") ||
    (typeof credential?.revokedAt === "string" && "credential_revoked") ||
    (typeof credential?.retiresAt === "string" &&
      request.now >= Date.parse(credential.retiresAt) &&
      "credential_retired");
  if (refusedLife) return `deny ${refusedLife} 401`;

  const refusedOrigin = naiveOriginProblem(key.spec.origins, request, sent);
  if (refusedOrigin !== undefined) return `deny ${refusedOrigin} 403`;

  switch (request.target.type) {
    case "algorithm":
      return naiveAlgorithm(key.spec.algorithms, request.target.call, key.account);
    case "data":
      return DATA_TABLE[`${request.target.method} ${key.spec.data}`] ?? "deny method_not_allowed 405";
    case "management":
      return key.spec.management ? "allow management" : "deny management_not_allowed 403";
    default:
      return "deny unreadable_request 400";
  }
}

// ---- Data: the table of vectors/data.json, written out ----

const DATA_TABLE: Record<string, Verdict> = {
  "OPTIONS none": "deny preflight 204",
  "OPTIONS read": "deny preflight 204",
  "OPTIONS readwrite": "deny preflight 204",
};
for (const verb of ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]) {
  const reading = verb === "GET" || verb === "HEAD";
  DATA_TABLE[`${verb} none`] = "deny data_not_allowed 403";
  DATA_TABLE[`${verb} read`] = reading ? "allow data" : "deny data_not_allowed 403";
  DATA_TABLE[`${verb} readwrite`] = "allow data";
}

// ---- Algorithms: every pattern that would allow the call is spelled out, then looked for in the list ----

function naiveAlgorithm(patterns: readonly string[], call: string, account: string): Verdict {
  if (/[^A-Za-z0-9_.*/-]/.test(call)) return "deny bad_path_char 403";
  const segments = (call.endsWith("/") ? call.slice(0, -1) : call).split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) return "deny bad_segment 403";
  if (segments.length !== 2 && segments.length !== 3) return "deny bad_segments 403";
  const [owner = "", name = "", version = ""] = segments.map((segment) => segment.toLowerCase());
  if (!/^([a-z][a-z0-9_]{0,29}|\.my)$/.test(owner) || !/^[a-z][a-z0-9_]{0,29}$/.test(name)) {
    return "deny bad_segment 403";
  }
  if (
    segments.length === 3 &&
    !/^(\d+\.\d+\.\d+|\d+\.\d+\.\*|\d+\.\*|[0-9a-f]{40}|latest|latestprivate)$/.test(version)
  ) {
    return "deny bad_segment 403";
  }

  const mine = owner === ".my" || owner === account.toLowerCase();
  const owners = mine ? [".my", account.toLowerCase()] : [owner];
  const why = new Map([["algo://*", "any"]]);
  for (const spelled of owners) {
    why.set(`algo://${spelled}/*`, "owner");
    for (const end of ["", "/*", ...versionsThatCover(version)]) why.set(`algo://${spelled}/${name}${end}`, "algo");
  }
  for (const pattern of patterns) {
    const reason = pattern.startsWith("algo://") ? why.get(pattern.toLowerCase()) : undefined;
    if (reason !== undefined) return `allow ${reason}`;
  }
  return "deny not_in_list 403";
}

/** `/1.2.3` is covered by itself, `/1.2.*` and `/1.*`. */
function versionsThatCover(version: string): string[] {
  if (version === "") return [];
  const numbers = version.split(".");
  const covering = [`/${version}`];
  for (let kept = numbers.length - 1; kept > 0; kept--) covering.push(`/${[...numbers.slice(0, kept), "*"].join(".")}`);
  return covering;
}

// ---- Origins: each referrer becomes one regular expression over canonical origins ----

function naiveOriginProblem(
  origins: AccessKey["spec"]["origins"],
  request: AccessRequest,
  sent: (name: string) => string[],
): string | undefined {
  const web =
    request.webRoute === true ||
    request.headers.some(([name]) => /^(origin|referer|sec-fetch-.*|access-control-request-.*)$/i.test(name));
  if (!web) return origins.native ? undefined : "native_not_allowed";
  if (origins.web === "none") return "web_not_allowed";
  if (origins.web === "any") return undefined;

  const [origin] = sent("origin");
  const [referer] = sent("referer");
  let subject: string;
  if (origin !== undefined) {
    const problem = problemOfOrigin(origin);
    if (problem !== undefined) return problem;
    if (referer !== undefined && (problemOfReferer(referer) !== undefined || originOfReferer(referer) !== origin)) {
      return "origin_referer_conflict";
    }
    subject = origin;
  } else if (referer !== undefined) {
    const problem = problemOfReferer(referer);
    if (problem !== undefined) return problem;
    subject = originOfReferer(referer);
  } else {
    if (sent("sec-fetch-site")[0] !== "same-origin" || request.ownOrigin === undefined) return "missing_origin";
    subject = request.ownOrigin;
  }
  return origins.web.hosts.some((referrer) => expressionFor(referrer).test(subject)) ? undefined : "no_match";
}

function problemOfOrigin(origin: string): string | undefined {
  if (origin === "") return "empty_origin";
  if (origin === "null") return "null_origin";
  return problemOfUrl(origin, false) ?? problemOfHost(origin);
}

function problemOfReferer(referer: string): string | undefined {
  if (referer === "") return "empty_referer";
  return problemOfUrl(referer, true) ?? problemOfHost(originOfReferer(referer));
}

function originOfReferer(referer: string): string {
  return /^[a-z]+:\/\/[^/?#]*/i.exec(referer)?.[0] ?? "";
}

function problemOfUrl(text: string, isReferer: boolean): string | undefined {
  if (!/^[!-~]+$/.test(text)) return "non_ascii";
  if (!URL.canParse(text)) return "unparsable";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "bad_scheme";
  if (isReferer && url.username + url.password !== "") return "userinfo";
  return url.origin === (isReferer ? originOfReferer(text) : text) ? undefined : "not_canonical";
}

function problemOfHost(origin: string): string | undefined {
  const host = origin.replace(/^https?:\/\//, "").replace(/:\d+$/, "");
  if (host.startsWith("[")) return undefined;
  if (host.endsWith(".")) return "trailing_dot";
  const good = host.split(".").every((label) => /^[a-z0-9_-]{1,63}$/.test(label) && !/^-|-$/.test(label));
  return good ? undefined : "bad_label";
}

const NEVER = /(?!)/;

function expressionFor(referrer: string): RegExp {
  let rest = referrer.toLowerCase();
  const scheme = ["https", "http"].find((candidate) => rest.startsWith(`${candidate}://`));
  if (scheme !== undefined) rest = rest.slice(scheme.length + 3);
  const port = /:(\d+|\*)$/.exec(rest)?.[1];
  if (port !== undefined) rest = rest.slice(0, -port.length - 1);
  const below = rest.startsWith("*.");
  if (below) rest = rest.slice(2);

  const host = rest.startsWith("[") ? rest : domainToASCII(rest);
  if (host === "" || (/^[!-~]*$/.test(rest) && host !== rest)) return NEVER;
  if (problemOfHost(`https://${host}`) !== undefined) return NEVER;
  if (below && (!host.includes(".") || host.startsWith("[") || /^[\d.]+$/.test(host))) return NEVER;
  if (port !== undefined && port !== "*" && (Number(port) < 1 || Number(port) > 65_535)) return NEVER;

  const loopback = !below && ["localhost", "127.0.0.1", "[::1]"].includes(host);
  const schemes = scheme === undefined ? (loopback ? ["https", "http"] : ["https"]) : [scheme];
  const hostPart = (below ? "(?:[a-z0-9_-]+\\.)+" : "") + host.replace(/[.[\]]/g, "\\$&");
  const spellings = schemes.map((allowed) => {
    const usual = allowed === "https" ? "443" : "80";
    if (port === "*" || (port === undefined && loopback && scheme === undefined)) {
      return `${allowed}://${hostPart}(?::\\d+)?`;
    }
    return `${allowed}://${hostPart}${port === undefined || port === usual ? "" : `:${port}`}`;
  });
  return new RegExp(`^(?:${spellings.join("|")})$`);
}
