import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideOrigin, readOrigin, readReferer } from "../../src/core/caller-origin.ts";
import {
  coversReferrer,
  formatReferrerPattern,
  matchesReferrer,
  parseReferrerPattern,
  type ReferrerPattern,
  type WebOrigin,
} from "../../src/core/referrer-pattern.ts";
import { arbitraryReferrer } from "../support/arbitraries.ts";
import { arbitraryOriginHeader } from "./access-arbitraries.ts";

const NUM_RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 2_000;

const pattern = arbitraryReferrer.map(read);

const HOSTS = [
  ...["example.com", "a.example.com", "b.a.example.com", "c.b.a.example.com", "z.example.com", "evilexample.com"],
  ...["xn--bcher-kva.example", "a.xn--bcher-kva.example", "10.0.0.5", "localhost", "127.0.0.1", "[::1]", "nobody.dev"],
];

/** Every origin over the alphabets of the arbitraries, and over hosts and ports that no pattern there bears. */
const ORIGINS: readonly WebOrigin[] = HOSTS.flatMap((host) =>
  (["https", "http"] as const).flatMap((scheme) => [443, 80, 8443, 9].map((port) => ({ scheme, host, port }))),
);

describe("referrer patterns", () => {
  test("formatting is undone by parsing, up to what the form leaves out, and the form is its own form", () => {
    fc.assert(
      fc.property(pattern, (parsed) => {
        const form = formatReferrerPattern(parsed);
        const again = read(form);
        expect(formatReferrerPattern(again)).toBe(form);
        expect(ORIGINS.filter((origin) => matchesReferrer(again, origin))).toEqual(
          ORIGINS.filter((origin) => matchesReferrer(parsed, origin)),
        );
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("covering is exactly: every origin that the narrow one matches, the wide one matches", () => {
    let covered = 0;
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        const everyOrigin = ORIGINS.every(
          (origin) => matchesReferrer(wide, origin) || !matchesReferrer(narrow, origin),
        );
        covered += everyOrigin ? 1 : 0;
        expect(coversReferrer(wide, narrow)).toBe(everyOrigin);
      }),
      { numRuns: NUM_RUNS },
    );
    expect(covered).toBeGreaterThan(NUM_RUNS / 100);
  });

  test("covering is reflexive, antisymmetric up to the comparison form, and transitive", () => {
    fc.assert(
      fc.property(pattern, pattern, pattern, (a, b, c) => {
        expect(coversReferrer(a, a)).toBe(true);
        const same = formatReferrerPattern(a) === formatReferrerPattern(b);
        expect(coversReferrer(a, b) && coversReferrer(b, a)).toBe(same);
        if (coversReferrer(a, b) && coversReferrer(b, c)) expect(coversReferrer(a, c)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("every pattern for one site without a wildcard matches the origin that it spells", () => {
    fc.assert(
      fc.property(pattern, (parsed) => {
        if (parsed.below || parsed.port === "*") return;
        const scheme = parsed.scheme ?? "https";
        const spelled = new URL(
          `${scheme}://${parsed.host}${parsed.port === undefined ? "" : `:${String(parsed.port)}`}`,
        );
        const origin = readOrigin(spelled.origin);
        expect(typeof origin !== "string" && matchesReferrer(parsed, origin)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("a longer list of sites never allows less", () => {
    fc.assert(
      fc.property(fc.array(arbitraryReferrer), arbitraryReferrer, arbitraryOriginHeader, (list, more, header) => {
        const headers = [["Origin", header]] as const;
        const [first = more, ...rest] = list;
        const before = decideOrigin({ native: false, web: { hosts: [first, ...rest] } }, { headers });
        const after = decideOrigin({ native: false, web: { hosts: [more, first, ...rest] } }, { headers });
        if (before.effect === "allow") expect(after).toEqual(before);
        else if (before.reason !== "no_match") expect(after).toEqual(before);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("an Origin that is believed is canonical, and as a Referer it means the same", () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryOriginHeader, fc.webUrl(), fc.string({ unit: "binary" })), (header) => {
        const origin = readOrigin(header);
        if (typeof origin === "string") return;
        expect(new URL(header).origin).toBe(header);
        expect(readReferer(`${header}/some/page?q=1`)).toEqual(origin);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("what is read from arbitrary text means exactly the host that is seen in it", () => {
    const fragment = fc.constantFrom(
      "https://",
      "http://",
      "*.",
      ".",
      "example",
      "com",
      ":8443",
      ":*",
      "ü",
      "\u00ad",
      "%2e",
      "[::1]",
      "1",
      "-",
      "@",
      "/",
      "\u3002",
      "\ufe0f",
    );
    const text = fc.oneof(
      { weight: 4, arbitrary: fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join("")) },
      { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    );
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseReferrerPattern(written);
        if (parsed === undefined) return;
        expect(formatReferrerPattern(read(formatReferrerPattern(parsed)))).toBe(formatReferrerPattern(parsed));
        const seen = /^(?:https?:\/\/)?(?:\*\.)?(.*?)(?::(?:\d+|\*))?$/is.exec(written)?.[1] ?? "";
        if (/^[!-~]*$/.test(seen)) expect(parsed.host).toBe(seen.toLowerCase());
        else expect(parsed.host).toContain("xn--");
        expect(written).not.toMatch(/[\u00ad\u3002\ufe0f%@]/);
      }),
      { numRuns: NUM_RUNS * 5 },
    );
  });
});

function read(text: string): ReferrerPattern {
  const parsed = parseReferrerPattern(text);
  if (parsed === undefined) throw new Error(`no pattern: ${text}`);
  return parsed;
}
