import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declaredOrigins, declaredSpec, originsOf, shortDeclaredSpec, specOf } from "../../src/core/declared-spec.ts";
import { DEFAULT_KEY_SPEC, DEFAULT_SPEC, SPEC_FIELDS } from "../../src/core/key-spec.ts";
import { arbitraryDeclaredSpec, arbitraryKeySpec, arbitraryOrigins } from "../support/arbitraries.ts";

const NUM_RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 1_000;

describe("the written form of a spec", () => {
  test("whole or short, means the spec again", () => {
    fc.assert(
      fc.property(arbitraryKeySpec, (spec) => {
        expect(specOf(declaredSpec(spec))).toEqual(spec);
        expect(specOf(shortDeclaredSpec(spec))).toEqual(spec);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("survives JSON", () => {
    fc.assert(
      fc.property(arbitraryDeclaredSpec, (declared) => {
        expect(specOf(JSON.parse(JSON.stringify(declared)) as typeof declared)).toEqual(specOf(declared));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("in full states every field in the order of display", () => {
    expect(Object.keys(declaredSpec(specOf({})))).toEqual([...SPEC_FIELDS]);
    expect(declaredSpec(DEFAULT_KEY_SPEC)).toMatchObject({ origins: { native: true, web: true }, data: "readwrite" });
  });

  test("in short states algorithms, what differs from its default, and nothing else", () => {
    expect(shortDeclaredSpec(DEFAULT_SPEC)).toEqual({ algorithms: [] });
    fc.assert(
      fc.property(arbitraryKeySpec, (spec) => {
        const fields = Object.keys(shortDeclaredSpec(spec));
        expect(fields).toEqual(SPEC_FIELDS.filter((field) => fields.includes(field)));
        for (const field of SPEC_FIELDS) {
          const isDefault = JSON.stringify(spec[field]) === JSON.stringify(DEFAULT_SPEC[field]);
          expect([field, fields.includes(field)]).toEqual([field, field === "algorithms" || !isDefault]);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("of an empty declaration allows nothing but native calls to nothing", () => {
    expect(specOf({})).toEqual(DEFAULT_SPEC);
    expect(DEFAULT_SPEC).toMatchObject({
      algorithms: [],
      data: "none",
      management: false,
      enabled: true,
      expires: null,
    });
  });

  test("fills in a rotation's overlap", () => {
    expect(specOf({ rotation: { every: "90d" } }).rotation).toEqual({ every: "90d", overlap: "24h" });
    expect(specOf({ rotation: { every: "90d", overlap: "0s" } }).rotation).toEqual({ every: "90d", overlap: "0s" });
    expect(specOf({ rotation: null }).rotation).toBeNull();
  });
});

describe("the written form of origins", () => {
  test("is undone by reading it", () => {
    fc.assert(
      fc.property(arbitraryOrigins, (origins) => {
        expect(originsOf(declaredOrigins(origins))).toEqual(origins);
      }),
    );
  });

  test.each([
    [undefined, { native: true, web: "none" }],
    [{}, { native: true, web: "none" }],
    [{ web: true }, { native: true, web: "any" }],
    [
      { native: false, web: true },
      { native: false, web: "any" },
    ],
    [
      { web: true, referrers: ["a.dev", "b.dev"] },
      { native: true, web: { hosts: ["a.dev", "b.dev"] } },
    ],
  ])("%j means %j", (declared, origins) => {
    expect(originsOf(declared)).toEqual(origins);
  });

  test.each([
    { native: false },
    { native: false, web: false },
    { referrers: ["a.dev"] },
    { web: false, referrers: ["a.dev"] },
    { web: false, referrers: [] },
    { web: true, referrers: [] },
    { native: false, web: true, referrers: [] },
  ])("%j cannot be meant", (declared) => {
    expect(originsOf(declared)).toBeUndefined();
  });
});
