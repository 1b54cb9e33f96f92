import { dump } from "js-yaml";
import { shortDeclaredSpec } from "../core/declared-spec.ts";
import type { KeySpec } from "../core/key-spec.ts";

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
 * default left out, texts quoted wherever any version of YAML could read something else in them.
 */
export function writeDeclaration({ account, project, keys }: Declarable, { schemaUrl }: WriteOptions = {}): string {
  const sorted = [...keys].sort((left, right) => (left.name < right.name ? -1 : 1));
  const blocks = sorted.map(({ name, spec }) => [name, escaped(shortDeclaredSpec(spec))] as const);
  const modeline = schemaUrl === undefined ? "" : `# yaml-language-server: $schema=${schemaUrl}\n`;
  const declaration = { version: 1, account, project, keys: Object.fromEntries(blocks) };
  return modeline + dump(declaration, { lineWidth: -1, noRefs: true, quoteStyle: "double" });
}

/** A literal `${` must not be taken for a variable when the file is read. */
function escaped(value: unknown): unknown {
  if (typeof value === "string") return value.split("${").join("$${");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(escaped);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, escaped(inner)]));
}
