import { ALGORITHM_SCHEME, parseAlgorithmPattern } from "../core/algorithm-pattern.ts";
import { shownValue } from "./explain-value.ts";
import type { Wording } from "./problem.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,29}$/;

/**
 * Says what exactly is wrong with an entry that is no algorithm pattern, and what to write; `shown` is how it is
 * written. A guess never allows more than the entry names.
 */
export function algorithmWording(text: string, shown: string = text): Wording {
  const [detail, candidate] = faultOf(text);
  const meant =
    candidate !== undefined &&
    !candidate.endsWith("*") &&
    shown === text &&
    parseAlgorithmPattern(candidate) !== undefined;
  return {
    code: "invalid-algorithm",
    summary: `${shownValue(shown)} is not an algorithm pattern`,
    detail,
    fix: meant ? `Did you mean \`${candidate}\`?` : "Write `algo://owner/name`, `algo://owner/*` or `algo://*`.",
  };
}

type Fault = readonly [detail: string, candidate?: string | undefined];

function faultOf(text: string): Fault {
  if (text.trim() === "") return ["The entry is empty."];
  if (text.trim() !== text) return ["It begins or ends with white space.", text.trim()];
  if (text.length > 128) return ["It is longer than 128 characters."];
  if (!text.startsWith(ALGORITHM_SCHEME)) return schemeFault(text);
  const rest = text.slice(ALGORITHM_SCHEME.length);
  if (rest === "") return ["It names no owner."];
  if (rest.endsWith("/")) {
    return ["It ends with a slash.", ALGORITHM_SCHEME + rest.replace(/\/+$/, "")];
  }
  return segmentFault(rest.split("/"));
}

function schemeFault(text: string): Fault {
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):\/*/.exec(text) ?? [];
  const rest = text.replace(/^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/*/, "");
  const inUrl = /(?:^|\/)(?:algorithms|v1\/algo|v1\/web\/algo)\/([^?#]+)$/.exec(rest)?.[1];
  const candidate = `${ALGORITHM_SCHEME}${(inUrl ?? rest).replace(/\/+$/, "")}`;
  const algo = scheme?.toLowerCase() === "algo";
  if (algo && scheme !== "algo") return [`It must begin with ${ALGORITHM_SCHEME} in lower case.`, candidate];
  return [`It must begin with ${ALGORITHM_SCHEME}.`, candidate];
}

function segmentFault(segments: readonly string[]): Fault {
  const [owner = "", name, version] = segments;
  if (segments.includes(""))
    return ["It has two slashes in a row.", ALGORITHM_SCHEME + segments.filter(Boolean).join("/")];
  if (segments.length > 3) return ["It has more than three parts: owner, name, version."];
  if (owner === "*") return ["`*` as the owner means every algorithm, so nothing can follow it."];
  const partial = segments.find((segment, index) => index < 2 && segment.includes("*") && segment !== "*");
  if (partial !== undefined) return [`\`*\` must be a whole part; ${shownValue(partial)} is not.`];
  if (owner !== ".my" && !NAME.test(owner)) return [nameFault("owner", owner)];
  if (name === undefined) return ["It names an owner but no algorithm."];
  if (name === "*") return ["A version needs the name of an algorithm."];
  if (!NAME.test(name)) return [nameFault("name", name)];
  return [
    `${shownValue(version)} is not a version: write 1.2.3, 1.2.*, 1.*, a commit of 40 hexadecimal digits, latest or latestPrivate.`,
    version === undefined ? undefined : `${ALGORITHM_SCHEME}${owner}/${name}/${version.replace(/^v/i, "")}`,
  ];
}

function nameFault(what: string, text: string): string {
  const shown = shownValue(text);
  if (text.length > 30) return `The ${what} ${shown} is longer than 30 characters.`;
  if (!/^[A-Za-z]/.test(text)) return `The ${what} ${shown} does not begin with a letter.`;
  const bad = /[^A-Za-z0-9_]/u.exec(text)?.[0] ?? "";
  return `The ${what} ${shown} holds ${shownValue(bad)}; letters, digits and \`_\` are allowed.`;
}
