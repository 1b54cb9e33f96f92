/**
 * Characters that could move a cursor, hide text or turn its direction: controls, format and bidirectional marks,
 * zero-width and otherwise invisible characters, line and paragraph separators, lone surrogates, specials.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\u202f\ufff0-\uffff]+/gu;

/** The workflow command that CI runners obey at the start of a line, and those that they obey anywhere in it. */
const COMMAND_AT_START = /^(\s*)::/;
const COMMAND_ANYWHERE = /##(?=\[|vso\[)/gi;

/**
 * The one sanitizer for names, values and server text that are printed (design section 7): every unsafe character
 * becomes a visible `\u{...}` and a CI command is broken up. Its result is a single line.
 */
export function printable(text: string): string {
  const visible = text.replace(UNSAFE, escaped);
  return visible.replace(COMMAND_AT_START, "$1\\::").replace(COMMAND_ANYWHERE, "#\\#");
}

/** A run of unsafe characters. Few kinds make up long runs, and a run is as long as somebody likes. */
function escaped(run: string): string {
  const escapes = new Map<number, string>();
  let text = "";
  for (let index = 0; index < run.length; index++) {
    const code = run.codePointAt(index) ?? 0;
    if (code > 0xffff) index++; // it takes two places
    let escape = escapes.get(code);
    if (escape === undefined) {
      escape = NAMED.get(code) ?? `\\u{${code.toString(16)}}`;
      escapes.set(code, escape);
    }
    text += escape;
  }
  return text;
}

const NAMED: ReadonlyMap<number, string> = new Map([
  [0x0a, "\\n"],
  [0x09, "\\t"],
  [0x0d, "\\r"],
]);
