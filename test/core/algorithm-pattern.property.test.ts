import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  coversAlgorithm,
  formatAlgorithmPattern,
  matchAlgorithm,
  parseAlgorithmCall,
  parseAlgorithmPattern,
  type AlgorithmPattern,
} from "../../src/core/algorithm-pattern.ts";
import { decideAlgorithm } from "../../src/core/authorize.ts";
import { arbitraryAlgorithmPattern, arbitraryCallPath } from "../support/arbitraries.ts";

const NUM_RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 2_000;
const ACCOUNT = "Acme";

const pattern = arbitraryAlgorithmPattern.map(read);

/** Every call over the alphabets of the arbitraries, and over names that no pattern there bears. */
const CALLS: readonly AlgorithmPattern[] = ["foo", "fo", "acme", ".my", "constructor", "nobody"].flatMap((owner) =>
  ["bar", "barbaz", "x", "prototype", "a_b", "nothing"].flatMap((name) =>
    [
      ...["", "/1.2.3", "/1.2.9", "/1.20.0", "/10.0.0", "/7.7.7", "/1.2.*", "/1.20.*", "/1.*", "/10.*"],
      ...["/latest", "/latestPrivate", "/0123456789abcdef0123456789abcdef01234567", `/${"f".repeat(40)}`],
    ].map((version) => readCall(`${owner}/${name}${version}`)),
  ),
);

describe("algorithm patterns", () => {
  test("formatting is undone by parsing, and the comparison form is its own comparison form", () => {
    fc.assert(
      fc.property(pattern, (parsed) => {
        const form = formatAlgorithmPattern(parsed);
        expect(read(form)).toEqual(parsed);
        expect(formatAlgorithmPattern(read(form))).toBe(form);
        expect(form).toBe(form.toLowerCase());
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("covering is exactly: every call that the narrow one matches, the wide one matches", () => {
    let covered = 0;
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        const everyCall = CALLS.every((call) => matches(wide, call) || !matches(narrow, call));
        covered += everyCall ? 1 : 0;
        expect(coversAlgorithm(wide, narrow, ACCOUNT)).toBe(everyCall);
      }),
      { numRuns: NUM_RUNS },
    );
    expect(covered).toBeGreaterThan(NUM_RUNS / 50);
  });

  test("covering is reflexive, antisymmetric up to the comparison form, and transitive", () => {
    fc.assert(
      fc.property(pattern, pattern, pattern, (a, b, c) => {
        expect(coversAlgorithm(a, a)).toBe(true);
        const same = formatAlgorithmPattern(a) === formatAlgorithmPattern(b);
        expect(coversAlgorithm(a, b) && coversAlgorithm(b, a)).toBe(same);
        if (coversAlgorithm(a, b) && coversAlgorithm(b, c)) expect(coversAlgorithm(a, c)).toBe(true);
        // Knowing the account can only make `.my` and the account's own name meet.
        if (coversAlgorithm(a, b)) expect(coversAlgorithm(a, b, ACCOUNT)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test("a longer allow-list never allows less", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryAlgorithmPattern),
        arbitraryAlgorithmPattern,
        arbitraryCallPath,
        (list, more, call) => {
          const before = decideAlgorithm(list, call, ACCOUNT);
          const after = decideAlgorithm([...list, more], call, ACCOUNT);
          if (before.effect === "allow") expect(after).toEqual(before);
          expect(decideAlgorithm([more, ...list], call, ACCOUNT).effect).toBe(after.effect);
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });

  test("what is read from arbitrary text has a comparison form that reads the same", () => {
    const fragment = fc.constantFrom(
      "algo://",
      "/",
      "*",
      "foo",
      "1.2.3",
      "1.*",
      ".my",
      "..",
      "ALGO://",
      "é",
      "-",
      " ",
      "_",
    );
    const text = fc.oneof(
      fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseAlgorithmPattern(written);
        if (parsed !== undefined)
          expect(formatAlgorithmPattern(parsed)).toBe(written.toLowerCase().replace(/(\/[^/]+\/[^/]+)\/\*$/, "$1"));
        const call = parseAlgorithmCall(written);
        if (typeof call !== "string") expect(call.name).toBeDefined();
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

function matches(allowed: AlgorithmPattern, call: AlgorithmPattern): boolean {
  return matchAlgorithm(allowed, call, ACCOUNT) !== undefined;
}

function read(text: string): AlgorithmPattern {
  const parsed = parseAlgorithmPattern(text);
  if (parsed === undefined) throw new Error(`no pattern: ${text}`);
  return parsed;
}

function readCall(path: string): AlgorithmPattern {
  const call = parseAlgorithmCall(path);
  if (typeof call === "string") throw new Error(`no call: ${path}: ${call}`);
  return call;
}
