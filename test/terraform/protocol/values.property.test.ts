import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMsgpack, encodeMsgpack } from "../../../src/terraform/protocol/cty-msgpack.ts";
import { valueOfJson } from "../../../src/terraform/protocol/cty-json.ts";
import { decodeType, encodeType } from "../../../src/terraform/protocol/cty-type.ts";
import { DecimalNumber, isWhollyKnown, UNKNOWN, Unknown } from "../../../src/terraform/protocol/cty-value.ts";
import { sameValue } from "../../../src/terraform/framework/same-value.ts";
import { arbitraryType, arbitraryValue } from "./values.ts";

const typed = arbitraryType.chain((type) => fc.tuple(fc.constant(type), arbitraryValue(type)));

test("any value of any type is the same after it was sent and received", () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      expect(decodeMsgpack(type, encodeMsgpack(type, value))).toEqual(value);
      expect(decodeType(encodeType(type))).toEqual(type);
    }),
    { numRuns: 5_000 },
  );
});

test("a value equals itself exactly if all of it is known, whatever the order of sets", () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      expect(sameValue(type, value, value)).toBe(isWhollyKnown(value));
      if (Array.isArray(type) && type[0] === "set" && Array.isArray(value) && isWhollyKnown(value)) {
        expect(sameValue(type, value, value.toReversed())).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("what is not known is sent as other writers send it", () => {
  expect([...encodeMsgpack("string", UNKNOWN)]).toEqual([0xd4, 0, 0]);
  const refined = encodeMsgpack("string", new Unknown({ notNull: true, prefix: "ab" }));
  // fixext has no room for six bytes: ext 8, their number, the type 12, and a map of numbers
  expect([...refined]).toEqual([0xc7, 7, 12, 0x82, 1, 0xc2, 2, 0xa2, 0x61, 0x62]);
  expect([...encodeMsgpack(["list", "number"], [1, 256, 1.5])]).toEqual([
    0x93, 1, 0xcd, 1, 0, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0,
  ]);
  expect([...encodeMsgpack("number", new DecimalNumber("12"))]).toEqual([0xa2, 0x31, 0x32]);
  expect([...encodeMsgpack(["object", { b: "bool", a: "string" }], { a: null, b: true })]).toEqual([
    0x82, 0xa1, 0x62, 0xc3, 0xa1, 0x61, 0xc0,
  ]);
});

test("a value that is not of its type is our bug, and bytes that hold none are an error", () => {
  expect(() => encodeMsgpack("string", 1)).toThrow("not of the type");
  expect(() => encodeMsgpack(["tuple", ["string"]], [])).toThrow("not of the type");
  expect(() => decodeMsgpack(["list", "string"], encode({}))).toThrow("not of the type");
  expect(() => decodeMsgpack("string", Uint8Array.of(0xc1))).toThrow();
  expect(decode(encode(1))).toBe(1);
});

test("a state as JSON is read by its type: what lacks is null, what nobody knows is dropped", () => {
  const type = [
    "object",
    { name: "string", tags: ["set", "string"], inner: ["object", { on: "bool" }], any: "dynamic" },
  ] as const;
  const json = { name: "a", tags: ["x"], gone: 1, any: { type: "string", value: "y" } };
  expect(valueOfJson(type, json)).toMatchObject({
    name: "a",
    tags: ["x"],
    inner: null,
    any: { type: "string", value: "y" },
  });
  expect(() => valueOfJson(type, { name: 1 })).toThrow("no string");
  expect(Object.keys(valueOfJson(["map", "string"], JSON.parse('{"__proto__":"x"}')) as object)).toEqual(["__proto__"]);
});
