import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorize } from "../../src/core/authorize.ts";
import { canonicalAlgorithm, canonicalJson, canonicalReferrer, canonicalSpec } from "../../src/core/canonical.ts";
import { DEFAULT_SPEC, type KeySpec } from "../../src/core/key-spec.ts";
import { arbitraryKeySpec, respelledSpec } from "../support/arbitraries.ts";
import { arbitraryRequest } from "./access-arbitraries.ts";

const NUM_RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 2_000;

const specAndRespelling = arbitraryKeySpec.chain((spec) => fc.tuple(fc.constant(spec), respelledSpec(spec)));

describe("canonicalSpec", () => {
  test("sorts, folds case, and drops repetitions and redundant spellings", () => {
    const spec: KeySpec = {
      ...DEFAULT_SPEC,
      description: "cafe\u0301",
      algorithms: ["algo://foo/Bar/*", "algo://acme/*", "algo://FOO/bar", "algo://foo/bar/latestPrivate"],
      origins: {
        native: true,
        web: {
          hosts: ["https://Shop.example.com:443", "*.example.com", "shop.example.com", "localhost:*", "LOCALHOST"],
        },
      },
      labels: { team: "a", env: "b" },
      rotation: { every: "720h", overlap: "1440m" },
    };
    expect(canonicalSpec(spec)).toEqual({
      ...DEFAULT_SPEC,
      description: "caf\u00e9",
      algorithms: ["algo://acme/*", "algo://foo/bar", "algo://foo/bar/latestprivate"],
      origins: { native: true, web: { hosts: ["*.example.com", "localhost", "shop.example.com"] } },
      labels: { env: "b", team: "a" },
      rotation: { every: "30d", overlap: "1d" },
    });
  });

  test("is idempotent", () => {
    fc.assert(
      fc.property(arbitraryKeySpec, (spec) => {
        const canonical = canonicalSpec(spec);
        expect(canonicalSpec(canonical)).toEqual(canonical);
        expect(canonicalJson(canonicalSpec(canonical))).toBe(canonicalJson(canonical));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("is blind to order, case, repetition and a redundant /*", () => {
    let respelled = 0;
    fc.assert(
      fc.property(specAndRespelling, ([spec, other]) => {
        respelled += JSON.stringify(spec) === JSON.stringify(other) ? 0 : 1;
        expect(JSON.stringify(canonicalSpec(other))).toBe(JSON.stringify(canonicalSpec(spec)));
      }),
      { numRuns: NUM_RUNS },
    );
    expect(respelled).toBeGreaterThan(NUM_RUNS / 2);
  });

  test("means what the spec means: the access rule decides alike, but for the order in which entries match", () => {
    fc.assert(
      fc.property(specAndRespelling, arbitraryRequest, ([spec, other], request) => {
        const effects = [spec, canonicalSpec(spec), other].map((each) => {
          const decision = authorize({ account: "acme", deletedAt: null, spec: each }, request);
          return decision.effect === "allow" ? "allow" : decision.reason;
        });
        expect(new Set(effects).size).toBe(1);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("tells apart specs of which one field differs", () => {
    const spec: KeySpec = { ...DEFAULT_SPEC, algorithms: ["algo://foo/bar"] };
    const others: KeySpec[] = [
      { ...spec, description: "x" },
      { ...spec, algorithms: ["algo://foo/baz"] },
      { ...spec, algorithms: [] },
      { ...spec, origins: { native: true, web: "any" } },
      { ...spec, origins: { native: false, web: "any" } },
      { ...spec, origins: { native: true, web: { hosts: ["example.com"] } } },
      { ...spec, origins: { native: true, web: { hosts: ["example.com:*"] } } },
      { ...spec, data: "read" },
      { ...spec, management: true },
      { ...spec, enabled: false },
      { ...spec, expires: "2027-01-01T00:00:00Z" },
      { ...spec, protect: true },
      { ...spec, labels: { team: "" } },
      { ...spec, rotation: { every: "1d", overlap: "1h" } },
      { ...spec, rotation: { every: "1d", overlap: "2h" } },
    ];
    const forms = [spec, ...others].map((each) => canonicalJson(canonicalSpec(each)));
    expect(new Set(forms).size).toBe(others.length + 1);
  });

  test("leaves the spec that it is given as it was", () => {
    fc.assert(
      fc.property(arbitraryKeySpec, (spec) => {
        const before = structuredClone(spec);
        canonicalSpec(spec);
        expect(spec).toEqual(before);
      }),
    );
  });
});

describe("comparison forms of single entries", () => {
  test.each([
    ["HTTPS://Example.com:443", "example.com"],
    ["http://example.com:80", "http://example.com"],
    ["http://example.com:443", "http://example.com:443"],
    ["example.com:80", "example.com:80"],
    ["example.com:*", "example.com:*"],
    ["*.Example.com:443", "*.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["localhost", "localhost"],
    ["localhost:*", "localhost"],
    ["localhost:443", "localhost:443"],
    ["https://localhost", "https://localhost"],
    ["https://localhost:443", "https://localhost"],
    ["https://localhost:*", "https://localhost:*"],
    ["[::1]:*", "[::1]"],
    ["ex*mple.com", "ex*mple.com"],
  ])("referrer %s compares as %s", (text, form) => {
    expect(canonicalReferrer(text)).toBe(form);
  });

  test.each([
    "\u00fc%2ecom",
    "\u00fc\u3002com",
    "example\u3002com",
    "b\ufe0fücher.com",
    "exam\u00adple.com",
    "ｅxample.com",
    "ü .com",
    "a".repeat(301),
  ])("%.20j is no referrer, because it would be read as another host than is seen", (text) => {
    expect(canonicalReferrer(text)).toBe(text);
    expect(canonicalReferrer(text.toUpperCase())).toBe(text.toUpperCase());
  });

  test.each([
    ["algo://.MY/X", "algo://.my/x"],
    ["algo://foo/bar/LATEST", "algo://foo/bar/latest"],
    [`algo://foo/bar/${"AB".repeat(20)}`, `algo://foo/bar/${"ab".repeat(20)}`],
    ["no pattern", "no pattern"],
  ])("algorithm %s compares as %s", (text, form) => {
    expect(canonicalAlgorithm(text)).toBe(form);
  });
});

describe("canonicalJson", () => {
  test("gives equal text for equal values, whatever the order of their properties", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("keeps lists in order and has no white space", () => {
    expect(canonicalJson({ b: [2, 1, { d: null, c: "x y" }], a: true })).toBe(
      '{"a":true,"b":[2,1,{"c":"x y","d":null}]}',
    );
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":2}'))).toBe('{"__proto__":2,"b":1}');
  });
});

/** The same value with the properties of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}
