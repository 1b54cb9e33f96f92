/** Our own escape sequences, the only ones that ever stand in printed text: everything else went through `shown`. */
export const SGR_SEQUENCE = /\u001b\[\d{1,2}m/g;

/** Characters that take two columns: East Asian wide and full-width forms, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

const COMBINING = /^[\p{M}\u200d]+$/u;

/** Columns that text takes on a terminal; our own colours take none. */
export function textWidth(text: string): number {
  const bare = text.includes("\u001b") ? text.replace(SGR_SEQUENCE, "") : text;
  if (isAscii(bare)) return bare.length;
  let width = 0;
  for (const character of graphemes(bare)) width += graphemeWidth(character);
  return width;
}

/** The characters as a reader sees them: a letter with its marks is one. */
export function graphemes(text: string): readonly string[] {
  if (isAscii(text)) return text.split("");
  return Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/** Columns of one of {@link graphemes}. */
export function graphemeWidth(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text, cut to so many columns with a mark where something is missing. The text bears no colour. */
export function cutTo(text: string, width: number, mark: string): string {
  if (textWidth(text) <= width) return text;
  const room = width - mark.length;
  if (room <= 0) return mark.slice(0, Math.max(0, width));
  let cut = "";
  let used = 0;
  for (const character of graphemes(text)) {
    used += graphemeWidth(character);
    if (used > room) break;
    cut += character;
  }
  return cut + mark;
}

/** The text, filled with spaces to so many columns. */
export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

let shared: Intl.Segmenter | undefined;

/** Made on first need: it loads tables that most runs never use. */
function segmenter(): Intl.Segmenter {
  shared ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return shared;
}
