import { formatPath, type AttributePath } from "../core/attribute-path.ts";
import { FalseToken, isKnownLater, literal } from "./literal.ts";

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
  for (const { name, property, kind } of fieldsOf(table).values()) {
    const value = given[property];
    if (value !== undefined) made[name] = argumentOf(value, kind);
  }
  return made;
}

/** A field by its name in Terraform and in TypeScript. */
interface Field {
  readonly name: string;
  readonly property: string;
  readonly kind: FieldKind;
}

const known = new WeakMap<FieldTable, ReadonlyMap<string, Field>>();

/** The fields of a table by the names that TypeScript knows them by; made once for each table. */
export function fieldsOf(table: FieldTable): ReadonlyMap<string, Field> {
  const there = known.get(table);
  if (there !== undefined) return there;
  const fields = Object.entries(table).map(([name, kind]) => ({ name, property: propertyName(name), kind }));
  const made = new Map(fields.map((field) => [field.property, field]));
  known.set(table, made);
  return made;
}

/** The same of a construct at this path: a text that only looks as if it held a token is an error that names both. */
export function argumentsIn(construct: string, values: FieldValues, table: FieldTable): Record<string, unknown> {
  try {
    return argumentsOf(values, table);
  } catch (error) {
    throw error instanceof FalseToken
      ? new Error(`[${construct}] ${placeOfText(values, error.text)}: ${error.message}`)
      : error;
  }
}

/** Where in the fields a text stands. */
function placeOfText(values: object, text: string, path: AttributePath = []): string | undefined {
  for (const [name, inner] of Object.entries(values)) {
    const at = [...path, Array.isArray(values) ? Number(name) : name];
    if (inner === text) return formatPath(at);
    const found = typeof inner === "object" && inner !== null ? placeOfText(inner as object, text, at) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
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

/** Names that the author chose stay as they are: in Terraform's JSON a name may hold a template, too. */
function mapped(value: object, kind: FieldKind): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [literal(name), argumentOf(inner, kind)]));
}
