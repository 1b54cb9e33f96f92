import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_KEY_SPEC } from "../../src/core/key-spec.ts";
import { checkSpec } from "../../src/platform/check-spec.ts";
import { sampleSpec } from "../contract/samples.ts";
import { arbitraryKeySpec } from "../support/arbitraries.ts";

describe("checking a spec", () => {
  test.each([
    ["description", "d".repeat(501)],
    ["description", "nul \0"],
    ["description", "half a pair \ud800"],
    ["description", null],
    ["algorithms", "algo://*"],
    ["algorithms", ["algo://acme/*", "algo://foo"]],
    ["algorithms", [7]],
    ["algorithms", Array(1001).fill("algo://*")],
    ["origins", { native: false, web: "none" }],
    ["origins", { native: true, web: { hosts: [] } }],
    ["origins", { native: true, web: { hosts: ["*.com"] } }],
    ["origins", { native: true, web: { hosts: ["shop.example.com"], more: 1 } }],
    ["origins", { native: true, web: true }],
    ["origins", { native: "yes", web: "any" }],
    ["origins", { native: true, web: "none", referrers: [] }],
    ["data", "write"],
    ["data", undefined],
    ["management", 1],
    ["enabled", "true"],
    ["protect", null],
    ["expires", "2027-02-30T00:00:00Z"],
    ["expires", "2027-01-31"],
    ["expires", "tomorrow"],
    ["labels", []],
    ["labels", { "not a name": "x" }],
    ["labels", JSON.parse('{"__proto__": "x"}')],
    ["labels", { team: 1 }],
    ["labels", { team: "t".repeat(257) }],
    ["labels", Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, ""]))],
    ["rotation", { every: "90d" }],
    ["rotation", { every: "0s", overlap: "24h" }],
    ["rotation", { every: "90d", overlap: "soon" }],
    ["rotation", { every: "90d", overlap: "24h", jitter: "1h" }],
  ])("refuses %s = %j and names the field", (field, value: unknown) => {
    const checked = checkSpec({ ...sampleSpec(), [field]: value });
    expect(checked).toEqual({ problem: expect.stringContaining(field) as unknown });
  });

  test.each([null, undefined, 7, "spec", [], () => 1])("refuses %s, which is no object", (value: unknown) => {
    expect(checkSpec(value)).toEqual({ problem: "the spec must be an object" });
  });

  test("accepts the default-key's", () => {
    expect(checkSpec(DEFAULT_KEY_SPEC)).toEqual({ spec: DEFAULT_KEY_SPEC });
  });
});

describe("checking a spec, for any input", () => {
  test("accepts whatever a checked declaration can hold, and gives it back in one form", () => {
    fc.assert(
      fc.property(arbitraryKeySpec, (spec) => {
        const checked = checkSpec(spec);
        expect(checked).toEqual({ spec });
        const labels = Object.fromEntries(Object.entries(spec.labels).reverse());
        const reversed = Object.fromEntries(Object.entries({ ...spec, labels }).reverse());
        expect(JSON.stringify(checkSpec(reversed))).toBe(JSON.stringify(checked));
      }),
    );
  });

  test("never throws", () => {
    const field = fc.constantFrom(...Object.keys(sampleSpec()), "origins.web");
    fc.assert(
      fc.property(field, fc.anything(), (name, value) => {
        const spec = name === "origins.web" ? { ...sampleSpec(), origins: { native: true, web: value } } : value;
        checkSpec({ ...sampleSpec(), [name]: spec });
        checkSpec(value);
      }),
    );
  });
});
