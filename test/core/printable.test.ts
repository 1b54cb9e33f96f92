import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";

describe("printable", () => {
  test.each([
    "storefront-web",
    "Sentiment widget on the product page",
    "両方 café 🚀 naïve — “quoted” … €",
    "algo://demos/sentiment_analysis",
    "a: b # c ## d ##",
    "C:\\path\\to",
    "  indented",
  ])("leaves %j as it is", (text) => {
    expect(printable(text)).toBe(text);
  });

  test.each([
    ["a\nb", "a\\nb"],
    ["a\r\nb", "a\\r\\nb"],
    ["a\tb", "a\\tb"],
    ["\u001b[31mred\u001b[0m", "\\u{1b}[31mred\\u{1b}[0m"],
    ["\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}"],
    ["\u001b]8;;https://evil.example\u001b\\link", "\\u{1b}]8;;https://evil.example\\u{1b}\\link"],
    ["\u009b2J", "\\u{9b}2J"],
    ["a\u0000b\u007fc\u0085d", "a\\u{0}b\\u{7f}c\\u{85}d"],
    ["admin\u0008\u0008\u0008\u0008\u0008guest", `admin${"\\u{8}".repeat(5)}guest`],
    ["user\u202etxt.exe", "user\\u{202e}txt.exe"],
    ["\u2066a\u2069\u061c\u200e\u200f", "\\u{2066}a\\u{2069}\\u{61c}\\u{200e}\\u{200f}"],
    ["a\u200bb\u200cc\u200dd\u2060e\ufefff", "a\\u{200b}b\\u{200c}c\\u{200d}d\\u{2060}e\\u{feff}f"],
    ["soft\u00adhyphen\u034f\u180e", "soft\\u{ad}hyphen\\u{34f}\\u{180e}"],
    ["line\u2028paragraph\u2029", "line\\u{2028}paragraph\\u{2029}"],
    ["hangul\u115f\u1160\u3164\uffa0filler", "hangul\\u{115f}\\u{1160}\\u{3164}\\u{ffa0}filler"],
    ["variant\ufe0f\u{e0100}", "variant\\u{fe0f}\\u{e0100}"],
    ["tag\u{e0041}\u{e007f}", "tag\\u{e0041}\\u{e007f}"],
    ["music\u{1d173}", "music\\u{1d173}"],
    ["lone \ud83d and \ude00", "lone \\u{d83d} and \\u{de00}"],
    ["\ufff9anchor\ufffb\ufffe\uffff", "\\u{fff9}anchor\\u{fffb}\\u{fffe}\\u{ffff}"],
  ])("makes %j visible", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test.each([
    ["::set-env name=PATH::/tmp", "\\::set-env name=PATH::/tmp"],
    ["  ::stop-commands::x", "  \\::stop-commands::x"],
    ["\u00a0::error::x", "\u00a0\\::error::x"],
    ["##[command]x", "#\\#[command]x"],
    ["##vso[task.setvariable variable=a]b", "#\\#vso[task.setvariable variable=a]b"],
    ["text ##vso[task.complete result=Failed;]", "text #\\#vso[task.complete result=Failed;]"],
    ["text ##[set-env name=a;]b", "text #\\#[set-env name=a;]b"],
    ["##VSO[task.x]", "#\\#VSO[task.x]"],
    ["a\n::error::b", "a\\n::error::b"],
  ])("breaks up the CI command in %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("shows every character that Unicode calls a control, a format, a separator of lines or ignorable", () => {
    const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
    let found = 0;
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!unsafe.test(character)) continue;
      found++;
      if (!/^\\(?:[nrt]|u\{[0-9a-f]+\})$/.test(printable(character)))
        expect(printable(character)).toBe(`U+${code.toString(16)}`);
    }
    expect(found).toBeGreaterThan(6_000);
  });

  test("gives one line without anything unsafe and changes nothing the second time", () => {
    const fragment = fc.constantFrom("::", "##", "[", "vso[", " ", "\u001b", "\u202e", "#", "a", "\n", "\\", "\u200b");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fragment).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (written) => {
        const shown = printable(written);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/u);
        expect(shown).not.toMatch(/^\s*::|##\[|##vso\[/i);
        expect(printable(shown)).toBe(shown);
      }),
      { numRuns: 5_000 },
    );
  });
});
