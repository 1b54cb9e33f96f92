import fc from "fast-check";
import type { Credential } from "../../src/core/api-key.ts";
import type { AccessKey, AccessRequest, AccessTarget } from "../../src/core/authorize.ts";
import type { RawHeaders } from "../../src/core/caller-origin.ts";
import { DATA_ACCESS } from "../../src/core/data-access.ts";
import { arbitraryAlgorithmPattern, arbitraryCallPath, arbitraryOrigins } from "../support/arbitraries.ts";
import originVectors from "../vectors/origin.json" with { type: "json" };

/** The moment around which everything happens: expiries lie before it, at it and after it. */
export const NOON: number = Date.UTC(2026, 5, 1, 12);

/** The header values of the vectors: every way of spoiling an origin that is known to matter. */
const vectorValues = [
  ...new Set(originVectors.decisions.flatMap((vector) => vector.headers.map(([, value = ""]) => value))),
];

const webOrigin = fc
  .tuple(
    fc.constantFrom("https://", "https://", "http://"),
    fc.constantFrom("example.com", "a.example.com", "b.a.example.com", "evilexample.com", "xn--bcher-kva.example"),
    fc.constantFrom("", "", "", ":8443"),
  )
  .map((parts) => parts.join(""));
const loopbackOrigin = fc
  .tuple(
    fc.constantFrom("https://", "http://"),
    fc.constantFrom("localhost", "127.0.0.1", "[::1]", "10.0.0.5"),
    fc.constantFrom("", ":8443", ":80", ":443"),
  )
  .map((parts) => parts.join(""));

/** The value of an Origin header: mostly canonical, sometimes spoilt. */
export const arbitraryOriginHeader: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: webOrigin },
  { weight: 2, arbitrary: loopbackOrigin },
  { weight: 2, arbitrary: fc.constantFrom(...vectorValues) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "null", "https://-a.example.com", "https://example.com.", "HTTPS://example.com"),
  },
);

const referer = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(arbitraryOriginHeader, fc.constantFrom("/", "/a?b#c", "?q", "#f", ""))
      .map((parts) => parts.join("")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "about:blank", "https://u@example.com/", "https://example.com\\@evil.com/"),
  },
);

const header = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom("Origin", "origin"), arbitraryOriginHeader) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("Referer", "REFERER"), referer) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("Sec-Fetch-Site"), fc.constantFrom("same-origin", "cross-site")) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("Sec-Fetch-Mode", "Access-Control-Request-Method"), fc.constant("cors")),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("Host", "Authorization", "Accept", "Origins"), fc.constant("x")) },
);
const override = fc.constant(["X-HTTP-Method-Override", "GET"] as const);

/** Request headers, with a page and its Referer that agree among them, and repetitions. */
export const arbitraryHeaders: fc.Arbitrary<RawHeaders> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: webOrigin.map((origin): RawHeaders => [
      ["Origin", origin],
      ["Referer", `${origin}/page`],
    ]),
  },
  { weight: 7, arbitrary: fc.array(header, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(header, override), { maxLength: 3 }) },
);

const target: fc.Arbitrary<AccessTarget> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("algorithm" as const), call: arbitraryCallPath }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("data" as const),
      method: fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "COPY", "get", ""),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "management" as const }) },
);

/** A request around {@link NOON}. */
export const arbitraryRequest: fc.Arbitrary<AccessRequest> = fc.record(
  {
    headers: arbitraryHeaders,
    target,
    now: fc.constantFrom(NOON - 1, NOON, NOON + 1),
    webRoute: fc.boolean(),
    ownOrigin: fc.constantFrom("https://example.com", "https://gw.acme.dev"),
  },
  { requiredKeys: ["headers", "target", "now"] },
);

const moment = fc.constantFrom(
  "2026-06-01T11:59:59Z",
  "2026-06-01T12:00:00Z",
  "2026-06-01T12:00:01Z",
  "2027-01-01T00:00:00Z",
);

/** What the rule knows of a key; three out of four live. */
export const arbitraryAccessKey: fc.Arbitrary<AccessKey> = fc.record({
  account: fc.constantFrom("acme", "Acme", "foo"),
  deletedAt: rarely(moment),
  spec: fc.record({
    algorithms: fc.array(arbitraryAlgorithmPattern, { maxLength: 4 }),
    origins: arbitraryOrigins,
    data: fc.constantFrom(...DATA_ACCESS),
    management: fc.boolean(),
    enabled: fc.integer({ min: 0, max: 19 }).map((roll) => roll > 0),
    expires: rarely(moment),
  }),
});

/** A credential, mostly one that works, or none at all. */
export const arbitraryCredential: fc.Arbitrary<Credential | undefined> = fc.option(
  fc.record({
    id: fc.constant("cred-1"),
    mask: fc.constant(`simFAKE${"*".repeat(21)}`),
    fingerprint: fc.constant("0".repeat(16)),
    createdAt: fc.constant("2026-01-01T00:00:00Z"),
    acknowledgedAt: fc.constant(null),
    retiresAt: rarely(moment),
    revokedAt: rarely(moment),
  }),
  { nil: undefined },
);

function rarely(value: fc.Arbitrary<string>): fc.Arbitrary<string | null> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}
