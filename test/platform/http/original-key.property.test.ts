import fc from "fast-check";
import { expect, test } from "vitest";
import { NAME_PATTERN, nameKey } from "../../../src/core/key-name.ts";
import { DEFAULT_SPEC } from "../../../src/core/key-spec.ts";
import { freeName, nameOfLabel, originalKey, originalLabels } from "../../../src/platform/http/original-key.ts";

const CASES = process.env["ALGOKEYS_LONG"] === "1" ? 200_000 : 20_000;

/** Free text as people type it, and worse. */
const label = fc.oneof(
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.string({ unit: "grapheme", maxLength: 100 }),
  fc.stringMatching(/^[aA1 ._!-]{0,80}$/),
  fc.constantFrom("default-key", "constructor", "__proto__", "x".repeat(200), "-".repeat(70)),
);

test(`every label has a name, is its own name if it is one, and comes back exactly, in ${String(CASES)} cases`, () => {
  fc.assert(
    fc.property(label, (text) => {
      const name = nameOfLabel(text);
      expect(name).toMatch(NAME_PATTERN);
      if (NAME_PATTERN.test(text)) expect(name).toBe(text);
      const spec = { ...DEFAULT_SPEC, labels: originalLabels(name, text, undefined) };
      const key = { account: "acme", name, spec, createdAt: "2026-06-01T12:00:00Z", credentials: [] };
      expect(originalKey(key, 0).key_label).toBe(text);
    }),
    { numRuns: CASES },
  );
});

test("a name that is taken, ignoring case, gets a number that makes it free", () => {
  fc.assert(
    fc.property(fc.array(label, { maxLength: 8 }), label, (others, wanted) => {
      const taken = new Set<string>();
      for (const other of [...others, wanted, wanted]) {
        const name = freeName(nameOfLabel(other), taken);
        expect(name).toMatch(NAME_PATTERN);
        expect(taken.has(nameKey(name))).toBe(false);
        taken.add(nameKey(name));
      }
    }),
    { numRuns: CASES / 10 },
  );
});
