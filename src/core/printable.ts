/**
 * Characters that could move a cursor, hide text or turn its direction: C0 and C1 controls, DEL, zero-width and
 * bidirectional marks, line and paragraph separators, variation and tag characters, lone surrogates.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** Workflow commands that CI runners obey at the start of a line. */
const CI_COMMAND = /^(\s*)(::|##\[|##vso\[)/;

/**
 * The one sanitizer for names, values and server text that are printed (design section 7): every unsafe character
 * becomes a visible `\u{...}` and a leading CI command is broken up. Its result is a single line.
 */
export function printable(text: string): string {
  const visible = text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return visible.replace(CI_COMMAND, (_, space: string, mark: string) => `${space}\\${mark}`);
}
