import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  originalPermissions,
  readOriginalPermissions,
  type OriginalAccess,
  type OriginalPermissions,
} from "../../src/api/original-permissions.ts";
import { authorize } from "../../src/core/authorize.ts";
import { DEFAULT_SPEC, type KeySpec } from "../../src/core/key-spec.ts";
import { arbitraryRequest, NOON } from "../core/access-arbitraries.ts";
import { arbitraryAlgorithmPattern, arbitraryKeySpec, arbitraryReferrer } from "../support/arbitraries.ts";

const CASES = process.env["ALGOKEYS_LONG"] === "1" ? 200_000 : 20_000;

/** Whatever a form of the original could send, sense or no sense, its optional fields present, null, empty or absent. */
const sent = fc.record(
  {
    allow_data: fc.boolean(),
    allow_data_write: fc.boolean(),
    allow_algo: fc.boolean(),
    allow_web_algo: fc.boolean(),
    algo_acl: fc.array(arbitraryAlgorithmPattern, { maxLength: 3 }),
    referer_host: fc.oneof(arbitraryReferrer, fc.constantFrom("", null)),
    allow_algo_management: fc.boolean(),
  },
  { requiredKeys: ["allow_data", "allow_data_write", "allow_algo", "allow_web_algo", "algo_acl"] },
);

/** Specs around NOON, some expired, with one host often enough. */
const spec: fc.Arbitrary<KeySpec> = fc
  .tuple(arbitraryKeySpec, fc.option(fc.constantFrom("2026-06-01T12:00:00Z", "2026-06-01T12:00:01Z")))
  .map(([drawn, expires]) => ({ ...drawn, expires }));

function accessOf(permissions: unknown): OriginalAccess | undefined {
  const read = readOriginalPermissions(permissions);
  return "access" in read ? read.access : undefined;
}

/** What is said, with every way of leaving a field out made one. */
function said(permissions: Readonly<Record<string, unknown>>): object {
  const { referer_host, allow_algo_management, ...rest } = permissions;
  return { ...rest, referer_host: referer_host ?? "", allow_algo_management: allow_algo_management ?? false };
}

describe("what the original can say", () => {
  test(`survives being kept and told again, and is refused only for three causes, in ${String(CASES)} cases`, () => {
    const seen = { kept: 0, refused: 0 };
    fc.assert(
      fc.property(sent, (permissions) => {
        const access = accessOf(permissions);
        const nobody = !permissions.allow_algo && !permissions.allow_web_algo;
        const writeOnly = permissions.allow_data_write && !permissions.allow_data;
        const idleHost = Boolean(permissions.referer_host) && !permissions.allow_web_algo;
        seen[access === undefined ? "refused" : "kept"] += 1;
        expect(access === undefined).toBe(nobody || writeOnly || idleHost);
        if (access === undefined) return;
        const told = originalPermissions({ ...DEFAULT_SPEC, ...access }, NOON);
        expect(said({ ...told })).toEqual(said(permissions));
      }),
      { numRuns: CASES },
    );
    expect(seen.kept).toBeGreaterThan(CASES / 10);
    expect(seen.refused).toBeGreaterThan(CASES / 10);
  });
});

describe("a key told in the original's words", () => {
  test("is read back exactly when nothing else restricts it", () => {
    fc.assert(
      fc.property(spec, (whole) => {
        const { also_restricted_by: restricted, ...told } = originalPermissions(whole, NOON);
        const hosts = typeof whole.origins.web === "string" ? [] : whole.origins.web.hosts;
        const expected = [
          ...(hosts.length > 1 ? ["referrers"] : []),
          ...(whole.enabled ? [] : ["enabled"]),
          ...(whole.expires === null ? [] : ["expires"]),
        ];
        expect(restricted ?? []).toEqual(expected);
        if (restricted !== undefined) return;
        const { algorithms, origins, data, management } = whole;
        expect(accessOf(told)).toEqual({ algorithms, origins, data, management });
      }),
      { numRuns: CASES },
    );
  });

  test(`never allows what the key does not, in ${String(CASES)} requests`, () => {
    const seen = { allowed: 0, narrower: 0 };
    fc.assert(
      fc.property(spec, arbitraryRequest, (whole, request) => {
        const told = Object.entries(originalPermissions(whole, request.now));
        const access = accessOf(Object.fromEntries(told.filter(([field]) => field !== "also_restricted_by")));
        const key = { account: "acme", deletedAt: null };
        const really = authorize({ ...key, spec: whole }, request).effect;
        const byWords =
          access === undefined ? "deny" : authorize({ ...key, spec: { ...DEFAULT_SPEC, ...access } }, request).effect;
        if (byWords === "allow") {
          seen.allowed += 1;
          expect(really).toBe("allow");
        } else if (really === "allow") seen.narrower += 1;
      }),
      { numRuns: CASES },
    );
    expect(seen.allowed).toBeGreaterThan(CASES / 100);
    expect(seen.narrower).toBeGreaterThan(0);
  });

  test("cannot be sent back as a wider key: what restricts it further is refused on the way in", () => {
    const told = originalPermissions(
      { ...DEFAULT_SPEC, algorithms: ["algo://*"], expires: "2027-01-31T00:00:00Z" },
      NOON,
    );
    expect(readOriginalPermissions(told)).toEqual({
      problems: ["permissions.also_restricted_by is read only; send such a key to /v2"],
    });
  });
});

describe("reading permissions", () => {
  const whole: OriginalPermissions = {
    allow_data: true,
    allow_data_write: false,
    allow_algo: true,
    allow_web_algo: true,
    referer_host: "my-website.com",
    allow_algo_management: false,
    algo_acl: ["algo://foo/bar/*"],
  };

  test("accepts the example of the original's published schema", () => {
    expect(accessOf(whole)).toEqual({
      algorithms: ["algo://foo/bar/*"],
      origins: { native: true, web: { hosts: ["my-website.com"] } },
      data: "read",
      management: false,
    });
  });

  test("names every field that is wrong at once", () => {
    const permissions = { allow_data: 1, allow_algo: true, allow_web_algo: false, algo_acl: ["foo", 7], colour: "red" };
    expect(readOriginalPermissions(permissions)).toEqual({
      problems: [
        "permissions.colour is unknown",
        "permissions.allow_data must be true or false",
        "permissions.allow_data_write must be true or false",
        "permissions.algo_acl[0] must be a pattern such as algo://owner/name",
        "permissions.algo_acl[1] must be a pattern such as algo://owner/name",
      ],
    });
  });

  test("is total: whatever is sent is read or refused, never thrown", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ ...everyField }, { requiredKeys: [] })), (value) => {
        const read = readOriginalPermissions(value);
        expect("access" in read || read.problems.length > 0).toBe(true);
      }),
      { numRuns: CASES },
    );
  });

  test("a host that only looks like one is refused, and said so", () => {
    for (const referer_host of ["example.com/path", "*.com", "ftp://x", 7, {}]) {
      expect(readOriginalPermissions({ ...whole, referer_host })).toEqual({
        problems: ["permissions.referer_host must be one host such as my-website.com"],
      });
    }
  });
});

const everyField = {
  allow_data: fc.anything(),
  allow_data_write: fc.anything(),
  allow_algo: fc.anything(),
  allow_web_algo: fc.anything(),
  algo_acl: fc.anything(),
  referer_host: fc.anything(),
  allow_algo_management: fc.anything(),
};
