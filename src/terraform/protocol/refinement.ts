import { decode, encode } from "@msgpack/msgpack";
import { DecimalNumber, type NumberBound, type Refinement } from "./cty-value.ts";

/** The numbers under which the parts of a refinement are sent. */
const NULLNESS = 1;
const PREFIX = 2;
const MIN = 3;
const MAX = 4;
const MIN_LENGTH = 5;
const MAX_LENGTH = 6;

/** What is known of an unknown value, as the protocol sends it. */
export function encodeRefinement(refinement: Refinement): Uint8Array {
  const parts: [number, unknown][] = [];
  if (refinement.notNull === true) parts.push([NULLNESS, false]);
  if (refinement.prefix !== undefined) parts.push([PREFIX, refinement.prefix]);
  if (refinement.min !== undefined) parts.push([MIN, sentBound(refinement.min)]);
  if (refinement.max !== undefined) parts.push([MAX, sentBound(refinement.max)]);
  if (refinement.minLength !== undefined) parts.push([MIN_LENGTH, refinement.minLength]);
  if (refinement.maxLength !== undefined) parts.push([MAX_LENGTH, refinement.maxLength]);
  // The keys are numbers, which no JavaScript object has: the map's head is written by hand, its parts one by one.
  const pieces = [Uint8Array.of(0x80 | parts.length), ...parts.flatMap(([key, value]) => [encode(key), encode(value)])];
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Reads what is known of an unknown value. What is not understood, or makes no sense, is taken for not known. */
export function decodeRefinement(bytes: Uint8Array): Refinement {
  const parts = new Map(Object.entries(decode(bytes) as object).map(([key, value]) => [Number(key), value as unknown]));
  const prefix = parts.get(PREFIX);
  const [min, max] = [readBound(parts.get(MIN)), readBound(parts.get(MAX))];
  const [minLength, maxLength] = [parts.get(MIN_LENGTH), parts.get(MAX_LENGTH)];
  return {
    ...(parts.get(NULLNESS) === false ? { notNull: true } : {}),
    ...(typeof prefix === "string" ? { prefix } : {}),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(typeof minLength === "number" ? { minLength } : {}),
    ...(typeof maxLength === "number" ? { maxLength } : {}),
  };
}

function sentBound({ value, inclusive }: NumberBound): unknown {
  return [value instanceof DecimalNumber ? value.text : value, inclusive];
}

function readBound(raw: unknown): NumberBound | undefined {
  if (!Array.isArray(raw)) return undefined;
  const [value, inclusive] = raw as readonly unknown[];
  if (typeof inclusive !== "boolean") return undefined;
  if (typeof value === "number") return { value, inclusive };
  return typeof value === "string" ? { value: new DecimalNumber(value), inclusive } : undefined;
}
