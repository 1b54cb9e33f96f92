import { parseAlgorithmPattern, type AlgorithmPattern } from "../core/algorithm-pattern.ts";
import type { AttributePath } from "../core/attribute-path.ts";
import type { Declaration } from "./declaration.generated.ts";
import { explainSchemaErrors, schemaErrorPath } from "./explain.ts";
import { AT_VALUE, type Mark, type Problem, type Problems, type RelatedProblem, type Wording } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";
import { pathKey, type Substitution } from "./substitute.ts";
import { findSchemaErrors, type SchemaError, type SchemaFindings } from "./validate-manifest.generated.ts";

/** What is left of a declaration once its ill-shaped parts are blanked, so that one mistake does not hide the others. */
export type Sound<T> = T extends readonly (infer Entry)[]
  ? readonly (Sound<Entry> | undefined)[]
  : T extends object
    ? { readonly [Field in keyof T]?: Sound<T[Field]> | undefined }
    : T;

/** One file of the declaration whose shape has been checked. */
export interface DeclarationFile {
  readonly file: SourceFile;
  readonly declaration: Sound<Declaration>;
  /** What stands where a variable was replaced. */
  readonly written: ReadonlyMap<string, string>;
  readonly readAlgorithm: AlgorithmReader;
}

/** Reads algorithm patterns, each text once: the same ones stand in many keys, and are both checked and linted. */
export type AlgorithmReader = (text: string) => AlgorithmPattern | undefined;

/** Makes an {@link AlgorithmReader} that remembers what it has read. */
export function createAlgorithmReader(): AlgorithmReader {
  const known = new Map<string, AlgorithmPattern | undefined>();
  return (text) => {
    const pattern = known.get(text);
    if (pattern !== undefined || known.has(text)) return pattern;
    const read = parseAlgorithmPattern(text);
    known.set(text, read);
    return read;
  };
}

/** Checks a value against the schema; undefined if it is no declaration at all, or holds more mistakes than can be blanked. */
export function declarationFile(
  file: SourceFile,
  { value, written, problems: unset }: Substitution,
  readAlgorithm: AlgorithmReader,
  problems: Problems,
): DeclarationFile | undefined {
  const findings = findSchemaErrors(value);
  const told = findings === undefined ? unset : [...unset, ...explainSchemaErrors(file, value, findings, written)];
  const judged = findings === undefined || canBlank(findings);
  for (const [index, problem] of told.entries()) {
    problems.push(judged || index < told.length - 1 ? problem : { ...problem, detail: withNote(problem.detail) });
  }
  if (!judged) return undefined;
  const errors = findings?.errors ?? [];
  if (errors.some(({ instancePath, keyword }) => instancePath === "" && keyword === "type")) return undefined;
  for (const error of errors) blank(value, error);
  // The schema has just been held against it, and what did not fit is blanked.
  return { file, declaration: value as Sound<Declaration>, written, readAlgorithm };
}

/** True if every finding is there; an unknown field alone does no harm. */
function canBlank({ errors, counts }: SchemaFindings): boolean {
  let needed = 0;
  for (const [keyword, count] of counts) if (keyword !== "additionalProperties") needed += count;
  for (const { keyword } of errors) if (keyword !== "additionalProperties") needed--;
  return needed === 0;
}

function withNote(detail: string | undefined): string {
  const note = "With so many, what the other values mean has not been checked.";
  return detail === undefined ? note : `${detail} ${note}`;
}

/** A blanked part is there but undefined: it is wrong, not missing. */
function blank(root: unknown, error: SchemaError): void {
  if (error.keyword === "additionalProperties") return;
  const path = schemaErrorPath(root, error);
  // An entry of a list that lacks a field is blanked whole; a missing field of the file itself stays missing.
  const steps = error.keyword === "required" ? path.slice(0, -1) : path;
  const last = steps.at(-1);
  let node = root;
  for (const step of steps.slice(0, -1)) node = inside(node, step);
  if (last !== undefined && typeof node === "object" && node !== null) Reflect.set(node, last, undefined);
}

function inside(node: unknown, step: string | number): unknown {
  return typeof node === "object" && node !== null ? (node as Record<string | number, unknown>)[step] : undefined;
}

/** What is said of a problem beside its wording. */
interface Circumstances {
  readonly severity?: Problem["severity"];
  readonly mark?: Mark;
  readonly related?: readonly RelatedProblem[];
}

/** A problem in a file of the declaration. */
export function problemIn(
  { file }: DeclarationFile,
  path: AttributePath,
  wording: Wording,
  { severity = "error", mark = AT_VALUE, related }: Circumstances = {},
): Problem {
  return { file, severity, path, mark, related, ...wording };
}

/** A text as the author wrote it: a reference rather than what it stands for, which may be a secret. */
export function asWritten({ written }: DeclarationFile, path: AttributePath, text: string): string {
  return written.size === 0 ? text : (written.get(pathKey(path)) ?? text);
}
