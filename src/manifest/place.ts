import type { AttributePath } from "../core/attribute-path.ts";
import type { Diagnostic, SourceRange } from "../core/diagnostic.ts";
import { createLineTable, type LineTable } from "./line-table.ts";
import { createProblems, type HiddenField, type Problem } from "./problem.ts";
import { eventsOf } from "./read-yaml.ts";
import type { SourceFile } from "./source-file.ts";
import { NOTHING, yamlTree, type YamlEntry, type YamlPart, type YamlPlace, type YamlTree } from "./yaml-tree.ts";

/** Finds the places of problems. Each file's events are read again, and only if it has a problem. */
export interface Placer {
  /** The diagnostics of problems, in the order of files, lines and columns; `excerpts` are the lines that they are on. */
  diagnostics(problems: readonly Problem[], excerpts?: "with-excerpts" | "without-excerpts"): Diagnostic[];
}

/** Stretches of text: from the first character to before the last. */
type Stretch = readonly [start: number, end: number];

/** Makes a {@link Placer}, which remembers what it has looked up; `trees` are those that are there already. */
export function createPlacer(trees: ReadonlyMap<SourceFile, YamlTree> = new Map()): Placer {
  const tables = new Map<SourceFile, LineTable>();
  const roots = new Map<SourceFile, YamlTree | undefined>(trees);
  const fields = new Map<YamlTree, Map<YamlPart, ReadonlyMap<string, YamlEntry>>>();
  const lists = new Map<YamlTree, Map<YamlPart, readonly YamlPart[]>>();

  function rangeOf({
    file,
    path,
    mark,
    hidden,
  }: Placed): { readonly range: SourceRange; readonly line: string } | undefined {
    const { filename, content } = file;
    if (content === undefined) return undefined;
    const lines = kept(tables, file, () => createLineTable(content));
    const [start, end] = stretchOf(file, content.text, { path, mark, hidden }, lines);
    const range = { filename, start: lines.position(start), end: lines.position(end) };
    return { range, line: lines.lineAt(start) };
  }

  function stretchOf(
    file: SourceFile,
    text: string,
    { path, mark, hidden }: Omit<Placed, "file">,
    lines: LineTable,
  ): Stretch {
    if (mark.type === "start") return [0, 0];
    if (mark.type === "offset") {
      const start = Math.min(mark.start, text.length);
      return [start, mark.end ?? Math.min(start + 1, Math.max(start, lines.lineEnd(start)))];
    }
    const tree = kept(roots, file, () => treeOf(text));
    if (tree === undefined) return [0, 0];
    const found = partAt(tree, path, hidden);
    const [start, end] = found.complete && mark.type !== "name" ? valueStretch(tree, found) : nameStretch(tree, found);
    if (mark.type !== "within") return [start, end];
    let inside = start - 1;
    for (let count = 0; count <= mark.occurrence; count++) {
      inside = text.indexOf(mark.text, inside + 1);
      if (inside < 0 || inside + mark.text.length > end) return [start, end];
    }
    return [inside, inside + mark.text.length];
  }

  function partAt(tree: YamlTree, path: AttributePath, hidden: HiddenField | undefined): Found {
    let part = hidden?.entry.value ?? tree.root;
    let name = hidden?.entry.key;
    for (const step of hidden === undefined ? path : path.slice(hidden.depth)) {
      const list = tree.kind(part) === "list";
      const entry = list ? undefined : fieldOf(tree, part, String(step));
      const inner = list && typeof step === "number" ? itemsOf(tree, part)[step] : entry?.value;
      if (entry !== undefined) name = entry.key;
      if (inner === undefined) return { part, name, complete: false };
      if (list && firstWritten(tree, inner) !== undefined) name = undefined;
      part = inner;
    }
    return { part, name, complete: true };
  }

  function fieldOf(tree: YamlTree, map: YamlPart, name: string): YamlEntry | undefined {
    const maps = kept(fields, tree, () => new Map<YamlPart, ReadonlyMap<string, YamlEntry>>());
    return kept(maps, map, () => new Map(tree.entries(map).map((entry) => [entry.text, entry]))).get(name);
  }

  function itemsOf(tree: YamlTree, list: YamlPart): readonly YamlPart[] {
    const known = kept(lists, tree, () => new Map<YamlPart, readonly YamlPart[]>());
    return kept(known, list, () => tree.items(list));
  }

  return {
    diagnostics(problems, excerpts = "with-excerpts") {
      const placed = createProblems(problems)
        .list()
        .map((problem) => {
          const place = rangeOf(problem);
          return { filename: problem.file.filename, byte: place?.range.start.byte ?? 0, problem, place };
        });
      placed.sort((left, right) => compare(left.filename, right.filename) || left.byte - right.byte);
      // An alias puts one text into several values: a mistake in it is told once, with what the others count.
      const told = new Map<string, number>();
      const once: { problem: Problem; readonly place: ReturnType<typeof rangeOf> }[] = [];
      for (const { problem, place, byte } of placed) {
        const finding = [problem.file.filename, byte, problem.code, problem.summary].join("\0");
        const first = place === undefined ? undefined : once[told.get(finding) ?? -1];
        if (first !== undefined) {
          if (problem.more !== undefined) first.problem = { ...first.problem, more: problem.more };
          continue;
        }
        told.set(finding, once.length);
        once.push({ problem, place });
      }
      return once.map(({ problem, place }) => diagnosticOf(problem, place, excerpts === "with-excerpts"));
    },
  };

  function diagnosticOf(problem: Problem, place: ReturnType<typeof rangeOf>, excerpt: boolean): Diagnostic {
    const { file, severity, code, summary, detail, fix, path, more } = problem;
    const related = problem.related?.flatMap(({ message, ...other }) => {
      const range = rangeOf(other)?.range;
      return range === undefined ? [] : [{ message, range }];
    });
    const details = [
      ...(detail === undefined ? [] : [detail]),
      // A module has no places: the file must be named in words. A value that is in no file has no name.
      ...(file.content === undefined && file.filename !== "" ? [`It is in ${file.filename}.`] : []),
      ...(more === undefined
        ? []
        : [`The file has ${String(more)} more problem${more === 1 ? "" : "s"} of this kind.`]),
    ];
    return {
      ...{ severity, code, summary },
      ...(details.length > 0 && { detail: details.join(" ") }),
      ...(fix !== undefined && { fix }),
      ...(path.length > 0 && { path }),
      ...(place && { range: place.range }),
      ...(place && excerpt && { snippet: { line: place.line } }),
      ...(related !== undefined && related.length > 0 && { related }),
    };
  }
}

/** What has a place: a problem, or what is related to one. */
type Placed = Pick<Problem, "file" | "path" | "mark" | "hidden">;

interface Found {
  /** The part at the path, or the innermost one on the way to it. */
  readonly part: YamlPart;
  /** The name of the field that it is the value of; undefined for a list's entry and for the root. */
  readonly name: YamlPart | undefined;
  readonly complete: boolean;
}

function treeOf(text: string): YamlTree | undefined {
  try {
    return yamlTree(eventsOf(text), text);
  } catch {
    return undefined; // a syntax error, which bears its own offset
  }
}

/** Block collections and block texts begin on the line below their name: the name is the better mark. */
function valueStretch(tree: YamlTree, found: Found): Stretch {
  const place = tree.place(found.part);
  return isBelow(place) ? nameStretch(tree, found) : [place.start, place.end];
}

function nameStretch(tree: YamlTree, { part, name }: Found): Stretch {
  const { start, end } = tree.place(name ?? firstWritten(tree, part) ?? NOTHING);
  return start < 0 ? [0, 0] : [start, end];
}

/** The first part of a value that is written out: its first field's name, its first entry, or itself. */
function firstWritten(tree: YamlTree, part: YamlPart): YamlPart | undefined {
  const place = tree.place(part);
  if (!isBelow(place)) return part;
  if (place.start < 0) return undefined;
  const first = tree.first(part);
  return first === undefined ? part : firstWritten(tree, first);
}

function isBelow({ start, block }: YamlPlace): boolean {
  return start < 0 || block;
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function kept<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined || map.has(key)) return known as Value;
  const made = make();
  map.set(key, made);
  return made;
}
