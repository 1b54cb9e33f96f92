import type { Wording } from "./problem.ts";

const SHOWN_LENGTH = 60;

/** A value as messages show it: short, on one line, and never the inside of a list or map. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") {
    return JSON.stringify(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}...` : value);
  }
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "a map of fields";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}

/** The fix for what YAML reads as something else than text. */
export function suggestQuotes(written: string | undefined): Pick<Wording, "fix"> {
  const plain = written !== undefined && written.length <= SHOWN_LENGTH && /^[\w.+:-]+$/.test(written);
  return { fix: plain ? `Put it in quotes: "${written}".` : "Put it in quotes." };
}

/** Names for a sentence: `none`, `read` or `readwrite`. */
export function oneOf(names: readonly unknown[]): string {
  const quoted = names.map((name) => `\`${String(name)}\``);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1) ?? ""}`;
}
