import { shortDeclaredSpec } from "../core/declared-spec.ts";
import { printable } from "../core/printable.ts";
import type { Declarable } from "./write-yaml.ts";

/** A key as it is written: its name, and its fields in the shortest form. */
export interface WrittenKey {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keys as they are written in any language: sorted by name, fields that equal their default left out. */
export function writtenKeys({ keys }: Pick<Declarable, "keys">): readonly WrittenKey[] {
  return [...keys]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, spec }) => ({ name, fields: shortDeclaredSpec(spec) }));
}

/**
 * A text between double quotes. What could mislead a reader of the source, such as control and bidirectional characters,
 * stands as `escape` writes it.
 */
export function quotedText(text: string, escape: (codePoint: number) => string): string {
  const inner = Array.from(text, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    if (character === "\n") return "\\n";
    return printable(character) === character ? character : escape(character.codePointAt(0) ?? 0);
  });
  return `"${inner.join("")}"`;
}
