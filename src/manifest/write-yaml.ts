import { dump } from "js-yaml";
import { shortDeclaredSpec } from "../core/declared-spec.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { printable } from "../core/printable.ts";

/** What can be written as a declaration: a manifest, or live keys. */
export interface Declarable {
  readonly account: string;
  readonly project: string;
  readonly keys: readonly { readonly name: string; readonly spec: KeySpec }[];
}

/** How a declaration is written. */
export interface WriteOptions {
  /** Where editors find the schema; the first line says so. */
  readonly schemaUrl?: string;
}

/**
 * Writes keys as a YAML declaration that loads back to equal specs: keys sorted by name, fields that equal their
 * default left out, texts quoted wherever any version of YAML could read something else in them. What could mislead a
 * reader, such as control and bidirectional characters, stands as an escape.
 */
export function writeDeclaration({ account, project, keys }: Declarable, { schemaUrl }: WriteOptions = {}): string {
  const sorted = [...keys].sort((left, right) => (left.name < right.name ? -1 : 1));
  const unsafe: string[] = [];
  const blocks = sorted.map(({ name, spec }) => [name, escaped(shortDeclaredSpec(spec), unsafe)] as const);
  const modeline = schemaUrl === undefined ? "" : `# yaml-language-server: $schema=${schemaUrl}\n`;
  const declaration = { version: 1, account, project, keys: Object.fromEntries(blocks) };
  const text = dump(declaration, { lineWidth: -1, noRefs: true, quoteStyle: "double" });
  return modeline + withUnsafe(text, unsafe);
}

/** A value on one line, written as {@link writeDeclaration} writes it. */
export function flowText(value: unknown): string {
  const unsafe: string[] = [];
  const options = { lineWidth: -1, noRefs: true, quoteStyle: "double", flowLevel: 0 } as const;
  // In a list of its own, so that a text of several lines is quoted rather than made a block.
  const text = dump([escaped(value, unsafe)], options).trim();
  return withUnsafe(text.slice(1, -1).trim(), unsafe);
}

function withUnsafe(text: string, unsafe: readonly string[]): string {
  return text.replace(/"\\0(\d+)"/g, (_, index: string) => unsafe[Number(index)] ?? "");
}

/**
 * A literal `${` must not be taken for a variable when the file is read. A text with unsafe characters is kept apart, and
 * what stands for it begins with NUL, which no text of ours can.
 */
function escaped(value: unknown, unsafe: string[]): unknown {
  if (typeof value === "string") {
    const text = value.split("${").join("$${");
    return isSafe(text) ? text : `\0${String(unsafe.push(escapedText(text)) - 1)}`;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => escaped(entry, unsafe));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, escaped(inner, unsafe)]));
}

function isSafe(text: string): boolean {
  const plain = text.replaceAll("\n", "");
  return printable(plain) === plain;
}

/** The text between double quotes, as YAML reads them. */
function escapedText(text: string): string {
  const inner = Array.from(text, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    if (character === "\n") return "\\n";
    if (printable(character) === character) return character;
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
  return `"${inner.join("")}"`;
}
