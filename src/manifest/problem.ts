import type { AttributePath } from "../core/attribute-path.ts";
import type { DiagnosticCode, Severity } from "../core/diagnostic.ts";
import { MAX_ALIKE } from "./limits.ts";
import type { SourceFile } from "./source-file.ts";
import type { YamlEntry } from "./yaml-tree.ts";

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
  /** The field that the path leads through, where a later field of the same name hides it. */
  readonly hidden?: HiddenField | undefined;
  /** How many more of its kind the file has that are not told one by one. */
  readonly more?: number | undefined;
}

/** A field that a later one of the same name hides: the first `depth` steps of a path lead to it. */
export interface HiddenField {
  readonly depth: number;
  readonly entry: YamlEntry;
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
  readonly hidden?: HiddenField | undefined;
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

/** Collects problems. Of many alike in one file only the first {@link MAX_ALIKE} are kept, and the others counted. */
export interface Problems {
  push(problem: Problem): void;
  /** How many there are, those that are only counted too. */
  readonly count: number;
  /** True if another one of that kind would only be counted. */
  isFull(file: SourceFile, code: DiagnosticCode): boolean;
  /** Like `push`, without finding words for what is only counted; `make` makes a problem of that file and code. */
  add(file: SourceFile, code: DiagnosticCode, make: () => Problem): void;
  /** Those that are kept; the last of a kind bears how many more there are. */
  list(): Problem[];
}

/** Makes an empty collection. */
export function createProblems(problems: readonly Problem[] = []): Problems {
  const kept: Problem[] = [];
  const files = new Map<SourceFile, Map<DiagnosticCode, Kind>>();
  let count = 0;

  function kindOf(file: SourceFile, code: DiagnosticCode): Kind {
    const known = files.get(file)?.get(code);
    if (known !== undefined) return known;
    const kind = { kept: 0, last: 0, more: 0 };
    files.set(file, (files.get(file) ?? new Map<DiagnosticCode, Kind>()).set(code, kind));
    return kind;
  }

  const collection: Problems = {
    get count() {
      return count;
    },
    isFull: (file, code) => kindOf(file, code).kept >= MAX_ALIKE,
    add(file, code, make) {
      const kind = kindOf(file, code);
      if (kind.kept < MAX_ALIKE) {
        collection.push(make());
        return;
      }
      kind.more++;
      count++;
    },
    push(problem) {
      const more = problem.more ?? 0;
      const kind = kindOf(problem.file, problem.code);
      count += 1 + more;
      kind.more += more;
      if (kind.kept >= MAX_ALIKE) {
        kind.more++;
        return;
      }
      kind.kept++;
      kind.last = kept.length;
      kept.push(problem);
    },
    list() {
      const told = kept.map((problem) => (problem.more === undefined ? problem : { ...problem, more: undefined }));
      for (const { last, more } of [...files.values()].flatMap((kinds) => [...kinds.values()])) {
        const problem = told[last];
        if (problem !== undefined && more > 0) told[last] = { ...problem, more };
      }
      return told;
    },
  };
  for (const problem of problems) collection.push(problem);
  return collection;
}

/** One kind of problem in one file. */
interface Kind {
  kept: number;
  /** The place of the last one that is kept. */
  last: number;
  more: number;
}
