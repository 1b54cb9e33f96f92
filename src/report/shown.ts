import { printable } from "../core/printable.ts";
import { REDACTED } from "../core/secret.ts";
import { TOKEN_LENGTH, tokenKind } from "../core/token.ts";
import type { Style } from "./style.ts";

/**
 * The one layer that every name, value and server text passes on its way out: what has the form and the checksum of a
 * token is replaced, then everything unsafe is made visible. One line.
 */
export function shown(text: string): string {
  return printable(withoutTokens(text));
}

/** Text as it stands between double quotes: quotes and backslashes escaped, so that it cannot be misread. */
export function quoted(text: string): string {
  return `"${shown(text.replace(/["\\]/g, "\\$&"))}"`;
}

/** The first few names for a sentence, and how many more there are. */
export function nameList(names: readonly string[], most: number): string {
  const listed = names.slice(0, most).map(shown).join(", ");
  return names.length > most ? `${listed} and ${String(names.length - most)} more` : listed;
}

/** A sentence of ours around names and server text, each of which is printed as {@link shown}. */
export function sentence(texts: TemplateStringsArray, ...values: readonly string[]): string {
  const whole = texts.map((text, index) => text + shown(values[index] ?? "")).join("");
  return whole.split("\n").map(withoutCiCommands).join("\n");
}

/** `1 key`, `2 keys`. */
export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Lines as a document that ends with a line break. The last gate: whatever wrapping or cutting put at the start of a
 * line, no line is a command to a CI runner (`::` at its start; `##[` and `##vso[` anywhere in it).
 */
export function joined(lines: readonly string[], style?: Pick<Style, "unicode">): string {
  if (lines.length === 0) return "";
  const text = lines.map((line) => withoutCiCommands(line)).join("\n");
  return `${style?.unicode === false ? asciiOnly(text) : text}\n`;
}

/** JSON in two-space indents, ended by a line break: as safe to print as text, and equal in meaning to the value. */
export function jsonDocument(value: unknown): string {
  const text = withoutTokens(JSON.stringify(value, undefined, 2));
  const safe = text
    .replace(/##(?=\[|vso\[)/gi, "#\\u0023")
    .replace(/[^\n\x20-\x7e]/gu, (character) => (printable(character) === character ? character : escaped(character)));
  return `${safe}\n`;
}

/** Text of the same length, for source excerpts: tokens are covered, and every column stays where it is. */
export function coveredTokens(text: string): string {
  return replaceTokens(text, REDACTED.padEnd(TOKEN_LENGTH, "*"));
}

function withoutTokens(text: string): string {
  return replaceTokens(text, REDACTED);
}

function replaceTokens(text: string, cover: string): string {
  return text.replace(/(?:sim|adm)[0-9A-Za-z]{24}1/g, (word) => (tokenKind(word) === undefined ? word : cover));
}

function withoutCiCommands(line: string): string {
  return line.replace(/^(\s*)::/, "$1\\::").replace(/##(?=\[|vso\[)/gi, "#\\#");
}

function asciiOnly(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
