import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SPEC_FIELDS } from "../../src/core/key-spec.ts";
import { suggest } from "../../src/core/suggest.ts";

describe("suggest", () => {
  test.each([
    ["algoritms", "algorithms"],
    ["Algorithms", "algorithms"],
    ["algorithm", "algorithms"],
    ["lables", "labels"],
    ["expire", "expires"],
    ["dta", "data"],
    ["adta", "data"],
    ["ORIGNS", "origins"],
    ["enabeld", "enabled"],
  ])("for %j suggests %j", (word, meant) => {
    expect(suggest(word, SPEC_FIELDS)).toBe(meant);
  });

  test.each(["", "x", "permissions", "__proto__", "datum and more", "a".repeat(81), "a".repeat(100_000)])(
    "for %.20j suggests nothing",
    (word) => {
      expect(suggest(word, SPEC_FIELDS)).toBeUndefined();
    },
  );

  test("takes the nearest, and the first of those equally near", () => {
    expect(suggest("nightly-bach", ["nightly-back", "nightly-batch", "nightly-match"])).toBe("nightly-back");
    expect(suggest("nightly-batchh", ["nightly-bat", "nightly-batch"])).toBe("nightly-batch");
    expect(suggest("anything", [])).toBeUndefined();
  });

  test("finds any word again after one character is lost, doubled, changed or swapped with the next", () => {
    const word = fc.stringMatching(/^[a-z]{3,20}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom("lost", "doubled", "changed", "swapped"), (meant, roll, slip) => {
        const place = roll % (meant.length - 1);
        const [head, here, next, tail] = [
          meant.slice(0, place),
          meant.charAt(place),
          meant.charAt(place + 1),
          meant.slice(place + 2),
        ];
        const written =
          head + { lost: next, doubled: here + here + next, changed: `#${next}`, swapped: next + here }[slip] + tail;
        expect(suggest(written, ["##########", meant, "#".repeat(30)])).toBe(meant);
      }),
    );
  });
});
