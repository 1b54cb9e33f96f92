import { formatPath } from "../core/attribute-path.ts";
import type { Diagnostic, SourceRange } from "../core/diagnostic.ts";
import { problemLines } from "./problem-block.ts";
import { joined, plural, shown } from "./shown.ts";
import { sourceExcerpt } from "./source-excerpt.ts";
import { paint, type Style } from "./style.ts";

/** Diagnostics for people: a block each, in the order given, then how many there are. Empty if there is none. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], style: Style): string {
  if (diagnostics.length === 0) return "";
  const blocks = diagnostics.flatMap((diagnostic) => [...diagnosticLines(diagnostic, style), ""]);
  return joined([...blocks, paint(style, "bold", diagnosticCounts(diagnostics))], style);
}

/** `3 errors, 1 warning` */
export function diagnosticCounts(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [errors > 0 ? plural(errors, "error") : "", warnings > 0 ? plural(warnings, "warning") : ""];
  return parts.filter((part) => part !== "").join(", ");
}

/** The lines of one diagnostic. */
export function diagnosticLines(diagnostic: Diagnostic, style: Style): readonly string[] {
  const { severity, code, range, snippet, detail, fix, related = [] } = diagnostic;
  return problemLines(
    {
      severity,
      code,
      summary: shown(diagnostic.summary),
      place: placeText(diagnostic),
      excerpt: range && snippet ? sourceExcerpt(range, snippet.line, style) : [],
      detail: detail === undefined ? [] : detail.split("\n").map(shown),
      fix: fix === undefined ? undefined : shown(fix),
      related: related.map((place) => `${rangeText(place.range)}: ${shown(place.message)}`),
    },
    style,
  );
}

function placeText({ range, path }: Diagnostic): string | undefined {
  const parts = [
    range && rangeText(range),
    path && path.length > 0 ? shown(formatPath(path.map(shortened))) : undefined,
  ];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(", ");
}

/** A name in a path is the author's, and can be megabytes long. */
function shortened(step: string | number): string | number {
  return typeof step === "string" && step.length > MAX_STEP ? `${step.slice(0, MAX_STEP)}...` : step;
}

const MAX_STEP = 80;

function rangeText({ filename, start }: SourceRange): string {
  const name = filename === "-" ? "standard input" : shown(filename);
  return `${name}:${String(start.line)}:${String(start.column)}`;
}
