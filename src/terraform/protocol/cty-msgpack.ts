import { Decoder, Encoder, ExtData, ExtensionCodec } from "@msgpack/msgpack";
import { decodeType, encodeType, type CtyType } from "./cty-type.ts";
import { DecimalNumber, DynamicallyTyped, UNKNOWN, Unknown, type CtyRecord, type CtyValue } from "./cty-value.ts";
import { mapped } from "./mapped.ts";
import { decodeRefinement, encodeRefinement } from "./refinement.ts";

/*
 * Values as the protocol sends them: MessagePack, in which extension 0 is an unknown value and extension 12 one of which
 * something is known. Who reads must know the type: neither sets nor objects are told apart from lists and maps.
 */

/** The extension of an unknown value, and of one with refinements. */
const UNKNOWN_EXTENSION = 0;
const REFINED_EXTENSION = 12;

/** An unknown value has to bear some byte; this is the one that every other writer uses. */
const UNKNOWN_BYTES = new Uint8Array(1);

const extensions = new ExtensionCodec();
extensions.register({ type: UNKNOWN_EXTENSION, encode: () => null, decode: () => UNKNOWN });
extensions.register({
  type: REFINED_EXTENSION,
  encode: () => null,
  decode: (bytes) => new Unknown(decodeRefinement(bytes)),
});

/** One of each for every value: a writer that is made anew allocates its buffer anew. */
const writer = new Encoder({ extensionCodec: extensions, useBigInt64: true });
const reader = new Decoder({ extensionCodec: extensions, useBigInt64: true });

/** Writes a value of that type. Throws if it is not of that type: that is a bug of whoever made it. */
export function encodeMsgpack(type: CtyType, value: CtyValue): Uint8Array {
  return writer.encode(packed(type, value));
}

/** Reads a value of that type; throws if the bytes hold none. */
export function decodeMsgpack(type: CtyType, bytes: Uint8Array): CtyValue {
  return unpacked(type, reader.decode(bytes));
}

function packed(type: CtyType, value: CtyValue): unknown {
  if (value === null) return null;
  if (value instanceof Unknown) return packedUnknown(value);
  if (type === "dynamic") {
    if (!(value instanceof DynamicallyTyped)) throw mismatch(type);
    return [encodeType(value.type), packed(value.type, value.value)];
  }
  if (typeof type === "string") return packedScalar(type, value);
  const [kind, inner] = type;
  switch (kind) {
    case "list":
    case "set":
      return elements(value, type).map((element) => packed(inner, element));
    case "tuple":
      return elements(value, type, inner.length).map((element, index) => packed(inner[index] ?? "dynamic", element));
    case "map":
      return mapped(record(value, type), (element) => packed(inner, element));
    case "object": {
      const given = record(value, type);
      return mapped(inner, (attribute, name) => packed(attribute, ownOf(given, name)));
    }
  }
}

function packedUnknown({ refinement }: Unknown): ExtData {
  if (Object.keys(refinement).length === 0) return new ExtData(UNKNOWN_EXTENSION, UNKNOWN_BYTES);
  return new ExtData(REFINED_EXTENSION, encodeRefinement(refinement));
}

function packedScalar(type: "string" | "number" | "bool", value: CtyValue): unknown {
  if (type === "number" && value instanceof DecimalNumber) return value.text;
  if (typeof value !== (type === "bool" ? "boolean" : type)) throw mismatch(type);
  return value;
}

function unpacked(type: CtyType, raw: unknown): CtyValue {
  if (raw === null) return null;
  if (raw instanceof Unknown) return raw;
  if (type === "dynamic") {
    if (!Array.isArray(raw) || !(raw[0] instanceof Uint8Array)) throw mismatch(type);
    const own = decodeType(raw[0]);
    return new DynamicallyTyped(own, unpacked(own, raw[1]));
  }
  if (type === "number") return unpackedNumber(raw);
  if (typeof type === "string") {
    if (typeof raw !== (type === "bool" ? "boolean" : type)) throw mismatch(type);
    return raw as string | boolean;
  }
  const [kind, inner] = type;
  switch (kind) {
    case "list":
    case "set":
      return elements(raw, type).map((element) => unpacked(inner, element));
    case "tuple":
      return elements(raw, type, inner.length).map((element, index) => unpacked(inner[index] ?? "dynamic", element));
    case "map":
      return mapped(record(raw, type), (element) => unpacked(inner, element));
    case "object": {
      const given = record(raw, type);
      return mapped(inner, (attribute, name) => unpacked(attribute, ownOf(given, name)));
    }
  }
}

function unpackedNumber(raw: unknown): CtyValue {
  if (typeof raw === "number") return raw;
  if (typeof raw === "bigint") {
    return Number.isSafeInteger(Number(raw)) ? Number(raw) : new DecimalNumber(raw.toString());
  }
  if (typeof raw === "string") return new DecimalNumber(raw);
  throw mismatch("number");
}

function elements<T>(value: T, type: CtyType, length?: number): readonly (T & CtyValue)[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw mismatch(type);
  return value as readonly (T & CtyValue)[];
}

function record(value: unknown, type: CtyType): CtyRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Unknown) {
    throw mismatch(type);
  }
  return value as CtyRecord;
}

function ownOf(given: CtyRecord, name: string): CtyValue {
  return Object.hasOwn(given, name) ? (given[name] ?? null) : null;
}

function mismatch(type: CtyType): Error {
  return new Error(`a value is not of the type ${JSON.stringify(type)}`);
}
