import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorize, type Decision } from "../../src/core/authorize.ts";
import { arbitraryAccessKey, arbitraryCredential, arbitraryRequest } from "./access-arbitraries.ts";

const NUM_RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 100_000 : 5_000;

/** The rule as someone without types calls it. */
const call: (...values: unknown[]) => Decision = authorize as (...values: unknown[]) => Decision;

const GOOD_KEY = {
  account: "acme",
  deletedAt: null,
  spec: {
    algorithms: ["algo://*"],
    origins: { native: true, web: { hosts: ["example.com"] } },
    data: "readwrite",
    management: true,
    enabled: true,
    expires: "2099-01-01T00:00:00Z",
  },
};
const GOOD_REQUEST = {
  headers: [["Origin", "https://example.com"]],
  target: { type: "algorithm", call: "foo/bar" },
  webRoute: false,
  now: 0,
};

const REFUSED = { effect: "deny", reason: "unreadable_request", status: 400 };
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
});

/** A value whose every property, and every attempt to turn it into text, throws. */
const HOSTILE: object = new Proxy(
  {},
  {
    get() {
      throw new Error("hostile getter");
    },
  },
);

describe("authorize on what is not well formed", () => {
  test("never throws and never allows, whatever it is given", () => {
    fc.assert(
      fc.property(anything, anything, anything, (key, request, credential) => {
        expect(call(key, request, credential).effect).toBe("deny");
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("never throws when one argument is sound and the others are anything", () => {
    fc.assert(
      fc.property(
        arbitraryAccessKey,
        arbitraryRequest,
        arbitraryCredential,
        anything,
        (key, request, credential, junk) => {
          expect(call(junk, request, credential).effect).toBe("deny");
          expect(call(key, junk, credential).effect).toBe("deny");
          const decision = call(key, request, junk);
          if (junk !== undefined) expect(decision.effect).toBe("deny");
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });

  test("denies as soon as any one value that decides has the wrong type", () => {
    expect(call(GOOD_KEY, GOOD_REQUEST).effect).toBe("allow");
    const paths = [...leaves(GOOD_KEY, ["key"]), ...leaves(GOOD_REQUEST, ["request"])];
    expect(paths).toHaveLength(15);
    // The Data API permission decides data requests only.
    const deciding = paths.filter((path) => path.at(-1) !== "data");
    const value = fc.oneof(
      anything,
      fc.constantFrom<unknown>("true", 1, ["example.com"], ["algo://*"], [["foo/bar"]], NaN, HOSTILE, {
        toString: () => "foo/bar",
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...deciding), value, (path, junk) => {
        const spoilt = replaced({ key: GOOD_KEY, request: GOOD_REQUEST }, path, junk);
        fc.pre(typeof junk !== typeof spoilt.before && junk !== null && junk !== undefined);
        expect([path, call(spoilt.after["key"], spoilt.after["request"]).effect]).toEqual([path, "deny"]);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("denies a data request whose permission is none of the three words", () => {
    fc.assert(
      fc.property(anything, (junk) => {
        fc.pre(junk !== "read" && junk !== "readwrite");
        const key = { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, data: junk } };
        expect(call(key, { ...GOOD_REQUEST, target: { type: "data", method: "GET" } })).toMatchObject({
          effect: "deny",
          reason: "data_not_allowed",
        });
      }),
    );
  });

  test.each<[string, unknown, unknown]>([
    ["a key without a spec", { ...GOOD_KEY, spec: undefined }, GOOD_REQUEST],
    ["a spec without an allow-list", { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, algorithms: undefined } }, GOOD_REQUEST],
    ["flags that are words", { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, enabled: "false" } }, GOOD_REQUEST],
    [
      "web callers of an unknown word",
      { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, origins: { native: true, web: "some" } } },
      GOOD_REQUEST,
    ],
    [
      "hosts in a list of lists",
      { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, origins: { native: false, web: { hosts: [["example.com"]] } } } },
      GOOD_REQUEST,
    ],
    ["an unknown target", GOOD_KEY, { ...GOOD_REQUEST, target: { type: "everything" } }],
    ["no target", GOOD_KEY, { ...GOOD_REQUEST, target: undefined }],
    ["no headers", GOOD_KEY, { ...GOOD_REQUEST, headers: undefined }],
    ["a header that is one word", GOOD_KEY, { ...GOOD_REQUEST, headers: ["origin"] }],
    ["a header whose value is a list", GOOD_KEY, { ...GOOD_REQUEST, headers: [["Origin", ["https://example.com"]]] }],
    ["a clock that cannot be read", GOOD_KEY, { ...GOOD_REQUEST, now: NaN }],
    [
      "a call that only turns into text",
      GOOD_KEY,
      { ...GOOD_REQUEST, target: { type: "algorithm", call: ["foo/bar"] } },
    ],
    ["hostile getters all over", HOSTILE, HOSTILE],
    ["hostile getters in the request", GOOD_KEY, HOSTILE],
    ["hostile getters in the spec", { ...GOOD_KEY, spec: HOSTILE }, GOOD_REQUEST],
    ["hostile getters in the target", GOOD_KEY, { ...GOOD_REQUEST, target: HOSTILE }],
    ["nothing", undefined, undefined],
  ])("refuses %s as unreadable", (_, key, request) => {
    expect(call(key, request)).toEqual(REFUSED);
  });

  test.each<[string, unknown, string]>([
    ["a deletion time that is missing", { ...GOOD_KEY, deletedAt: undefined }, "key_deleted"],
    ["an expiry that is missing", { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, expires: undefined } }, "key_expired"],
    ["an expiry that is no moment", { ...GOOD_KEY, spec: { ...GOOD_KEY.spec, expires: "soon" } }, "key_expired"],
  ])("takes %s for the worst", (_, key, reason) => {
    expect(call(key, GOOD_REQUEST)).toEqual({ effect: "deny", reason, status: 401 });
  });

  test.each<[string, unknown, string]>([
    ["an empty credential", {}, "credential_revoked"],
    ["a credential without a time of retirement", { revokedAt: null }, "credential_retired"],
    ["a credential that retires at no moment", { revokedAt: null, retiresAt: "soon" }, "credential_retired"],
  ])("takes %s for the worst", (_, credential, reason) => {
    expect(call(GOOD_KEY, GOOD_REQUEST, credential)).toEqual({ effect: "deny", reason, status: 401 });
  });
});

type Path = readonly (string | number)[];

/** The paths of all values that are neither objects nor lists. */
function leaves(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

/** A copy in which one value stands in for what is at the path. */
function replaced(
  whole: Record<string, unknown>,
  path: Path,
  value: unknown,
): { before: unknown; after: Record<string, unknown> } {
  const after: Record<string, unknown> = structuredClone(whole);
  let holder: Record<string | number, unknown> = after;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  const before = holder[last];
  holder[last] = value;
  return { before, after };
}
