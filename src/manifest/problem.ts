import type { AttributePath } from "../core/attribute-path.ts";
import type { DiagnosticCode, Severity } from "../core/diagnostic.ts";
import type { SourceFile } from "./source-file.ts";

/**
 * A diagnostic before its place in the text is known. Positions cost a second reading of the file's events, so they are
 * looked up only when there is something to say.
 */
export interface Problem {
  readonly file: SourceFile;
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
  /** What it is about, from the root of the file. */
  readonly path: AttributePath;
  readonly mark: Mark;
  readonly related?: readonly RelatedProblem[] | undefined;
}

/** Which characters a problem is about. */
export type Mark =
  /** The value at the path. */
  | { readonly type: "value" }
  /** The name of the field at the path: for what is wrong with the field as a whole, or with what it lacks. */
  | { readonly type: "name" }
  /** A stretch of the value at the path, if the file writes it literally; `occurrence` counts from 0. */
  | { readonly type: "within"; readonly text: string; readonly occurrence: number }
  /** Characters of the text, where no path leads there; no `end` is one character. */
  | { readonly type: "offset"; readonly start: number; readonly end: number | undefined }
  /** The beginning of the file. */
  | { readonly type: "start" };

/** Another place that matters to the same problem. */
export interface RelatedProblem {
  readonly message: string;
  readonly file: SourceFile;
  readonly path: AttributePath;
  readonly mark: Mark;
}

/** What a problem says, beside where it is. */
export interface Wording {
  readonly code: DiagnosticCode;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

/** The marks that need no detail. */
export const AT_VALUE: Mark = { type: "value" };
export const AT_NAME: Mark = { type: "name" };
