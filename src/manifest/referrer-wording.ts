import { parseReferrerPattern } from "../core/referrer-pattern.ts";
import { shownValue } from "./explain-value.ts";
import type { Wording } from "./problem.ts";

/** Says what exactly is wrong with an entry that is no referrer pattern, and what to write; `shown` is how it is written. */
export function referrerWording(text: string, shown: string = text): Wording {
  const [detail, candidate, cure] = faultOf(text);
  const meant = candidate !== undefined && shown === text && parseReferrerPattern(candidate) !== undefined;
  return {
    code: "invalid-referrer",
    summary: `${shownValue(shown)} is not a referrer`,
    detail,
    fix: meant
      ? `Did you mean \`${candidate}\`?`
      : (cure ?? "Write a host, such as `shop.example.com` or `*.example.com`."),
  };
}

type Fault = readonly [detail: string, candidate?: string | undefined, cure?: string];

function faultOf(text: string): Fault {
  if (text.trim() === "") return ["The entry is empty."];
  if (text.trim() !== text) return ["It begins or ends with white space.", text.trim()];
  if (text.length > 300) return ["It is longer than 300 characters."];
  if (/[,;\s]/.test(text))
    return ["It holds more than one word.", undefined, "Write each host as an entry of its own."];
  if (text === "*") return ["`*` alone is no host.", undefined, "Leave `referrers` out to allow every site."];
  const [, scheme = "", rest = ""] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme !== "" && !/^https?$/i.test(scheme))
    return [`Browsers send pages of http and https only, not of ${scheme}.`, rest];
  const prefix = scheme === "" ? "" : `${scheme}://`;
  if (rest === "") return ["It names no host."];
  if (rest.includes("\\")) return ["It holds a backslash.", prefix + (rest.split("\\")[0] ?? "")];
  const path = /[/?#]/.exec(rest);
  if (path !== null) {
    return ["Browsers send the site only, so a path cannot be checked.", prefix + rest.slice(0, path.index)];
  }
  if (rest.includes("@")) return ["It holds a user name.", prefix + rest.slice(rest.lastIndexOf("@") + 1)];
  return hostFault(rest, prefix);
}

function hostFault(rest: string, prefix: string): Fault {
  const port = /:([^\]:]*)$/.exec(rest);
  if (port !== null && !rest.endsWith("]") && parseReferrerPattern(prefix + rest.slice(0, port.index)) !== undefined) {
    const cure = "Write a number from 1 to 65535, or `*` for every port.";
    return [`${shownValue(port[1])} is not a port.`, undefined, cure];
  }
  if (rest.startsWith(".")) return ["It begins with a dot.", `${prefix}*${rest}`];
  const host = rest.startsWith("*.") ? rest.slice(2) : rest;
  if (host.includes("*")) return ["`*` stands only at the beginning, as `*.` before a host.", betterStar(host, prefix)];
  if (host.endsWith(".")) return ["It ends with a dot.", prefix + rest.replace(/\.+$/, "")];
  if (rest.startsWith("*.")) {
    if (/^(?:\d+\.){3}\d+$|^\[/.test(host)) return ["`*.` cannot stand before an address.", prefix + host];
    if (!host.includes(".")) return [`It would allow every site below ${shownValue(host)}.`];
  }
  if (/^[0-9a-f]*:[0-9a-f:]+$/i.test(host)) return ["An IPv6 address stands in brackets.", `${prefix}[${host}]`];
  const label = host.split(".").find((part) => part.length > 63 || part === "" || /^-|-$/.test(part));
  if (label === "") return ["It has two dots in a row.", prefix + rest.replace(/\.{2,}/g, ".")];
  if (label !== undefined)
    return [`The part ${shownValue(label)} is longer than 63 characters or begins or ends with \`-\`.`];
  return ["It is not the name of a host as browsers write it."];
}

function betterStar(host: string, prefix: string): string {
  return `${prefix}*.${host.slice(host.lastIndexOf("*") + 1).replace(/^[^.]*\./, "")}`;
}
