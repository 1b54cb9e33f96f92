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

/** So many lines lie between two that are remembered: what lies between is counted again, so that a table stays small. */
const STRIDE = 64;

/** The end of a longer line is remembered once it is found. */
const LONG_LINE = 1024;

/** A line that is remembered: where it begins, in the text and in the file. */
interface Milestone {
  readonly start: number;
  readonly byte: number;
}

/** Line breaks are LF, CR LF and CR, as YAML has them. Takes time linear in the text, once. */
export function createLineTable({ text, bytes, bom }: SourceText): LineTable {
  const ascii = bytes === text.length;
  const milestones = milestonesOf(text, ascii);
  const longLines = new Map<number, number>();

  function lineAfter(start: number): number {
    const known = longLines.get(start);
    if (known !== undefined) return known;
    const next = nextLine(text, start);
    if (next === -1 || next - start > LONG_LINE) longLines.set(start, next);
    return next;
  }

  /** The line that an offset is on, from 0, and where it begins. */
  function lineOf(offset: number): { readonly line: number; readonly start: number } {
    let low = 0;
    let high = milestones.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((milestones[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let line = low * STRIDE;
    let start = milestones[low]?.start ?? 0;
    for (let next = lineAfter(start); next !== -1 && next <= offset; next = lineAfter(start)) {
      start = next;
      line++;
    }
    return { line, start };
  }

  function lineEnd(offset: number): number {
    const next = lineAfter(lineOf(offset).start);
    if (next === -1) return text.length;
    return text.startsWith("\r\n", next - 2) ? next - 2 : next - 1;
  }

  return {
    position(offset) {
      const { line, start } = lineOf(offset);
      const column = offset - start + 1;
      if (ascii) return { line: line + 1, column, byte: bom + offset };
      const milestone = milestones[Math.floor(line / STRIDE)] ?? { start: 0, byte: 0 };
      const byte = bom + milestone.byte + Buffer.byteLength(text.slice(milestone.start, offset));
      return { line: line + 1, column, byte };
    },
    lineAt: (offset) => text.slice(lineOf(offset).start, lineEnd(offset)),
    lineEnd,
    offset(line, column) {
      const near = Math.min(Math.floor((line - 1) / STRIDE), milestones.length - 1);
      let start = milestones[near]?.start ?? 0;
      for (let at = near * STRIDE + 1; at < line; at++) {
        const next = lineAfter(start);
        if (next === -1) break;
        start = next;
      }
      return Math.min(start + column - 1, lineEnd(start));
    },
  };
}

function milestonesOf(text: string, ascii: boolean): readonly Milestone[] {
  let before: Milestone = { start: 0, byte: 0 };
  const milestones = [before];
  let line = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > CR || (code !== LF && (code !== CR || text.charCodeAt(index + 1) === LF))) continue;
    if (++line % STRIDE !== 0) continue;
    const start = index + 1;
    const byte = ascii ? start : before.byte + Buffer.byteLength(text.slice(before.start, start));
    before = { start, byte };
    milestones.push(before);
  }
  return milestones;
}

/** Where the line after that which holds the offset begins; -1 if there is none. */
function nextLine(text: string, offset: number): number {
  for (let index = offset; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === LF) return index + 1;
    if (code === CR) return text.charCodeAt(index + 1) === LF ? index + 2 : index + 1;
  }
  return -1;
}

const LF = 10;
const CR = 13;
