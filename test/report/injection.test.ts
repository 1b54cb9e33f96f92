import { describe, expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";
import { CI_COMMAND, HOSTILE_TEXTS } from "../support/hostile-texts.ts";
import { ASCII, COLOR, PLAIN } from "./builders.ts";
import { renderAll } from "./renderings.ts";

/** Our own colours: what may stand in coloured text. */
const OWN_SGR = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g;

describe("hostile text in every name, value and message", () => {
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    test(`prints only line breaks and our own colours: case ${String(index)}`, () => {
      for (const style of [PLAIN, COLOR, ASCII, { ...PLAIN, width: 40 }, { ...COLOR, width: 23 }]) {
        const { texts, markdown, json } = renderAll(text, style);
        for (const output of [...texts, ...markdown, ...json]) {
          const bare = style.color ? output.replace(OWN_SGR, "") : output;
          expect(bare.split("\n").every((line) => printable(`.${line}`) === `.${line}`)).toBe(true);
          expect(bare).not.toMatch(CI_COMMAND);
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
