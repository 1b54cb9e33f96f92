import { createHash } from "node:crypto";
import { canonicalJson } from "../core/canonical.ts";
import { hasErrors, type Diagnostic, type Result } from "../core/diagnostic.ts";
import type { Manifest } from "../core/manifest.ts";
import { createAlgorithmReader, declarationFile } from "./declaration-file.ts";
import { createPlacer } from "./place.ts";
import { plainValue } from "./plain-value.ts";
import { createProblems } from "./problem.ts";
import { resolveFiles } from "./resolve.ts";

/**
 * Checks a declaration that is a value already, such as Terraform's configuration: the same rules, words and warnings as
 * for files, without places in a file. Texts are taken as they are: nothing in them is a variable.
 */
export function checkDeclaration(declaration: unknown): Result<Manifest> {
  const file = { filename: "", folder: "", content: undefined };
  const problems = createProblems();
  const plain = plainValue(file, declaration);
  for (const problem of plain.problems) problems.push(problem);
  const checked = declarationFile(
    file,
    { value: plain.value, written: new Map(), problems: [] },
    createAlgorithmReader(),
    problems,
  );
  const resolution = resolveFiles(checked === undefined ? [] : [checked], checked !== undefined, problems);
  const diagnostics: readonly Diagnostic[] = problems.count > 0 ? createPlacer().diagnostics(problems.list()) : [];
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const digest = `sha256:${createHash("sha256").update(canonicalJson(plain.value)).digest("hex")}`;
  return { ok: true, value: { ...resolution, source: { files: [], digest } }, diagnostics };
}
