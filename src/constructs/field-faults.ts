import { formatPath, type AttributePath } from "../core/attribute-path.ts";
import { suggest } from "../core/suggest.ts";
import { fieldsOf, propertyName, type FieldKind, type FieldTable } from "./field-table.ts";
import { isKnownLater } from "./literal.ts";

/**
 * Fields that there are not, each with the one that was meant: TypeScript does not see them in an object that was made before
 * it was handed over, and a misspelled restriction would be none. `beside`: names that are allowed though no table has them.
 */
export function unknownFields(values: object, table: FieldTable, beside: readonly string[] = []): readonly string[] {
  const found: string[] = [];
  look(values, { object: table }, beside, [], found);
  return found;
}

function look(value: unknown, kind: FieldKind, beside: readonly string[], path: AttributePath, found: string[]): void {
  if (typeof kind === "string" || typeof value !== "object" || value === null || Array.isArray(value)) return;
  if (isKnownLater(value)) return;
  if ("objects by name" in kind) {
    for (const [name, inner] of Object.entries(value)) {
      look(inner, { object: kind["objects by name"] }, beside, [...path, name], found);
    }
    return;
  }
  const known = fieldsOf(kind.object);
  for (const [name, inner] of Object.entries(value)) {
    const due = known.get(name)?.kind;
    if (due !== undefined) {
      // Most kinds hold no fields of their own.
      if (typeof due !== "string") look(inner, due, [], [...path, name], found);
    } else if (!beside.includes(name) && inner !== undefined)
      found.push(unknown([...path, name], name, [...known.keys(), ...beside]));
  }
}

function unknown(path: AttributePath, name: string, names: readonly string[]): string {
  const meant = names.includes(propertyName(name)) ? propertyName(name) : suggest(name, names);
  const fix = meant === undefined ? `There are ${names.join(", ")}.` : `Did you mean \`${meant}\`?`;
  return `${formatPath(path)}: There is no such field. ${fix}`;
}
