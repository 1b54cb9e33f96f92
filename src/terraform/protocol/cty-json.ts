import { typeOfJson, type CtyType } from "./cty-type.ts";
import { DynamicallyTyped, type CtyValue } from "./cty-value.ts";
import { mapped } from "./mapped.ts";

/*
 * Values as Terraform keeps them in its state file: JSON. It has no unknown values and no numbers that JSON's readers do
 * not hold; a state written by another version of the schema lacks attributes and bears others.
 */

/** A state that does not hold what its schema says: somebody edited it, or it was cut short. */
export class DamagedState extends Error {
  /** Where: names of attributes, keys and positions, outermost first. */
  readonly place: readonly string[];
  /** What is due there. */
  readonly due: string;
  constructor(place: readonly string[], due: string) {
    super(`the state holds no ${due} at ${place.join(".")}`);
    this.place = place;
    this.due = due;
  }
}

/**
 * Reads a value of that type from parsed JSON. Attributes that are lacking are null; those of no name here are dropped. Throws
 * {@link DamagedState}.
 */
export function valueOfJson(type: CtyType, json: unknown): CtyValue {
  return valueAt(type, json, []);
}

function valueAt(type: CtyType, json: unknown, place: readonly string[]): CtyValue {
  if (json === null || json === undefined) return null;
  if (type === "dynamic") {
    const { type: own, value } = recordOf(json, place);
    const inner = typeOfJson(own);
    return new DynamicallyTyped(inner, valueAt(inner, value, place));
  }
  if (typeof type === "string") return scalarOf(type, json, place);
  const [kind, inner] = type;
  switch (kind) {
    case "list":
    case "set":
      return listOf(json, place).map((element, index) => valueAt(inner, element, [...place, String(index)]));
    case "tuple":
      return inner.map((element, index) => valueAt(element, listOf(json, place)[index], [...place, String(index)]));
    case "map":
      return mapped(recordOf(json, place), (value, name) => valueAt(inner, value, [...place, name]));
    case "object": {
      const given = recordOf(json, place);
      return mapped(inner, (attribute, name) =>
        Object.hasOwn(given, name) ? valueAt(attribute, given[name], [...place, name]) : null,
      );
    }
  }
}

function scalarOf(type: "string" | "number" | "bool", json: unknown, place: readonly string[]): CtyValue {
  if (typeof json !== (type === "bool" ? "boolean" : type)) throw new DamagedState(place, type);
  return json as string | number | boolean;
}

function listOf(json: unknown, place: readonly string[]): readonly unknown[] {
  if (!Array.isArray(json)) throw new DamagedState(place, "list");
  return json;
}

function recordOf(json: unknown, place: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new DamagedState(place, "object");
  }
  return json as Readonly<Record<string, unknown>>;
}
