import type { Diagnostic } from "../core/diagnostic.ts";
import { diagnosticCounts, diagnosticLines } from "./diagnostics-text.ts";
import { codeBlock } from "./markdown.ts";
import { joined } from "./shown.ts";
import type { Style } from "./style.ts";

const LIMIT = 60_000;
const STYLE: Style = { color: false, unicode: true, width: 120 };

/** Diagnostics as a comment on a pull request: counts first, then the blocks in code, at most 60,000 characters. */
export function diagnosticsMarkdown(diagnostics: readonly Diagnostic[]): string {
  const marker = "<!-- algokeys validate -->";
  if (diagnostics.length === 0) return joined([marker, "", "**The declaration is valid.**"]);
  const lines = diagnostics.flatMap((diagnostic, index) =>
    index === 0 ? diagnosticLines(diagnostic, STYLE) : ["", ...diagnosticLines(diagnostic, STYLE)],
  );
  const block = codeBlock(lines, "line", LIMIT - 200);
  return joined([marker, "", `**${diagnosticCounts(diagnostics)}**`, "", ...block.split("\n")]);
}
