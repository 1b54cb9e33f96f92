import fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";
import { makeToken } from "../../src/core/token.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { wrapped } from "../../src/report/wrap.ts";
import { PLAIN } from "./builders.ts";
import { renderAll } from "./renderings.ts";

const runs = process.env["ALGOKEYS_LONG"] === "1" ? 5_000 : 150;

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        "::",
        "##",
        "[",
        "vso",
        " ",
        "\u001b[",
        "`",
        "```",
        "\n",
        "x",
        "日",
        "e\u0301",
        "\u202e",
        "@",
        "<",
      ),
      {
        maxLength: 60,
      },
    )
    .map((parts) => parts.join("")),
);

test("whatever the names and values are, every output is printable line by line", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 20, max: 130 }), (text, width) => {
      const { texts, markdown, json } = renderAll(text, { ...PLAIN, width });
      for (const output of [...texts, ...markdown, ...json]) {
        for (const line of output.split("\n")) {
          expect(printable(`.${line}`)).toBe(`.${line}`);
          expect(line).not.toMatch(/^\s*::|##\[|##vso\[/i);
        }
      }
    }),
    { numRuns: runs },
  );
});

test("a token in any text is never printed, by no renderer", () => {
  const bytes = fc.uint8Array({ minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom("caller", "admin"),
      fc.constantFrom("", "key=", "https://x.example/?k="),
      (random, kind, before) => {
        let position = 0;
        const draw = (count: number): Uint8Array =>
          Uint8Array.from({ length: count }, () => (random[position % 64] ?? 0) * 3 + position++ * 7);
        const canary = makeToken(kind, draw).reveal();
        for (const width of [40, 120]) {
          const { texts, markdown, json } = renderAll(`${before}${canary} after`, { ...PLAIN, width });
          for (const output of [...texts, ...markdown, ...json]) {
            const unwrapped = output.replace(/\s+/g, "");
            expect(unwrapped).not.toContain(canary);
            expect(unwrapped).not.toContain(canary.slice(8));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("wrapping keeps every word in order and no line is too wide", () => {
  const word = fc.oneof(
    fc.stringMatching(/^[a-z]{1,30}$/),
    fc.constantFrom("日本語日本語", "e\u0301e\u0301", "👍👍", "ｆｕｌｌ"),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 20, max: 130 }), (words, width) => {
      const lines = wrapped(words.join(" "), width, "    ");
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replace(/ /g, "")).toBe(words.join(""));
    }),
    { numRuns: runs },
  );
});
