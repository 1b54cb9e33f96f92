import type { SourcePosition } from "../core/diagnostic.ts";
import type { SourceText } from "./source-file.ts";

/** Turns offsets in a text into lines, columns and bytes. */
export interface LineTable {
  position(offset: number): SourcePosition;
  /** The line that an offset is on, without its line break. */
  lineAt(offset: number): string;
  /** The end of that line. */
  lineEnd(offset: number): number;
  /** The offset of a line and a column, each from 1; the nearest one if there is none. */
  offset(line: number, column: number): number;
}

/** Line breaks are LF, CR LF and CR, as YAML has them. Takes time linear in the text, once. */
export function createLineTable({ text, bytes, bom }: SourceText): LineTable {
  const ascii = bytes === text.length;
  const starts = [0];
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n?|\n/g)) starts.push(index + lineBreak.length);
  const byteStarts = ascii ? starts : byteStartsOf(text, starts);

  function lineOf(offset: number): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function lineEnd(offset: number): number {
    const next = starts[lineOf(offset) + 1];
    if (next === undefined) return text.length;
    return text.startsWith("\r\n", next - 2) ? next - 2 : next - 1;
  }

  return {
    position(offset) {
      const line = lineOf(offset);
      const start = starts[line] ?? 0;
      const before = ascii ? offset - start : Buffer.byteLength(text.slice(start, offset));
      return { line: line + 1, column: offset - start + 1, byte: bom + (byteStarts[line] ?? 0) + before };
    },
    lineAt: (offset) => text.slice(starts[lineOf(offset)], lineEnd(offset)),
    lineEnd,
    offset(line, column) {
      const start = starts[Math.min(line, starts.length) - 1] ?? 0;
      return Math.min(start + column - 1, lineEnd(start));
    },
  };
}

function byteStartsOf(text: string, starts: readonly number[]): number[] {
  let byte = 0;
  return starts.map((start, line) => {
    if (line > 0) byte += Buffer.byteLength(text.slice(starts[line - 1], start));
    return byte;
  });
}
