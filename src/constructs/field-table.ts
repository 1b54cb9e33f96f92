import { isKnownLater, literal } from "./literal.ts";

/** What a field's value is. */
export type FieldKind =
  | "text"
  | "flag"
  | "texts"
  | "texts by name"
  /** An object with fields of its own, or objects by names that the author chose. */
  | { readonly object: FieldTable }
  | { readonly "objects by name": FieldTable };

/** The fields of a block by the names that Terraform knows them by. */
export type FieldTable = Readonly<Record<string, FieldKind>>;

/** What an author gives for a block: fields by the names that TypeScript knows them by, `secretWo` for `secret_wo`. */
export type FieldValues = object;

/** The fields of a block as Terraform's arguments: texts escaped, values that are known only later as they are. */
export function argumentsOf(values: FieldValues, table: FieldTable): Record<string, unknown> {
  const given = values as Readonly<Record<string, unknown>>;
  const made: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(table)) {
    const value = given[propertyName(name)];
    if (value !== undefined) made[name] = argumentOf(value, kind);
  }
  return made;
}

/** The name of a field in TypeScript: `secretWo` for `secret_wo`. */
export function propertyName(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function argumentOf(value: unknown, kind: FieldKind): unknown {
  if (typeof value === "string") return literal(value);
  // Text is what the provider takes; a version that is counted up is a number to its author.
  if (kind === "text" && typeof value === "number" && !isKnownLater(value)) return String(value);
  if (typeof value !== "object" || value === null || isKnownLater(value)) return value;
  if (Array.isArray(value))
    return value.map((entry) => (typeof entry === "string" ? literal(entry) : (entry as unknown)));
  if (typeof kind === "string") return mapped(value, "text");
  if ("object" in kind) return argumentsOf(value, kind.object);
  return mapped(value, { object: kind["objects by name"] });
}

/** Names that the author chose stay as they are. */
function mapped(value: object, kind: FieldKind): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, argumentOf(inner, kind)]));
}
