import { formatPath } from "../core/attribute-path.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { nameKey } from "../core/key-name.ts";
import { loadText } from "../manifest/load.ts";
import type { KeyFindings } from "./check-key.ts";
import { isKnownLater } from "./literal.ts";

/** Whose keys a construct says that a declaration's are; it must agree, as far as both are known. */
export interface StatedOwner {
  readonly account?: string | undefined;
  readonly project?: string | undefined;
}

/** What is wrong with a declaration in YAML that a construct holds as a text. */
export function checkManifestText(
  text: string,
  variables: Readonly<Record<string, string>>,
  stated: StatedOwner,
): KeyFindings {
  const read = loadText(text, { env: {}, vars: variables });
  const { errors, warnings } = manifestFindings(read.diagnostics);
  return { errors: read.ok ? [...errors, ...disagreements(read.value, stated)] : errors, warnings };
}

/** What a construct or its provider states otherwise than the declaration. */
export function disagreements(
  declared: Readonly<Record<keyof StatedOwner, string>>,
  stated: StatedOwner,
): readonly string[] {
  return (["account", "project"] as const).flatMap((field) => {
    const text = stated[field];
    if (text === undefined || isKnownLater(text) || nameKey(text) === nameKey(declared[field])) return [];
    return [
      `${field}: ${JSON.stringify(text)} is stated here, and ${JSON.stringify(declared[field])} in the declaration. Make them agree.`,
    ];
  });
}

/** Diagnostics of a declaration as texts, each with its place in front. */
export function manifestFindings(diagnostics: readonly Diagnostic[]): KeyFindings {
  const told = (severity: Diagnostic["severity"]): readonly string[] =>
    diagnostics.filter((found) => found.severity === severity).map(findingText);
  return { errors: told("error"), warnings: told("warning") };
}

function findingText({ path = [], range, code, summary, detail, fix: said }: Diagnostic): string {
  const fix = code === "unset-variable" ? "Give it a value in `variables`, or in `environment` for `env.`." : said;
  const file = range === undefined || range.filename === "-" ? "manifest" : range.filename;
  const place = range === undefined ? [] : [`${file}:${String(range.start.line)}:${String(range.start.column)}`];
  const field = path.length === 0 ? [] : [formatPath(path)];
  const sentences = [`${summary}.`, detail, fix].filter((part) => part !== undefined);
  return `${[...place, ...field].join(", ")}${place.length + field.length === 0 ? "" : ": "}${sentences.join(" ")}`;
}
