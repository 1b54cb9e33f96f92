import { plural } from "./shown.ts";
import { ellipsis, paint, type Style } from "./style.ts";
import { cutTo, padTo, textWidth } from "./text-width.ts";
import { wrapped } from "./wrap.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** No cell of it is cut below so many columns. */
  readonly least: number;
  /** The column with the highest rank is left out first where there is no room; 0 always stays. */
  readonly rank: number;
}

const GAP = 2;

/**
 * A table that fits the width: long cells are cut, and where that is not enough whole columns are left out, which the
 * last line says. Cells are printable and bear no colour.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): readonly string[] {
  const natural = new Map(columns.map((column, index) => [column, naturalWidth(column, rows, index)]));
  const kept = columnsThatFit(natural, style.width);
  const widths = fittedWidths(kept, style.width);
  const render = (cells: readonly string[]): string =>
    kept
      .map(({ column }, index) => {
        const width = widths[index] ?? 0;
        const cell = cutTo(cells[columns.indexOf(column)] ?? "", width, ellipsis(style));
        return index === kept.length - 1 ? cell : padTo(cell, width);
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  const left = columns
    .filter((column) => !kept.some((fit) => fit.column === column))
    .map(({ title }) => title.toLowerCase());
  const note = `No room for ${plural(left.length, "column")}: ${left.join(", ")}.`;
  return [
    paint(style, "bold", render(columns.map(({ title }) => title))),
    ...rows.map(render),
    ...(left.length === 0 ? [] : wrapped(paint(style, "dim", note), style.width, "")),
  ];
}

function naturalWidth({ title }: Column, rows: readonly (readonly string[])[], index: number): number {
  return rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), textWidth(title));
}

/** A column that is kept. */
interface Fit {
  readonly column: Column;
  /** As wide as its widest cell. */
  readonly natural: number;
  readonly least: number;
}

function columnsThatFit(natural: ReadonlyMap<Column, number>, width: number): readonly Fit[] {
  let kept = Array.from(natural, ([column, own]): Fit => ({
    column,
    natural: own,
    least: Math.min(own, column.least),
  }));
  const needed = (): number => kept.reduce((sum, { least }) => sum + least + GAP, -GAP);
  while (needed() > width) {
    const worst = kept.reduce((left, right) => (right.column.rank > left.column.rank ? right : left));
    if (worst.column.rank === 0) break;
    kept = kept.filter((fit) => fit !== worst);
  }
  return kept;
}

/** Every column as wide as its widest cell; the widest give way, one step after the other, until all fit. */
function fittedWidths(kept: readonly Fit[], width: number): readonly number[] {
  const widths = kept.map(({ natural }) => natural);
  let excess = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (excess > 0) {
    const spare = widths.map((one, index) => (one > (kept[index]?.least ?? 0) ? one : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    const index = spare.indexOf(widest);
    const second = Math.max(kept[index]?.least ?? 0, ...spare.filter((one) => one < widest));
    const step = Math.min(excess, widest - second);
    widths[index] = widest - step;
    excess -= step;
  }
  return widths;
}
