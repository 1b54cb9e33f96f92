import { MAX_DEPTH } from "./limits.ts";
import type { Wording } from "./problem.ts";

/** What to do about the syntax errors that people make, by a part of js-yaml's reason. */
const CURES: readonly (readonly [part: string, fix: string])[] = [
  ["tab characters", "Indent with spaces."],
  [
    "bad indentation",
    "Line up the fields of one map on one column; put a text in quotes that holds `: ` or begins with `@` or a backtick.",
  ],
  ["deficient indentation", "Indent every line of it further than the field that it belongs to."],
  ["multiline key", "Look for a missing `:` or a quote that is not closed, here or on the line before."],
  ["expected ':'", "Write `name: value`, with a blank after the colon."],
  ["key-value separator", "Write a blank after the colon."],
  ["flow collection", "Close every `[` and `{`, and put a comma between the entries."],
  ["expected the node content", "Take the extra comma away."],
  ["quoted scalar", "Close the quote."],
  ["escape", 'Write a backslash in double quotes as "\\\\", or use single quotes.'],
  [
    "alias",
    'Put a text that begins with `*` in quotes, as in "*.example.com"; an alias needs `&name` on a value before it.',
  ],
  ["null byte", "Save the file as UTF-8 text."],
  ["non-printable", "Take the control character away, or write it as an escape in double quotes."],
  ["end of the stream", "Look for a line that is indented less than it should be."],
];

/** The words for what js-yaml could not read. */
export function syntaxWording(reason: string): Wording {
  if (reason.startsWith("nesting exceeded")) {
    return {
      code: "too-deep",
      summary: `lists and maps are nested more than ${String(MAX_DEPTH)} deep`,
      fix: "A declaration needs six levels; look for a bracket that is not closed.",
    };
  }
  if (reason.includes("tag")) {
    return {
      code: "yaml-feature",
      summary: `YAML tags are not read: ${reason}`,
      fix: "Take the `!` tag away, or quote a text that begins with `!`.",
    };
  }
  const fix = CURES.find(([part]) => reason.includes(part))?.[1];
  return { code: "yaml-syntax", summary: `this is not YAML: ${reason}`, fix };
}
