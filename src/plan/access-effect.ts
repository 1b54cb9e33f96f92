import { coversAlgorithm, parseAlgorithmPattern } from "../core/algorithm-pattern.ts";
import type { WebCallers } from "../core/caller-origin.ts";
import { DATA_ACCESS } from "../core/data-access.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { coversReferrer, parseReferrerPattern, type ReferrerPattern } from "../core/referrer-pattern.ts";
import type { AccessEffect } from "./plan.ts";

/**
 * What the change of one attribute does to who may do what, all else being equal: `widens` if something is newly allowed,
 * `narrows` if something no longer is, `shifts` if both. `account` gives the owner `.my` its meaning.
 */
export function accessEffect(path: string, before: KeySpec, after: KeySpec, account: string): AccessEffect {
  switch (path) {
    case "algorithms":
      return algorithmsEffect(before.algorithms, after.algorithms, account);
    case "origins.native":
      return switchEffect(before.origins.native, after.origins.native);
    case "origins.web":
      return switchEffect(before.origins.web !== "none", after.origins.web !== "none");
    case "origins.referrers":
      return referrersEffect(before.origins.web, after.origins.web);
    case "data":
      return orderEffect(DATA_ACCESS.indexOf(before.data), DATA_ACCESS.indexOf(after.data));
    case "management":
      return switchEffect(before.management, after.management);
    case "enabled":
      return switchEffect(before.enabled, after.enabled);
    case "expires":
      return orderEffect(endOfLife(before.expires), endOfLife(after.expires));
    default:
      return "none"; // description, protect, labels and rotation decide nothing about access
  }
}

/** Several effects at once, as of a whole key. */
export function joinEffects(effects: readonly AccessEffect[]): AccessEffect {
  const shifts = effects.includes("shifts");
  return effect(shifts || effects.includes("widens"), shifts || effects.includes("narrows"));
}

function effect(gains: boolean, loses: boolean): AccessEffect {
  if (gains) return loses ? "shifts" : "widens";
  return loses ? "narrows" : "none";
}

function switchEffect(before: boolean, after: boolean): AccessEffect {
  return effect(after && !before, before && !after);
}

function orderEffect(before: number, after: number): AccessEffect {
  return effect(after > before, after < before);
}

function endOfLife(expires: string | null): number {
  return expires === null ? Infinity : Date.parse(expires);
}

function algorithmsEffect(before: readonly string[], after: readonly string[], account: string): AccessEffect {
  const left = before.flatMap((text) => parseAlgorithmPattern(text) ?? []);
  const right = after.flatMap((text) => parseAlgorithmPattern(text) ?? []);
  const covers = (wide: typeof left, narrow: typeof left): boolean =>
    narrow.every((one) => wide.some((other) => coversAlgorithm(other, one, account)));
  return effect(!covers(left, right), !covers(right, left));
}

/** Where browsers come or go altogether, `origins.web` says so and the list adds nothing to it. */
function referrersEffect(before: WebCallers, after: WebCallers): AccessEffect {
  if (before === "none" || after === "none") return "none";
  if (before === "any" || after === "any") return effect(after === "any", before === "any");
  const left = before.hosts.flatMap(referrerParts);
  const right = after.hosts.flatMap(referrerParts);
  const covers = (wide: typeof left, narrow: typeof left): boolean =>
    narrow.every((one) => wide.some((other) => coversReferrer(other, one)));
  return effect(!covers(left, right), !covers(right, left));
}

/** A pattern for both schemes as one for each, so that `localhost` equals `http://localhost:*` with `https://localhost:*`. */
function referrerParts(text: string): readonly ReferrerPattern[] {
  const pattern = parseReferrerPattern(text);
  if (pattern === undefined) return [];
  if (pattern.scheme !== undefined) return [pattern];
  const parts = (["https", "http"] as const).flatMap((scheme) => [
    { ...pattern, scheme },
    { ...pattern, scheme, port: "*" as const },
  ]);
  return parts.filter((part) => coversReferrer(pattern, part));
}
