/**
 * The field list of a key as each description states it, in one form, so that lists can be compared: names in order, what a
 * value is, and its default where the description can tell one.
 */
import type { CtyType } from "../../src/terraform/protocol/cty-type.ts";
import type { Attributes } from "../../src/terraform/framework/attribute.ts";

/** What a field's value is, whoever describes it. */
export type FieldKind = "text" | "flag" | "texts" | "texts by name" | "choice of none, read, readwrite" | FieldList;

/** Fields by name, in the order in which they are described. */
export interface FieldList {
  readonly [name: string]: FieldKind;
}

/** As much of JSON Schema as our descriptions use. */
interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
  readonly default?: unknown;
}

/** A JSON document whose schemas are looked up by reference. */
export type SchemaDocument = Readonly<Record<string, unknown>>;

/** The fields of an object that a JSON Schema describes. */
export function fieldsOfSchema(document: SchemaDocument, pointer: string): FieldList {
  const { properties = {} } = lookUp(document, pointer);
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, kindOfSchema(document, field)]));
}

/** The defaults that a JSON Schema states, of nested objects too. */
export function defaultsOfSchema(document: SchemaDocument, pointer: string): Readonly<Record<string, unknown>> {
  const { properties = {} } = lookUp(document, pointer);
  const stated = Object.entries(properties).flatMap(([name, field]): (readonly [string, unknown])[] => {
    const found = resolved(document, field);
    if (found.default !== undefined) return [[name, found.default]];
    const inner = defaultsOfSchema({ ...document, inner: found }, "#/inner");
    return Object.entries(inner).map(([part, value]) => [`${name}.${part}`, value] as const);
  });
  return Object.fromEntries(stated);
}

/** The fields of Terraform attributes. */
export function fieldsOfAttributes(attributes: Attributes): FieldList {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, nested }]) => [
      name,
      nested === undefined ? kindOfType(type ?? "dynamic", name) : fieldsOfAttributes(nested.attributes),
    ]),
  );
}

/** The fields of a value that has every one of them. */
export function fieldsOfValue(value: object): FieldList {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, kindOfValue(field, name)] satisfies [string, FieldKind]),
  );
}

function kindOfSchema(document: SchemaDocument, schema: JsonSchema): FieldKind {
  const { type, anyOf, oneOf, enum: choices, properties, items, additionalProperties } = resolved(document, schema);
  if (choices !== undefined) return `choice of ${choices.join(", ")}` as FieldKind;
  const [first] = anyOf ?? oneOf ?? [];
  if (first !== undefined) return kindOfSchema(document, first);
  if (properties !== undefined) return fieldsOfSchema({ ...document, inner: { properties } }, "#/inner");
  if (items !== undefined) return "texts";
  if (typeof additionalProperties === "object") return "texts by name";
  const kinds: Readonly<Record<string, FieldKind>> = { string: "text", boolean: "flag" };
  const kind = kinds[typeof type === "string" ? type : (type?.find((one) => one !== "null") ?? "")];
  if (kind === undefined) throw new Error(`no kind for ${JSON.stringify(schema)}`);
  return kind;
}

/** Terraform knows no choices: those are texts there, and the one field that is a choice is checked by its validator. */
function kindOfType(type: CtyType, name: string): FieldKind {
  if (name === "data" && type === "string") return "choice of none, read, readwrite";
  const kinds: Readonly<Record<string, FieldKind>> = {
    '"string"': "text",
    '"bool"': "flag",
    '["set","string"]': "texts",
    '["map","string"]': "texts by name",
  };
  const kind = kinds[JSON.stringify(type)];
  if (kind === undefined) throw new Error(`no kind for ${JSON.stringify(type)}`);
  return kind;
}

function kindOfValue(value: unknown, name: string): FieldKind {
  if (name === "data") return "choice of none, read, readwrite";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "flag";
  if (Array.isArray(value)) return "texts";
  if (name === "labels") return "texts by name";
  if (typeof value === "object" && value !== null) return fieldsOfValue(value);
  throw new Error(`${name} has no value to tell its kind by`);
}

function resolved(document: SchemaDocument, schema: JsonSchema): JsonSchema {
  return schema.$ref === undefined ? schema : resolved(document, lookUp(document, schema.$ref));
}

function lookUp(document: SchemaDocument, pointer: string): JsonSchema {
  const found = pointer
    .slice(2)
    .split("/")
    .reduce<unknown>((at, name) => (at as SchemaDocument | undefined)?.[name], document);
  if (found === undefined) throw new Error(`${pointer} is not in the document`);
  return resolved(document, found as JsonSchema);
}
