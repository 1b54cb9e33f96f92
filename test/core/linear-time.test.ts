import { describe, expect, test } from "vitest";
import { parseAlgorithmCall, parseAlgorithmPattern } from "../../src/core/algorithm-pattern.ts";
import { formatPath } from "../../src/core/attribute-path.ts";
import { authorize, decideAlgorithm } from "../../src/core/authorize.ts";
import { decideOrigin, readOrigin, readReferer } from "../../src/core/caller-origin.ts";
import { VARIABLE_PATTERN } from "../../src/core/delivery.ts";
import { durationMs } from "../../src/core/duration.ts";
import { parseInstant } from "../../src/core/instant.ts";
import { ACCOUNT_PATTERN, NAME_PATTERN } from "../../src/core/key-name.ts";
import { DEFAULT_SPEC, SPEC_FIELDS } from "../../src/core/key-spec.ts";
import { printable } from "../../src/core/printable.ts";
import { isHost, parseReferrerPattern } from "../../src/core/referrer-pattern.ts";
import { suggest } from "../../src/core/suggest.ts";
import { MASK_PATTERN, tokenKind } from "../../src/core/token.ts";

const SIZE = 100_000;
const LIMIT_MS = 20;

/** Texts of 100 KB that make a backtracking expression try many ways: long runs that fail only at the end. */
const ADVERSARIES: Record<string, string> = {
  letters: "a".repeat(SIZE),
  "letters and a bad end": `${"a".repeat(SIZE)}\n`,
  digits: "1".repeat(SIZE),
  "digits and dots": "1.".repeat(SIZE / 2),
  dots: ".".repeat(SIZE),
  labels: "a.".repeat(SIZE / 2),
  hyphens: `a${"-".repeat(SIZE)}`,
  spaces: `${" ".repeat(SIZE)}:`,
  "non-breaking spaces": `${"\u00a0".repeat(SIZE)}:`,
  slashes: "/".repeat(SIZE),
  "path segments": `foo/${"b/".repeat(SIZE / 2)}`,
  stars: "*".repeat(SIZE),
  "star labels": "*.".repeat(SIZE / 2),
  colons: ":".repeat(SIZE),
  brackets: "[".repeat(SIZE),
  "an open address": `[${":".repeat(SIZE)}`,
  "a long host": `https://${"a.".repeat(SIZE / 2)}com`,
  "a long user": `https://${"a@".repeat(SIZE / 2)}example.com`,
  "a long port": `https://example.com:${"1".repeat(SIZE)}`,
  "a long page": `https://example.com/${"a".repeat(SIZE)}`,
  "a long pattern": `algo://foo/${"b".repeat(SIZE)}`,
  "a long version": `algo://foo/bar/${"1.".repeat(SIZE / 2)}`,
  "a long token": `sim${"A".repeat(SIZE)}1`,
  "a long mask": `simAAAA${"*".repeat(SIZE)}`,
  "a long fraction": `2027-01-31T00:00:00.${"0".repeat(SIZE)}Z`,
  escapes: "\u001b[31m".repeat(SIZE / 5),
  hashes: "#".repeat(SIZE),
  "CI commands": "##vso[".repeat(SIZE / 6),
  surrogates: "\ud83d".repeat(SIZE),
  umlauts: "ü".repeat(SIZE),
  combining: `e${"\u0301".repeat(SIZE)}`,
  percent: "%2e".repeat(SIZE / 3),
};

const READERS: Record<string, (text: string) => unknown> = {
  parseAlgorithmPattern,
  parseAlgorithmCall,
  decideAlgorithm: (text) => decideAlgorithm([text, "algo://foo/*"], text, text),
  parseReferrerPattern,
  isHost,
  readOrigin,
  readReferer,
  decideOrigin: (text) =>
    decideOrigin(
      { native: false, web: { hosts: [text] } },
      {
        headers: [
          ["Origin", text],
          ["Referer", text],
          [text, text],
        ],
      },
    ),
  authorize: (text) =>
    authorize(
      { account: text, deletedAt: null, spec: { ...DEFAULT_SPEC, algorithms: [text], expires: text } },
      { headers: [[text, text]], target: { type: "algorithm", call: text }, now: 0 },
    ),
  tokenKind,
  printable,
  suggest: (text) => suggest(text, [...SPEC_FIELDS, text]),
  suggestFromLong: (text) => suggest("algoritms", [text, ...SPEC_FIELDS]),
  durationMs,
  parseInstant,
  formatPath: (text) => formatPath([text, 0, text]),
  NAME_PATTERN: (text) => NAME_PATTERN.test(text),
  ACCOUNT_PATTERN: (text) => ACCOUNT_PATTERN.test(text),
  VARIABLE_PATTERN: (text) => VARIABLE_PATTERN.test(text),
  MASK_PATTERN: (text) => MASK_PATTERN.test(text),
};

describe("100 KB of adversarial text", () => {
  test.each(Object.keys(READERS))(`cost %s at most ${String(LIMIT_MS)} ms each`, (name) => {
    const slow = Object.entries(ADVERSARIES).filter(([, text]) => fastest(() => READERS[name]?.(text)) > LIMIT_MS);
    expect(slow.map(([adversary]) => adversary)).toEqual([]);
  });
});

/** The time of one run in ms; the best of several, because the machine does other things too. */
function fastest(run: () => unknown): number {
  let best = Infinity;
  for (let round = 0; round < 5 && best > LIMIT_MS / 4; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
