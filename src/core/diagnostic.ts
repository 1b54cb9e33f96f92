import type { AttributePath } from "./attribute-path.ts";

/** How bad it is. An error stops the run before anything is written; a warning never does. */
export type Severity = "error" | "warning";

/** A point in a file. Lines and columns count from 1, columns in UTF-16 units as editors do; `byte` counts from 0. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly byte: number;
}

/** A stretch of a file. The shape is Terraform's diagnostic range, so that tools that read one read the other. */
export interface SourceRange {
  readonly filename: string;
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

/** The source lines that a range touches, for the caret excerpt; carried along because the file may be standard input. */
export interface Snippet {
  /** The first line that the range touches, without its line break. */
  readonly line: string;
}

/** Another place that matters to the same problem, such as the first of two keys of one name. */
export interface RelatedPlace {
  readonly message: string;
  readonly range: SourceRange;
}

/**
 * One problem with what the author wrote: a value that is collected, never thrown, so that one pass names them all.
 * Texts are plain; whoever prints them passes names and values through `printable`.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  /** One line: what is wrong. */
  readonly summary: string;
  /** Why it is wrong, when the summary alone does not say. */
  readonly detail?: string;
  /** What to do about it. */
  readonly fix?: string;
  readonly path?: AttributePath;
  readonly range?: SourceRange;
  readonly snippet?: Snippet;
  readonly related?: readonly RelatedPlace[];
}

/** Every code a diagnostic can bear; stable, documented in `src/README.md`, checked by a test. */
export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** The list behind {@link DiagnosticCode}. */
export const DIAGNOSTIC_CODES = [
  // reading
  "file-not-found",
  "file-unreadable",
  "no-declaration",
  "unsupported-file",
  "module-failed",
  "too-large",
  "too-deep",
  "too-many-nodes",
  "not-utf8",
  "yaml-syntax",
  "yaml-feature",
  "duplicate-field",
  // shape
  "wrong-type",
  "unknown-field",
  "missing-field",
  "invalid-value",
  "unsupported-version",
  // variables
  "unset-variable",
  "bad-reference",
  "terraform-only",
  // meaning
  "invalid-name",
  "duplicate-key",
  "invalid-algorithm",
  "invalid-referrer",
  "invalid-origins",
  "invalid-expiry",
  "invalid-rotation",
  "invalid-rename",
  "invalid-delivery",
  "conflicting-files",
  // lint
  "covered-algorithm",
  "covered-referrer",
  "duplicate-entry",
  "wildcard-in-browser",
  "open-browser",
  "native-with-referrers",
  "past-expiry",
] as const;

/** What a step yields: a value where there is one, and everything there is to say about the input. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** True if any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
