import { describe, expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";
import { ASCII, COLOR, PLAIN } from "./builders.ts";
import { renderAll } from "./renderings.ts";

const CORPUS: readonly string[] = [
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u001b[2J\u001b[H",
  "\u009b2J",
  "line\nbreak",
  "carriage\rreturn",
  "back\b\b\bspace",
  "nul\u0000bell\u0007",
  "\u202eevil\u202c",
  "\u2066isolate\u2069",
  "zero\u200bwidth\ufeff",
  "separator\u2028line\u2029end",
  "tag\u{e0041}\u{e007f}",
  "lone\ud800surrogate",
  "\udc00first",
  "::error::gone",
  "  ::set-output name=x::y",
  "a ::stop-commands::b",
  "##[error]gone",
  "a ##[command]rm",
  "##vso[task.setvariable variable=x]y",
  "a ##VSO[task.complete]b",
  "very long word ".repeat(8) + "::warning::at a line start",
  "x".repeat(30) + " ::warning::y " + "z".repeat(120) + "::error::w",
  "`code` ```fence``` ````````long````````",
  "</details><script>alert(1)</script>",
  "<!-- hidden --> --> <img src=x onerror=alert(1)>",
  "[link](https://evil.example) ![image](https://evil.example/x.png)",
  "@octocat #123 owner/repo#1 https://evil.example",
  "~~~\n# heading\n| table |",
  "\n```\n@octocat\n",
  "__proto__",
  "constructor",
  "$(rm -rf /) `id` ; & | > <",
  "%0A::error::encoded",
  "\t::debug::tab",
  "日本語のキー名",
  "é combining ñ̂̂̂",
  "👩‍👩‍👧‍👦 family",
  "",
  " ",
  "'\"\\",
];

/** Lines that a CI runner would take for a command. */
const COMMAND = /^\s*::|##\[|##vso\[/im;

/** Our own colours: what may stand in coloured text. */
const OWN_SGR = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g;

describe("hostile text in every name, value and message", () => {
  for (const [index, text] of CORPUS.entries()) {
    test(`prints only line breaks and our own colours: case ${String(index)}`, () => {
      for (const style of [PLAIN, COLOR, ASCII, { ...PLAIN, width: 40 }, { ...COLOR, width: 23 }]) {
        const { texts, markdown, json } = renderAll(text, style);
        for (const output of [...texts, ...markdown, ...json]) {
          const bare = style.color ? output.replace(OWN_SGR, "") : output;
          expect(bare.split("\n").every((line) => printable(`.${line}`) === `.${line}`)).toBe(true);
          expect(bare).not.toMatch(COMMAND);
          expect(output).toMatch(/[^\n]\n$/);
        }
        if (!style.unicode) for (const output of texts) expect(output).toMatch(/^[\n\x20-\x7e]*$/);
      }
    });

    test(`stands in Markdown only inside code: case ${String(index)}`, () => {
      for (const document of renderAll(text, PLAIN).markdown) {
        const outside = outsideFences(document);
        // All that may stand outside code is ours.
        expect(outside.filter((line) => !OWN_LINE.test(line))).toEqual([]);
      }
    });

    test(`is the same text again when the JSON is read: case ${String(index)}`, () => {
      for (const document of renderAll(text, PLAIN).json) {
        const values = valuesOf(JSON.parse(document));
        // A lone surrogate is not text that JSON can carry everywhere; it is escaped, and read back all the same.
        expect(values).toContain(text);
      }
    });
  }
});

const OWN_LINE = new RegExp(
  [
    "^$",
    "^<!-- algokeys (plan|report|validate)( [A-Za-z0-9._/-]*)? -->$",
    "^Due for another secret, which this plan does not issue:$",
    "^</?details>$",
    "^<details><summary>Show [0-9]+ changes?( in short)?</summary>$",
    "^[*][*][A-Za-z0-9 ,.:!]*[*][*]$",
    "^Apply would refuse this plan: [0-9]+ errors?[.]$",
    "^Live keys changed outside of this project:$",
  ].join("|"),
);

/** The lines outside fenced code, by CommonMark's rule: a fence ends with one at least as long. */
function outsideFences(document: string): readonly string[] {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of document.split("\n")) {
    const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === undefined) {
      if (mark === undefined) outside.push(line);
      else fence = mark;
    } else if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined;
  }
  expect(fence).toBeUndefined();
  return outside;
}

function valuesOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [value];
  return Object.values(value).flatMap(valuesOf);
}
