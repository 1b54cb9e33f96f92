import { graphemes, graphemeWidth, SGR_SEQUENCE, textWidth } from "./text-width.ts";

/** Narrower terminals are written to as if they had this width. */
const LEAST_WIDTH = 20;
/** No fewer columns of a broken word stand before the break. */
const LEAST_PART = 8;

/**
 * Breaks a line at spaces so that none is wider than `width` columns; a word that is wider itself is broken anywhere.
 * Lines after the first begin with `hanging`. Colours may stand in the text.
 */
export function wrapped(text: string, width: number, hanging: string): readonly string[] {
  const limit = Math.max(width, LEAST_WIDTH, hanging.length + 10);
  if (textWidth(text) <= limit) return [text];
  const lines: string[] = [];
  let line = "";
  let used = 0;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = hanging;
    used = hanging.length;
  };
  for (const [, gap = "", word = ""] of text.matchAll(/( *)([^ ]+)/g)) {
    const wide = textWidth(word);
    const space = line === hanging && lines.length > 0 ? "" : gap;
    if (used + space.length + wide <= limit) {
      line += space + word;
      used += space.length + wide;
      continue;
    }
    // A word that fits on no line is broken where it stands, if enough of it stands there.
    const breaks = hanging.length + wide > limit && limit - used - space.length >= LEAST_PART;
    if (breaks || used === 0) {
      line += space;
      used += space.length;
    } else if (line !== hanging) flush();
    if (used + wide <= limit) {
      line += word;
      used += wide;
      continue;
    }
    for (const part of parts(word)) {
      if (used + part.width > limit) flush();
      line += part.text;
      used += part.width;
    }
  }
  if (line.trim() !== "") lines.push(line);
  return lines;
}

/** A word's characters and colour changes, each with its columns. */
function parts(word: string): readonly { readonly text: string; readonly width: number }[] {
  return word
    .split(new RegExp(`(${SGR_SEQUENCE.source})`))
    .flatMap((piece) =>
      piece.startsWith("\u001b")
        ? [{ text: piece, width: 0 }]
        : graphemes(piece).map((character) => ({ text: character, width: graphemeWidth(character) })),
    );
}
