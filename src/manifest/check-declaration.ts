import { createHash } from "node:crypto";
import { canonicalJson } from "../core/canonical.ts";
import { hasErrors, type Diagnostic, type Result } from "../core/diagnostic.ts";
import type { Manifest } from "../core/manifest.ts";
import { createAlgorithmReader, declarationFile, type AlgorithmReader } from "./declaration-file.ts";
import { createPlacer } from "./place.ts";
import { plainValue } from "./plain-value.ts";
import { createProblems, type Problem } from "./problem.ts";
import { resolveFiles, type Resolution } from "./resolve.ts";

/**
 * Checks a declaration that is a value already, such as Terraform's configuration: the same rules, words and warnings as
 * for files, without places in a file. Texts are taken as they are: nothing in them is a variable.
 */
export function checkDeclaration(declaration: unknown): Result<Manifest> {
  const { value, problems } = plainValue(NO_FILE, declaration);
  const { resolution, diagnostics } = check(value, problems, createAlgorithmReader());
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  return { ok: true, value: { ...resolution, source: sourceOf(value) }, diagnostics };
}

/** Most that is checked is never planned, so the digest is made only for whoever asks. */
function sourceOf(declaration: unknown): Manifest["source"] {
  return {
    files: [],
    get digest() {
      return `sha256:${createHash("sha256").update(canonicalJson(declaration)).digest("hex")}`;
    },
  };
}

/**
 * What there is to say of such a declaration, which is plain data of the caller's own making: what does not fit is blanked in
 * it. `readAlgorithm` may remember what it has read, over many of them.
 */
export function declarationFindings(plain: object, readAlgorithm: AlgorithmReader): readonly Diagnostic[] {
  return check(plain, [], readAlgorithm).diagnostics;
}

const NO_FILE = { filename: "", folder: "", content: undefined };

function check(
  value: unknown,
  found: readonly Problem[],
  readAlgorithm: AlgorithmReader,
): { readonly resolution: Resolution; readonly diagnostics: readonly Diagnostic[] } {
  const problems = createProblems(found);
  const substitution = { value, written: new Map<string, string>(), problems: [] };
  const checked = declarationFile(NO_FILE, substitution, readAlgorithm, problems);
  const resolution = resolveFiles(checked === undefined ? [] : [checked], checked !== undefined, problems);
  const diagnostics = problems.count > 0 ? createPlacer().diagnostics(problems.list()) : [];
  return { resolution, diagnostics };
}
