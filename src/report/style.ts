/** How text is laid out and painted. The command line decides it from the stream, the environment and its options. */
export interface Style {
  /** False: no escape sequence at all. Colour never carries meaning that the words do not carry too. */
  readonly color: boolean;
  /** False: only ASCII, for terminals that show nothing else; what is not ASCII becomes `\u{...}`. */
  readonly unicode: boolean;
  /** Columns of the terminal; `Infinity` for no wrapping. */
  readonly width: number;
}

/** The paints there are. */
export type Paint = "green" | "yellow" | "red" | "cyan" | "dim" | "bold";

const SGR: Readonly<Record<Paint, readonly [on: number, off: number]>> = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** The text in that paint, or as it is where there is no colour. */
export function paint(style: Style, colour: Paint, text: string): string {
  const [on, off] = SGR[colour];
  return style.color && text !== "" ? `\u001b[${String(on)}m${text}\u001b[${String(off)}m` : text;
}

/** What stands for text that was cut off. */
export function ellipsis(style: Style): string {
  return style.unicode ? "…" : "...";
}
