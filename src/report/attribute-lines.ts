import { shortDeclaredSpec, specOf, type DeclaredSpec } from "../core/declared-spec.ts";
import { flatSpec } from "../plan/flat-spec.ts";
import type { AccessEffect, AttributeChange, AttributeValue } from "../plan/plan.ts";
import { quoted, shown } from "./shown.ts";
import { padTo, textWidth } from "./text-width.ts";

/** One printed line about an attribute. All text in it is safe to print. */
export interface AttributeLine {
  readonly symbol: "+" | "~" | "-" | "=";
  /** The attribute, dotted, as declared. */
  readonly path: string;
  readonly text: string;
  /** What the change does to access, in words; null for nothing. */
  readonly note: string | null;
  /** True for an entry of the list that stands above it. */
  readonly entry: boolean;
}

const ACCESS_NOTES: Readonly<Record<AccessEffect, string | null>> = {
  none: null,
  widens: "widens access",
  narrows: "narrows access",
  shifts: "widens and narrows access",
};

/** What an access effect is called; null for none. */
export function accessNote(effect: AccessEffect): string | null {
  return ACCESS_NOTES[effect];
}

/** The effect of several changes together. */
export function combinedAccess(effects: readonly AccessEffect[]): AccessEffect {
  const widens = effects.some((effect) => effect === "widens" || effect === "shifts");
  const narrows = effects.some((effect) => effect === "narrows" || effect === "shifts");
  if (widens) return narrows ? "shifts" : "widens";
  return narrows ? "narrows" : "none";
}

/** Changed attributes with their values aligned; of a list, the entries that come and those that go, one line each. */
export function changedLines(changes: readonly AttributeChange[]): readonly AttributeLine[] {
  const width = pathWidth(changes.map((change) => change.path));
  return changes.flatMap((change) => linesOf(change, width));
}

/** A whole spec as lines of one symbol; `short` leaves out what has its default. */
export function specLines(spec: DeclaredSpec, symbol: "+" | "-" | "=", short: boolean): readonly AttributeLine[] {
  const whole = specOf(spec);
  const stated = short ? shortDeclaredSpec(whole) : undefined;
  const rows = [...flatSpec(whole)].filter(([path, value]) =>
    // Without referrers there is nothing to say of them: `(none)` would read as "no site", and it means any.
    stated === undefined ? path !== "origins.referrers" || value !== null : isStated(stated, path),
  );
  const width = pathWidth(rows.map(([path]) => path));
  return rows.flatMap(([path, value]): readonly AttributeLine[] => {
    if (isList(value) && value.length > 0) {
      return [line(symbol, path, shown(path)), ...value.map((entry) => entryLine(symbol, path, entry))];
    }
    return [line(symbol, path, `${padTo(shown(path), width)} ${valueText(value)}`)];
  });
}

/** A value as it is printed: plain words as they are, all other text between quotes, so that nothing can be mistaken. */
export function valueText(value: AttributeValue): string {
  if (value === null) return "(none)";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "string") return value.length === 0 ? "[]" : `[${value.map(valueText).join(", ")}]`;
  const plain = /^[A-Za-z0-9_.*:/@%+-]+$/.test(value) && value !== "true" && value !== "false";
  return plain ? shown(value) : quoted(value);
}

function linesOf(change: AttributeChange, width: number): readonly AttributeLine[] {
  const { path, before, after } = change;
  const note = accessNote(change.access);
  if (
    (isList(before) || before === null) &&
    (isList(after) || after === null) &&
    !(before === null && after === null)
  ) {
    const symbol = before === null ? "+" : after === null ? "-" : "~";
    return [
      line(symbol, path, shown(path), note),
      ...(before ?? []).map((entry) => entryLine("-", path, entry)),
      ...(after ?? []).map((entry) => entryLine("+", path, entry)),
    ];
  }
  const label = padTo(shown(path), width);
  if (before === null) return [line("+", path, `${label} ${valueText(after)}`, note)];
  if (after === null) return [line("-", path, `${label} ${valueText(before)}`, note)];
  return [line("~", path, `${label} ${valueText(before)} -> ${valueText(after)}`, note)];
}

function line(symbol: AttributeLine["symbol"], path: string, text: string, note: string | null = null): AttributeLine {
  return { symbol, path: shown(path), text, note, entry: false };
}

function entryLine(symbol: AttributeLine["symbol"], path: string, entry: string): AttributeLine {
  return { symbol, path: shown(path), text: valueText(entry), note: null, entry: true };
}

/** The column of values: wide enough for the paths, but a long label must not push every value away. */
function pathWidth(paths: readonly string[]): number {
  return Math.max(0, ...paths.map((path) => textWidth(shown(path))).filter((width) => width <= 24));
}

function isStated(stated: DeclaredSpec, path: string): boolean {
  const [field = "", inner] = path.split(".", 2);
  if (!Object.hasOwn(stated, field)) return false;
  return field !== "origins" || stated.origins?.[inner as keyof typeof stated.origins] !== undefined;
}

function isList(value: AttributeValue): value is readonly string[] {
  return Array.isArray(value);
}
