/**
 * A type of Terraform's type system, in the form in which the protocol writes it as JSON. `dynamic`: the value brings its
 * own type along.
 */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "set" | "map", CtyType]
  | readonly ["object", CtyAttributes]
  | readonly ["tuple", readonly CtyType[]];

/** The attributes of an object type. */
export type CtyAttributes = Readonly<Record<string, CtyType>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A type as the protocol sends it. */
export function encodeType(type: CtyType): Uint8Array {
  return encoder.encode(JSON.stringify(type));
}

/** Reads a type that the protocol sent; throws if it is none. Attributes may be marked optional, which is not kept. */
export function decodeType(bytes: Uint8Array): CtyType {
  return typeOfJson(JSON.parse(decoder.decode(bytes)));
}

/** Reads a type from parsed JSON; throws if it is none. */
export function typeOfJson(json: unknown): CtyType {
  if (json === "string" || json === "number" || json === "bool" || json === "dynamic") return json;
  if (Array.isArray(json)) {
    const [kind, inner] = json as readonly unknown[];
    if (kind === "list" || kind === "set" || kind === "map") return [kind, typeOfJson(inner)];
    if (kind === "tuple" && Array.isArray(inner)) return ["tuple", inner.map(typeOfJson)];
    if (kind === "object" && typeof inner === "object" && inner !== null) {
      return ["object", Object.fromEntries(Object.entries(inner).map(([name, type]) => [name, typeOfJson(type)]))];
    }
  }
  throw new Error("not a type of Terraform's");
}
