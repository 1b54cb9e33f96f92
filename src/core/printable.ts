/**
 * Characters that could move a cursor, hide text or turn its direction: controls, format and bidirectional marks,
 * zero-width and otherwise invisible characters, line and paragraph separators, lone surrogates, specials.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\u202f\ufff0-\uffff]/gu;

/** The workflow command that CI runners obey at the start of a line, and those that they obey anywhere in it. */
const COMMAND_AT_START = /^(\s*)::/;
const COMMAND_ANYWHERE = /##(?=\[|vso\[)/gi;

/**
 * The one sanitizer for names, values and server text that are printed (design section 7): every unsafe character
 * becomes a visible `\u{...}` and a CI command is broken up. Its result is a single line.
 */
export function printable(text: string): string {
  const visible = text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return visible.replace(COMMAND_AT_START, "$1\\::").replace(COMMAND_ANYWHERE, "#\\#");
}
