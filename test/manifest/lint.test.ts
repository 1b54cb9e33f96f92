import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coversAlgorithm, parseAlgorithmPattern } from "../../src/core/algorithm-pattern.ts";
import { coversReferrer, parseReferrerPattern } from "../../src/core/referrer-pattern.ts";
import { arbitraryAlgorithmPattern, arbitraryReferrer } from "../support/arbitraries.ts";
import { loadText, manifestOf, markedText, summaryLine, withKey } from "./loading.ts";

const HEAD = "version: 1\naccount: acme\nproject: shop\n";

describe("a warning never stops a run, and marks the very entry", () => {
  const WARNED: readonly (readonly [name: string, fields: string, marked: string, said: string])[] = [
    [
      "an entry that another covers",
      "algorithms: [algo://a/b, algo://a/*]",
      "algo://a/b",
      '6:18 covered-algorithm: "algo://a/b" is covered by "algo://a/*" already',
    ],
    [
      "a version that a wider one covers",
      "algorithms: [algo://a/b/1.*, algo://a/b/1.2.3]",
      "algo://a/b/1.2.3",
      '6:34 covered-algorithm: "algo://a/b/1.2.3" is covered by "algo://a/b/1.*" already',
    ],
    [
      "the account's own algorithms in two spellings",
      "algorithms: [algo://.my/*, algo://ACME/x]",
      "algo://ACME/x",
      '6:32 covered-algorithm: "algo://ACME/x" is covered by "algo://.my/*" already',
    ],
    [
      "an entry written twice",
      "algorithms: [algo://a/b, algo://A/b/*]",
      "algo://A/b/*",
      '6:30 duplicate-entry: "algo://A/b/*" says the same as "algo://a/b"',
    ],
    [
      "a referrer written twice",
      "algorithms: []\norigins: { native: false, web: true, referrers: [a.com, b.com, 'https://A.com:443'] }",
      "'https://A.com:443'",
      '7:68 duplicate-entry: "https://A.com:443" says the same as "a.com"',
    ],
    [
      "a referrer that another covers",
      "algorithms: []\norigins: { native: false, web: true, referrers: [a.example.com, '*.example.com'] }",
      "a.example.com",
      '7:54 covered-referrer: "a.example.com" is covered by "*.example.com" already',
    ],
    [
      "a port that every port covers",
      "algorithms: []\norigins: { native: false, web: true, referrers: ['a.com:*', 'a.com:8443'] }",
      "'a.com:8443'",
      '7:65 covered-referrer: "a.com:8443" is covered by "a.com:*" already',
    ],
    [
      "everything from browsers",
      "algorithms: [algo://*]\norigins: { native: false, web: true, referrers: [a.com] }",
      "algo://*",
      "6:18 wildcard-in-browser: browsers may call every algorithm with this key",
    ],
    [
      "every site",
      "algorithms: []\norigins: { native: false, web: true }",
      "true",
      "7:36 open-browser: browsers of every site may call with this key",
    ],
    [
      "programs beside referrers",
      "algorithms: []\norigins: { web: true, referrers: [a.com] }",
      "[a.com]",
      "7:38 native-with-referrers: `referrers` bind browsers only, and programs may call with this key too",
    ],
  ];
  for (const [name, fields, marked, said] of WARNED) {
    test(name, async () => {
      const result = await loadText(withKey(fields));
      expect(result.ok).toBe(true);
      expect(result.diagnostics.map(summaryLine)).toEqual([said]);
      expect(result.diagnostics.map(markedText)).toEqual([marked]);
      expect(result.diagnostics[0]).toMatchObject({ severity: "warning", fix: expect.any(String) as unknown });
    });
  }
});

test("what is meant as it stands is not warned of", async () => {
  const fields = [
    "algorithms: [algo://*]",
    "algorithms: [algo://a/b/1.2.*, algo://a/b/1.3.*, algo://a/c]",
    "algorithms: [algo://a/b]\norigins: { native: false, web: true, referrers: [a.com, '*.a.com', 'a.com:8443'] }",
  ];
  for (const lines of fields) expect((await loadText(withKey(lines))).diagnostics).toEqual([]);
});

test("what only the defaults are to blame for is told once, at the defaults", async () => {
  const { diagnostics } = await loadText(
    `${HEAD}defaults: { algorithms: [algo://a/*, algo://a/b], origins: { web: true } }\nkeys: { a: {}, b: {}, c: { algorithms: [] } }`,
  );
  expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([
    ["covered-algorithm", ["defaults", "algorithms", 1]],
    ["open-browser", ["defaults", "origins", "web"]],
  ]);
});

test("lists of every length are judged as comparing each entry with each other would", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryAlgorithmPattern, { maxLength: 14 }), async (texts) => {
      const result = await loadText(withKey(`algorithms: ${JSON.stringify(texts)}`));
      manifestOf(result);
      const warned = new Set(result.diagnostics.map(({ path }) => path?.at(-1)));
      const patterns = texts.map((text) => parseAlgorithmPattern(text));
      const needless = patterns.flatMap((pattern, index) =>
        patterns.some((other, at) => {
          if (pattern === undefined || other === undefined || at === index || !coversAlgorithm(other, pattern, "acme"))
            return false;
          return at < index || !coversAlgorithm(pattern, other, "acme");
        })
          ? [index]
          : [],
      );
      expect([...warned].sort()).toEqual([...needless].sort());
    }),
    { numRuns: 1_000 },
  );
});

test("lists of referrers of every length are judged as comparing each entry with each other would", async () => {
  let covered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryReferrer, { minLength: 1, maxLength: 14 }), async (texts) => {
      const fields = `algorithms: []\norigins: { native: false, web: true, referrers: ${JSON.stringify(texts)} }`;
      const result = await loadText(withKey(fields));
      manifestOf(result);
      const patterns = texts.map((text) => parseReferrerPattern(text));
      const covers = (wide: number, narrow: number): boolean => {
        const [one, other] = [patterns[wide], patterns[narrow]];
        return one !== undefined && other !== undefined && wide !== narrow && coversReferrer(one, other);
      };
      const places = [...texts.keys()];
      const needless = places.filter((index) =>
        places.some((at) => covers(at, index) && (at < index || !covers(index, at))),
      );
      const narrower = places.filter((index) => places.some((at) => covers(at, index) && !covers(index, at)));
      expect(result.diagnostics.map(({ path }) => path?.at(-1)).sort()).toEqual([...needless].sort());
      const said = result.diagnostics.filter(({ code }) => code === "covered-referrer").map(({ path }) => path?.at(-1));
      expect(narrower).toEqual(expect.arrayContaining(said));
      covered += said.length;
    }),
    { numRuns: 1_000 },
  );
  expect(covered).toBeGreaterThan(100);
});
