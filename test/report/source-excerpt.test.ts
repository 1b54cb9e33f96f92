import { describe, expect, test } from "vitest";
import type { SourceRange } from "../../src/core/diagnostic.ts";
import { sourceExcerpt } from "../../src/report/source-excerpt.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { ASCII, PLAIN } from "./builders.ts";

function range(start: number, end: number, lines = 1): SourceRange {
  return {
    filename: "keys.yaml",
    start: { line: 12, column: start, byte: 0 },
    end: { line: 11 + lines, column: end, byte: 0 },
  };
}

describe("the caret line", () => {
  test("stands under the range", () => {
    expect(sourceExcerpt(range(11, 13), "    data: rw", PLAIN)).toEqual(["  12 |     data: rw", "     |           ^^"]);
  });

  test("keeps its place behind tabs, wide and combining characters", () => {
    expect(sourceExcerpt(range(2, 4), "\tab", PLAIN)).toEqual(["  12 |   ab", "     |   ^^"]);
    expect(sourceExcerpt(range(3, 5), "日本rw", PLAIN)).toEqual(["  12 | 日本rw", "     |     ^^"]);
    expect(sourceExcerpt(range(1, 3), "日本rw", PLAIN)).toEqual(["  12 | 日本rw", "     | ^^^^"]);
    expect(sourceExcerpt(range(3, 5), "e\u0301rw", PLAIN)).toEqual(["  12 | e\u0301rw", "     |  ^^"]);
    expect(sourceExcerpt(range(2, 4), "\u001brw", PLAIN)).toEqual(["  12 | \\u{1b}rw", "     |       ^^"]);
  });

  test("has one caret for a place between characters, and stays in the line for a range that leaves it", () => {
    expect(sourceExcerpt(range(5, 5), "keys", PLAIN)[1]).toBe("     |     ^");
    expect(sourceExcerpt(range(99, 120), "keys", PLAIN)[1]).toBe("     |     ^");
    expect(sourceExcerpt(range(3, 1, 4), "keys", PLAIN)[1]).toBe("     |   ^^");
    expect(sourceExcerpt(range(3, 1), "keys", PLAIN)[1]).toBe("     |   ^");
  });
});

describe("a line that is too long", () => {
  const line = `${"a".repeat(300)} data: rw ${"b".repeat(300)}`;

  test("is shown around the range, with both cuts marked, within the width", () => {
    for (const width of [40, 80, 120]) {
      const [source = "", carets = ""] = sourceExcerpt(range(308, 310), line, { ...PLAIN, width });
      expect(textWidth(source)).toBeLessThanOrEqual(width);
      expect(source).toMatch(/^ {2}12 \| ….*…$/);
      expect(source.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("rw");
    }
  });

  test("marks its cuts in ASCII where it must", () => {
    expect(sourceExcerpt(range(308, 310), line, ASCII)[0]).toMatch(/^ {2}12 \| \.\.\.[\x20-\x7e]*\.\.\.$/);
  });

  test("of megabytes is cut in no time", () => {
    const huge = "日".repeat(4_000_000);
    const start = performance.now();
    const [source = "", carets = ""] = sourceExcerpt(range(2_000_000, 2_000_002), huge, PLAIN);
    expect(performance.now() - start).toBeLessThan(500);
    expect(textWidth(source)).toBeLessThanOrEqual(80);
    expect(carets).toContain("^^^^");
  });
});
