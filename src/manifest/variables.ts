import type { Result } from "../core/diagnostic.ts";
import { shownValue, suggestQuotes } from "./explain-value.ts";
import { createPlacer } from "./place.ts";
import { AT_NAME, AT_VALUE, type Problem } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import type { SourceFile } from "./source-file.ts";

/** The form of a variable's name. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Reads a file of variables: a YAML or JSON map of names to texts. Values are never part of a message. */
export function readVarFile(text: string, filename: string): Result<Record<string, string>> {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const bytes = Buffer.byteLength(body);
  const file = { filename, folder: "", content: { text: body, bytes, bom: text.length === body.length ? 0 : 3 } };
  const { value, problems } = readYaml(file, file.content);
  const found = [...problems, ...(problems.length > 0 && value === undefined ? [] : faults(file, value))];
  // Variables are often secrets, so no line of the file is shown.
  const diagnostics = createPlacer().diagnostics(found, "without-excerpts");
  return found.length === 0 ? { ok: true, value: variablesOf(value), diagnostics } : { ok: false, diagnostics };
}

function faults(file: SourceFile, value: unknown): Problem[] {
  const error = { file, severity: "error" } as const;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const summary = `a file of variables is a map of names to texts, not ${Array.isArray(value) ? "a list" : "this"}`;
    return [
      {
        ...error,
        code: "wrong-type",
        summary,
        fix: "Write one `name: value` on each line.",
        path: [],
        mark: { type: "start" },
      },
    ];
  }
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): Problem[] => {
    if (!VARIABLE_NAME.test(name)) {
      const fix = "Use letters, digits, `_`, `.` and `-`; begin with a letter or `_`.";
      return [
        {
          ...error,
          code: "invalid-name",
          summary: `${shownValue(name)} cannot name a variable`,
          fix,
          path: [name],
          mark: AT_NAME,
        },
      ];
    }
    if (typeof inner === "string") return [];
    const kind = typeof inner === "object" ? shownValue(inner) : `a ${typeof inner}`;
    const summary = `the variable \`${name}\` must be text, not ${kind}`;
    return [{ ...error, code: "wrong-type", summary, ...suggestQuotes(undefined), path: [name], mark: AT_VALUE }];
  });
}

/** The caller has found no fault, so every value is text. */
function variablesOf(value: unknown): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, value);
}
