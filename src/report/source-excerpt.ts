import type { SourceRange } from "../core/diagnostic.ts";
import { TOKEN_LENGTH } from "../core/token.ts";
import { coveredTokens, shown } from "./shown.ts";
import { ellipsis, paint, type Style } from "./style.ts";
import { graphemes, textWidth } from "./text-width.ts";

/** What a tab is printed as. */
const TAB = "  ";
/** No more of a line is looked at on either side of the range, in UTF-16 units: lines may be megabytes long. */
const REACH = 400;

/** One printed character and its columns. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

/**
 * The source line with a caret line under the range, for example
 *
 *     12 |     data: rw
 *        |           ^^
 *
 * Tabs and characters of two columns keep the carets in place; a line that is too long is shown around the range.
 */
export function sourceExcerpt(range: SourceRange, source: string, style: Style): readonly string[] {
  const gutter = String(range.start.line);
  const room = Math.max(16, Math.min(style.width, REACH) - gutter.length - 5);
  const from = Math.min(Math.max(range.start.column - 1, 0), source.length);
  const end = range.end.line === range.start.line ? range.end.column - 1 : source.length;
  // A token that reaches into the stretch that is looked at is seen whole.
  const first = Math.max(0, from - REACH - TOKEN_LENGTH);
  const line = coveredTokens(source.slice(first, Math.min(end, from + REACH) + REACH + TOKEN_LENGTH));
  const start = from - first;
  const stop = Math.min(Math.max(end - first, start), line.length);
  const before = cellsOf(line.slice(Math.max(0, start - REACH), start));
  const marked = cellsOf(line.slice(start, Math.min(stop, start + REACH)));
  const after = cellsOf(line.slice(stop, stop + REACH));
  const cut = windowOf([...before, ...marked, ...after], before.length, room, ellipsis(style));
  const carets = Math.max(1, Math.min(widthOf(marked), room - cut.offset));
  const bar = paint(style, "dim", "|");
  return [
    `  ${paint(style, "dim", gutter)} ${bar} ${cut.text}`.trimEnd(),
    `  ${" ".repeat(gutter.length)} ${bar} ${" ".repeat(cut.offset)}${paint(style, "red", "^".repeat(carets))}`,
  ];
}

/** The cells that fit, chosen so that the focus is among them, and the column at which the focus stands. */
function windowOf(
  cells: readonly Cell[],
  focus: number,
  room: number,
  mark: string,
): { readonly text: string; readonly offset: number } {
  if (widthOf(cells) <= room) return { text: textOf(cells), offset: widthOf(cells.slice(0, focus)) };
  // A third of the room stands before the focus, so that what it belongs to can be read.
  let first = focus;
  for (let used = 0; first > 0; first--) {
    used += cells[first - 1]?.width ?? 0;
    if (used > room / 3) break;
  }
  const lead = first > 0 ? mark : "";
  let space = room - lead.length - mark.length;
  let last = first;
  for (; last < cells.length; last++) {
    space -= cells[last]?.width ?? 0;
    if (space < 0) break;
  }
  const tail = last < cells.length ? mark : "";
  const text = `${lead}${textOf(cells.slice(first, last))}${tail}`;
  return { text, offset: lead.length + widthOf(cells.slice(first, focus)) };
}

function cellsOf(text: string): readonly Cell[] {
  return graphemes(text).map((character) => {
    const printed = character === "\t" ? TAB : shown(character);
    return { text: printed, width: textWidth(printed) };
  });
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}

function textOf(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join("");
}
