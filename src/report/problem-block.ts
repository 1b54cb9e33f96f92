import { paint, type Style } from "./style.ts";
import { wrapped } from "./wrap.ts";

/** One problem in printable words. */
export interface ProblemBlock {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly summary: string;
  /** `keys.yaml:12:7, keys.web.data` */
  readonly place?: string | undefined;
  /** Lines of source, printed as they are. */
  readonly excerpt?: readonly string[];
  readonly detail?: readonly string[];
  readonly fix?: string | undefined;
  readonly related?: readonly string[];
}

/** A problem as every command prints it: what, where, why, and what to do. */
export function problemLines(block: ProblemBlock, style: Style): readonly string[] {
  const colour = block.severity === "error" ? "red" : "yellow";
  const head = `${paint(style, colour, `${block.severity}:`)} ${paint(style, "bold", block.summary)}`;
  return [
    ...wrapped(`${head} ${paint(style, "dim", `[${block.code}]`)}`, style.width, "  "),
    ...(block.place === undefined ? [] : wrapped(`  on ${block.place}`, style.width, "    ")),
    ...(block.excerpt ?? []),
    ...(block.detail ?? []).flatMap((text) => wrapped(`  ${text}`, style.width, "  ")),
    ...(block.related ?? []).flatMap((text) => wrapped(`  also: ${text}`, style.width, "        ")),
    ...(block.fix === undefined
      ? []
      : wrapped(`  ${paint(style, "cyan", "fix:")} ${block.fix}`, style.width, "       ")),
  ];
}
