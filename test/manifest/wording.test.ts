import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAlgorithmPattern } from "../../src/core/algorithm-pattern.ts";
import { parseReferrerPattern } from "../../src/core/referrer-pattern.ts";
import { algorithmWording } from "../../src/manifest/algorithm-wording.ts";
import { isReferrer, readReferrer } from "../../src/manifest/check-fields.ts";
import { referrerWording } from "../../src/manifest/referrer-wording.ts";
import { arbitraryReferrer } from "../support/arbitraries.ts";

const ALGORITHMS: readonly (readonly [text: string, detail: RegExp, fix: string | undefined])[] = [
  ["", /empty/, undefined],
  [" algo://a/b", /white space/, "algo://a/b"],
  ["foo/bar", /begin with algo:\/\//, "algo://foo/bar"],
  ["foo", /begin with algo:\/\//, undefined],
  ["*", /begin with algo:\/\//, undefined],
  ["algo:/foo/bar", /begin with algo:\/\//, "algo://foo/bar"],
  ["https://foo/bar", /begin with algo:\/\//, "algo://foo/bar"],
  ["https://api.algorithmia.com/v1/algo/nlp/Summary/1.0.0", /begin with/, "algo://nlp/Summary/1.0.0"],
  ["ALGO://foo/bar", /lower case/, "algo://foo/bar"],
  ["algo://", /no owner/, undefined],
  ["algo://foo", /no algorithm/, undefined],
  ["algo://foo/", /slash/, undefined],
  ["algo://foo/bar/", /slash/, "algo://foo/bar"],
  ["algo://*/bar", /every algorithm/, undefined],
  ["algo://foo/ba*", /whole part/, undefined],
  ["algo://foo//bar", /two slashes/, "algo://foo/bar"],
  ["algo://foo/bar/1.0.0/x", /three parts/, undefined],
  ["algo://foo/*/1.0.0", /name of an algorithm/, undefined],
  ["algo://foo-bar/x", /"-"/, undefined],
  ["algo://1foo/x", /begin with a letter/, undefined],
  [`algo://foo/${"x".repeat(31)}`, /30 characters/, undefined],
  ["algo://foo/bar/v1.2.3", /not a version/, "algo://foo/bar/1.2.3"],
  ["algo://foo/bar/1.2", /not a version/, undefined],
];

const REFERRERS: readonly (readonly [text: string, detail: RegExp, fix: string | undefined])[] = [
  ["", /empty/, undefined],
  ["example.com ", /white space/, "example.com"],
  ["a.com, b.com", /more than one/, undefined],
  ["*", /no host/, undefined],
  ["*.com", /every site below "com"/, undefined],
  ["example.com/path", /site only/, "example.com"],
  ["https://example.com/", /site only/, "https://example.com"],
  ["ftp://example.com", /http and https only/, "example.com"],
  ["https://me@example.com", /user name/, "https://example.com"],
  ["example.com:99999", /"99999" is not a port/, undefined],
  [".example.com", /begins with a dot/, "*.example.com"],
  ["example.com.", /ends with a dot/, "example.com"],
  ["shop.*.example.com", /only at the beginning/, "*.example.com"],
  ["*example.com", /only at the beginning/, undefined],
  ["*.10.0.0.1", /address/, "10.0.0.1"],
  ["::1", /brackets/, "[::1]"],
  ["a..com", /two dots/, "a.com"],
  ["-a.example.com", /begins or ends/, undefined],
  ["exa mple.com", /more than one/, undefined],
  ["ｅxample.com", /as browsers write it/, undefined],
];

describe("what is wrong with an algorithm pattern, and what to write", () => {
  for (const [text, detail, fix] of ALGORITHMS) {
    test(JSON.stringify(text.slice(0, 60)), () => {
      const wording = algorithmWording(text);
      expect(wording.detail).toMatch(detail);
      if (fix === undefined) expect(wording.fix).toContain("Write ");
      else expect(wording.fix).toBe(`Did you mean \`${fix}\`?`);
    });
  }
});

describe("what is wrong with a referrer, and what to write", () => {
  for (const [text, detail, fix] of REFERRERS) {
    test(JSON.stringify(text), () => {
      expect(parseReferrerPattern(text)).toBeUndefined();
      const wording = referrerWording(text);
      expect(wording.detail).toMatch(detail);
      if (fix === undefined) expect(wording.fix).toMatch(/^(?:Write|Leave)/);
      else expect(wording.fix).toBe(`Did you mean \`${fix}\`?`);
    });
  }
});

test("whatever is suggested instead of a wrong pattern is a right one", () => {
  const part = fc.constantFrom(
    "algo://",
    "https://",
    "*",
    "*.",
    "foo",
    "bar",
    "/",
    "//",
    ".",
    ":",
    "1.2.3",
    "com",
    "A",
    "-",
    "@",
    " ",
    ":80",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const text = parts.join("");
      const algorithm = /^Did you mean `(.*)`\?$/.exec(algorithmWording(text).fix ?? "")?.[1];
      const referrer = /^Did you mean `(.*)`\?$/.exec(referrerWording(text).fix ?? "")?.[1];
      if (algorithm !== undefined) expect(parseAlgorithmPattern(algorithm)).toBeDefined();
      if (referrer !== undefined) expect(parseReferrerPattern(referrer)).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

test("a text that came from a variable is never repeated, in whole or in part, nor is a fix made of it", () => {
  for (const [text] of [...ALGORITHMS, ...REFERRERS].filter(([each]) => each.length > 8)) {
    const shown = "${env.SECRET}";
    for (const wording of [algorithmWording(text, shown), referrerWording(text, shown)]) {
      expect(wording.summary).toContain(shown);
      expect(wording.fix).not.toContain("Did you mean");
    }
  }
});

test("the short way to read a referrer accepts and means exactly what the pattern's reader does", () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,5}$/);
  const host = fc.array(fc.oneof(label, fc.constantFrom("xn--", "xn--bcher-kva", "1", "0x1", "*", "com")), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        host.map((labels) => labels.join(".")),
        arbitraryReferrer,
      ),
      (text) => {
        expect(isReferrer(text)).toBe(parseReferrerPattern(text) !== undefined);
        expect(readReferrer(text)).toEqual(parseReferrerPattern(text));
      },
    ),
    { numRuns: 5_000 },
  );
});
