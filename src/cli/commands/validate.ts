import { diagnosticsJson } from "../../report/diagnostics-json.ts";
import { diagnosticsMarkdown } from "../../report/diagnostics-markdown.ts";
import { diagnosticsText } from "../../report/diagnostics-text.ts";
import type { Context } from "../context.ts";
import { loadDeclaration, type DeclarationInput } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatOf, type FormatOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { sentence } from "../../report/shown.ts";

/** `algokeys validate`: checks a declaration; touches no platform and needs no credential. */
export async function validate(input: DeclarationInput & FormatOptions, context: Context): Promise<ExitCode> {
  const result = await loadDeclaration(input, context);
  const format = formatOf(input);
  if (format === "json") context.stdout.write(diagnosticsJson(result.diagnostics));
  else if (format === "markdown") context.stdout.write(diagnosticsMarkdown(result.diagnostics));
  else {
    if (result.diagnostics.length > 0) {
      context.stderr.write(diagnosticsText(result.diagnostics, styleFor(context.stderr, input, context)));
    }
    if (result.ok) {
      const { keys, account, project, source } = result.value;
      const count = keys.length === 1 ? "1 key" : `${keys.length} keys`;
      context.stdout.write(
        sentence`Valid: ${count} of project ${project}, account ${account} (${source.files.join(", ")}).\n`,
      );
    }
  }
  return result.ok ? EXIT.ok : EXIT.usage;
}
