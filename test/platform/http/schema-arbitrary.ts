import fc from "fast-check";
import { resolved, type Node } from "../../api/description.ts";

/** Values that fit a schema of the API's description: what a client may send, however odd. */
export function arbitraryOf(schema: Node): fc.Arbitrary<unknown> {
  const reference = schema["$ref"];
  if (typeof reference === "string") return arbitraryOf(resolved(reference) as Node);
  for (const choice of ["oneOf", "anyOf"]) {
    const options = schema[choice] as readonly Node[] | undefined;
    // Choices of required fields alone refine the object that they stand in.
    if (options?.every((option) => "type" in option || "$ref" in option || "anyOf" in option) === true) {
      return fc.oneof(...options.map(arbitraryOf));
    }
  }
  if ("const" in schema) return fc.constant(schema["const"]);
  if ("enum" in schema) return fc.constantFrom(...(schema["enum"] as readonly unknown[]));
  switch (schema["type"]) {
    case "object":
      return arbitraryObject(schema);
    case "array": {
      const minLength = (schema["minItems"] ?? 0) as number;
      const maxLength = Math.max(minLength, Math.min((schema["maxItems"] ?? 3) as number, 3));
      return fc.array(arbitraryOf((schema["items"] ?? {}) as Node), { minLength, maxLength });
    }
    case "string":
      return arbitraryText(schema);
    case "integer":
      return fc.integer({ min: (schema["minimum"] ?? 0) as number, max: (schema["maximum"] ?? 2 ** 40) as number });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function arbitraryObject(schema: Node): fc.Arbitrary<Record<string, unknown>> {
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Node>>);
  const required = (schema["required"] ?? []) as readonly string[];
  const fields = Object.fromEntries(properties.map(([name, inner]) => [name, arbitraryOf(inner)]));
  const least = (schema["minProperties"] ?? 0) as number;
  if (properties.length === 0) {
    const names = schema["propertyNames"] as Node | undefined;
    const values = schema["additionalProperties"];
    if (typeof values !== "object" || values === null) return fc.constant({});
    return fc.dictionary(names === undefined ? fc.string() : arbitraryText(names), arbitraryOf(values as Node), {
      maxKeys: 3,
    });
  }
  return fc
    .record(fields, { requiredKeys: required.filter((name) => name in fields) })
    .filter((value) => Object.keys(value).length >= least);
}

const ODD_TEXTS = [
  "",
  " ",
  "constructor",
  "__proto__",
  "é両方",
  "\u202e",
  "\0",
  "\ud800",
  "' OR 1=1 --",
  "${7*7}",
  "../..",
  "a".repeat(400),
];

function arbitraryText({ pattern, maxLength = 300, format }: Node): fc.Arbitrary<string> {
  if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= 300);
  if (format === "date-time") return fc.constant("2026-03-01T12:00:00.000Z");
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.string({ maxLength: 30 }) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS) },
    )
    .map((text) => text.slice(0, maxLength as number));
}

/** What is done to a value to make it another than its schema allows, or than its author meant. */
export function arbitraryDamage(value: unknown): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...placesIn(value)), fc.constantFrom(...ODD_VALUES))
    .map(([place, odd]) => put(value, place, odd));
}

const ODD_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 53, 1e308, "", "x", [], {}, [[]], { a: 1 }, [null], "a".repeat(5_000)],
  ...ODD_TEXTS,
];

/** The same value with a further field in one of its objects. */
export function withUnknownField(value: unknown): fc.Arbitrary<unknown> {
  const objects = placesIn(value).filter((place) => {
    const inner = at(value, place);
    return typeof inner === "object" && inner !== null && !Array.isArray(inner) && place.at(-1) !== "labels";
  });
  return fc
    .tuple(
      fc.constantFrom(...objects),
      fc.constantFrom("colour", "admin", "Name", "__proto__", "constructor", "toString", ""),
    )
    .map(([place, name]) => put(value, place, withField(at(value, place) as object, name)));
}

function withField(object: object, name: string): object {
  return Object.fromEntries([...Object.entries(object), [name, 1]]);
}

type Place = readonly (string | number)[];

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return [[]];
  const inner = Object.keys(value).flatMap((name) => {
    const step = Array.isArray(value) ? Number(name) : name;
    return placesIn(Reflect.get(value, step)).map((place): Place => [step, ...place]);
  });
  return [[], ...inner];
}

function at(value: unknown, [step, ...rest]: Place): unknown {
  return step === undefined ? value : at(Reflect.get(value as object, step), rest);
}

function put(value: unknown, [step, ...rest]: Place, odd: unknown): unknown {
  if (step === undefined) return odd;
  const inner = put(Reflect.get(value as object, step), rest, odd);
  if (Array.isArray(value)) return value.with(step as number, inner);
  return Object.fromEntries(Object.entries(value as object).map(([name, own]) => [name, name === step ? inner : own]));
}
