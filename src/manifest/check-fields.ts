import type { AttributePath } from "../core/attribute-path.ts";
import { durationMs } from "../core/duration.ts";
import { parseInstant } from "../core/instant.ts";
import { NAME_PATTERN } from "../core/key-name.ts";
import { parseReferrerPattern, type ReferrerPattern } from "../core/referrer-pattern.ts";
import { algorithmWording } from "./algorithm-wording.ts";
import { asWritten, problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type { DefaultsDeclaration } from "./declaration.generated.ts";
import { shownValue } from "./explain-value.ts";
import { AT_NAME, type Problems, type Wording } from "./problem.ts";
import { referrerWording } from "./referrer-wording.ts";

/** Host names in plain lower case, the usual ones; every such text is a referrer pattern. */
const PLAIN_HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,63}$/;

const MAX_DESCRIPTION = 500;
const MAX_LABEL = 200;

/** Checks the texts of the fields that a key or the defaults state: what the schema's types cannot say. */
export function checkFields(
  from: DeclarationFile,
  path: AttributePath,
  fields: Sound<DefaultsDeclaration>,
  problems: Problems,
): void {
  const { description, algorithms, origins, expires, labels, rotation } = fields;
  if (description !== undefined) checkText(from, path, "description", description, MAX_DESCRIPTION, problems);
  for (let index = 0; algorithms !== undefined && index < algorithms.length; index++) {
    const text = algorithms[index];
    if (text === undefined || from.readAlgorithm(text) !== undefined) continue;
    problems.add(from.file, "invalid-algorithm", () => {
      const at = [...path, "algorithms", index];
      return problemIn(from, at, algorithmWording(text, asWritten(from, at, text)));
    });
  }
  const referrers = origins?.referrers;
  for (let index = 0; referrers !== undefined && index < referrers.length; index++) {
    const text = referrers[index];
    if (text === undefined || isReferrer(text)) continue;
    problems.add(from.file, "invalid-referrer", () => {
      const at = [...path, "origins", "referrers", index];
      return problemIn(from, at, referrerWording(text, asWritten(from, at, text)));
    });
  }
  if (typeof expires === "string" && parseInstant(expires) === undefined) {
    const at = [...path, "expires"];
    problems.push(problemIn(from, at, expiryWording(expires, asWritten(from, at, expires))));
  }
  if (labels !== undefined) checkLabels(from, [...path, "labels"], labels, problems);
  if (rotation) checkDurations(from, [...path, "rotation"], rotation, problems);
}

/** True exactly for what {@link parseReferrerPattern} accepts; the usual form costs no URL. */
export function isReferrer(text: string): boolean {
  return isPlainHost(text) || parseReferrerPattern(text) !== undefined;
}

/** Exactly what {@link parseReferrerPattern} reads; the usual form costs no URL. */
export function readReferrer(text: string): ReferrerPattern | undefined {
  if (!isPlainHost(text)) return parseReferrerPattern(text);
  const below = text.startsWith("*.");
  return { scheme: undefined, below, host: below ? text.slice(2) : text, port: undefined };
}

function isPlainHost(text: string): boolean {
  return text.length <= 253 && PLAIN_HOST.test(text) && !text.includes("xn--");
}

/** Checks a free text; its length is counted in characters, as JSON Schema does. */
function checkText(
  from: DeclarationFile,
  owner: AttributePath,
  field: string,
  text: string,
  limit: number,
  problems: Problems,
): void {
  if (!text.isWellFormed() || text.includes("\0")) {
    const summary = `\`${field}\` holds a character that no text can hold`;
    problems.push(
      problemIn(from, [...owner, field], {
        code: "invalid-value",
        summary,
        fix: "Take the NUL or half character away.",
      }),
    );
  }
  const length = text.length > limit ? Array.from(text).length : 0;
  if (length <= limit) return;
  const summary = `\`${field}\` has ${String(length)} characters; it can have ${String(limit)}`;
  problems.push(problemIn(from, [...owner, field], { code: "invalid-value", summary, fix: "Shorten it." }));
}

function expiryWording(text: string, shown: string): Wording {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text.slice(0, 10));
  const bare = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?$/.test(text);
  const detail = bare
    ? "A moment needs seconds and an offset: without an offset it means another moment in every place."
    : day && parseInstant(text.slice(0, 10)) === undefined
      ? "The calendar has no such day."
      : undefined;
  return {
    code: "invalid-expiry",
    summary: `${shownValue(shown)} is no date or moment`,
    detail,
    fix: "Write a date, `2027-01-31`, or a moment with its offset, `2027-01-31T12:00:00Z`.",
  };
}

function checkLabels(
  from: DeclarationFile,
  path: AttributePath,
  labels: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): void {
  for (const name in labels) {
    if (!NAME_PATTERN.test(name)) {
      problems.add(from.file, "invalid-name", () =>
        problemIn(from, [...path, name], nameWording("label", name, name), { mark: AT_NAME }),
      );
    }
    const text = labels[name];
    if (text !== undefined) checkText(from, path, name, text, MAX_LABEL, problems);
  }
}

function checkDurations(
  from: DeclarationFile,
  path: AttributePath,
  rotation: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): void {
  for (const field of ["every", "overlap"]) {
    const text = rotation[field];
    const duration = text === undefined ? undefined : durationMs(text);
    if (text === undefined || (duration !== undefined && (duration > 0 || field === "overlap"))) continue;
    const at = [...path, field];
    problems.push(
      problemIn(from, at, {
        code: "invalid-rotation",
        summary: `${shownValue(asWritten(from, at, text))} is no ${field === "every" ? "interval" : "duration"}`,
        detail: `Write a whole number and one of s, m, h, d, w: at most ten years${field === "every" ? ", more than none" : ""}.`,
        fix: field === "every" ? "Write `every: 90d`." : "Write `overlap: 24h`.",
      }),
    );
  }
}

/** The words for a text that cannot name a key, a project or a label. */
export function nameWording(what: string, name: string, shown: string): Wording {
  const long = name.length > 64 ? "It is longer than 64 characters." : undefined;
  const candidate = name
    .trim()
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 64);
  const meant = name === shown && candidate !== "" ? ` For example: \`${candidate}\`.` : "";
  return {
    code: "invalid-name",
    summary: `${shownValue(shown)} cannot name a ${what}`,
    detail: long,
    fix: `Use letters, digits, \`.\`, \`_\` and \`-\`; begin with a letter or digit.${meant}`,
  };
}
