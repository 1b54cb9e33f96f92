import { formatPath } from "../core/attribute-path.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { loadText } from "../manifest/load.ts";
import type { KeyFindings } from "./check-key.ts";

/** What is wrong with a declaration in YAML that a construct holds as a text. */
export function checkManifestText(text: string, variables: Readonly<Record<string, string>>): KeyFindings {
  return manifestFindings(loadText(text, { env: {}, vars: variables }).diagnostics);
}

/** Diagnostics of a declaration as texts, each with its place in front. */
export function manifestFindings(diagnostics: readonly Diagnostic[]): KeyFindings {
  const told = (severity: Diagnostic["severity"]): readonly string[] =>
    diagnostics.filter((found) => found.severity === severity).map(findingText);
  return { errors: told("error"), warnings: told("warning") };
}

function findingText({ path = [], range, summary, detail, fix }: Diagnostic): string {
  const file = range === undefined || range.filename === "-" ? "manifest" : range.filename;
  const place = range === undefined ? [] : [`${file}:${String(range.start.line)}:${String(range.start.column)}`];
  const field = path.length === 0 ? [] : [formatPath(path)];
  const sentences = [`${summary}.`, detail, fix].filter((part) => part !== undefined);
  return `${[...place, ...field].join(", ")}${place.length + field.length === 0 ? "" : ": "}${sentences.join(" ")}`;
}
