import { typeOfJson, type CtyType } from "./cty-type.ts";
import { DynamicallyTyped, type CtyValue } from "./cty-value.ts";

/*
 * Values as Terraform keeps them in its state file: JSON. It has no unknown values and no numbers that JSON's readers do
 * not hold; a state written by another version of the schema lacks attributes and bears others.
 */

/** Reads a value of that type from parsed JSON. Attributes that are lacking are null; those of no name here are dropped. */
export function valueOfJson(type: CtyType, json: unknown): CtyValue {
  if (json === null || json === undefined) return null;
  if (type === "dynamic") {
    const { type: own, value } = recordOf(json);
    const inner = typeOfJson(own);
    return new DynamicallyTyped(inner, valueOfJson(inner, value));
  }
  if (typeof type === "string") return scalarOf(type, json);
  const [kind, inner] = type;
  switch (kind) {
    case "list":
    case "set":
      return listOf(json).map((element) => valueOfJson(inner, element));
    case "tuple":
      return inner.map((element, index) => valueOfJson(element, listOf(json)[index]));
    case "map":
      return Object.fromEntries(
        Object.entries(recordOf(json)).map(([name, value]) => [name, valueOfJson(inner, value)]),
      );
    case "object": {
      const given = recordOf(json);
      return Object.fromEntries(
        Object.entries(inner).map(([name, attribute]) => [
          name,
          Object.hasOwn(given, name) ? valueOfJson(attribute, given[name]) : null,
        ]),
      );
    }
  }
}

function scalarOf(type: "string" | "number" | "bool", json: unknown): CtyValue {
  if (typeof json !== (type === "bool" ? "boolean" : type))
    throw new Error(`the state holds no ${type} where one is due`);
  return json as string | number | boolean;
}

function listOf(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new Error("the state holds no list where one is due");
  return json;
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error("the state holds no object where one is due");
  }
  return json as Readonly<Record<string, unknown>>;
}
