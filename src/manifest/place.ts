import type { AttributePath } from "../core/attribute-path.ts";
import type { Diagnostic, SourceRange } from "../core/diagnostic.ts";
import { MAX_ALIKE } from "./limits.ts";
import { createLineTable, type LineTable } from "./line-table.ts";
import type { Mark, Problem } from "./problem.ts";
import { eventsOf } from "./read-yaml.ts";
import type { SourceFile } from "./source-file.ts";
import { yamlTree, type YamlEntry, type YamlNode } from "./yaml-tree.ts";

/** Finds the places of problems. Each file's events are read again, and only if it has a problem. */
export interface Placer {
  /** The diagnostics of problems, in the order of files, lines and columns; `excerpts` are the lines that they are on. */
  diagnostics(problems: readonly Problem[], excerpts?: "with-excerpts" | "without-excerpts"): Diagnostic[];
}

/** Stretches of text: from the first character to before the last. */
type Stretch = readonly [start: number, end: number];

/** Makes a {@link Placer}, which remembers what it has looked up; `trees` are those that are there already. */
export function createPlacer(trees: ReadonlyMap<SourceFile, YamlNode> = new Map()): Placer {
  const tables = new Map<SourceFile, LineTable>();
  const roots = new Map<SourceFile, YamlNode | undefined>(trees);
  const fields = new Map<YamlNode, Map<string, YamlEntry>>();

  function rangeOf(
    file: SourceFile,
    path: AttributePath,
    mark: Mark,
  ): { range: SourceRange; line: string } | undefined {
    const { filename, content } = file;
    if (content === undefined) return undefined;
    const lines = kept(tables, file, () => createLineTable(content));
    const [start, end] = stretchOf(file, content.text, path, mark, lines);
    const range = { filename, start: lines.position(start), end: lines.position(end) };
    return { range, line: lines.lineAt(start) };
  }

  function stretchOf(file: SourceFile, text: string, path: AttributePath, mark: Mark, lines: LineTable): Stretch {
    if (mark.type === "start") return [0, 0];
    if (mark.type === "offset") {
      const start = Math.min(mark.start, text.length);
      return [start, mark.end ?? Math.min(start + 1, Math.max(start, lines.lineEnd(start)))];
    }
    const root = kept(roots, file, () => treeOf(text));
    if (root === undefined) return [0, 0];
    const found = nodeAt(root, path);
    const [start, end] =
      found.complete && mark.type !== "name" ? valueStretch(found.node, found.name) : nameStretch(found);
    if (mark.type !== "within") return [start, end];
    let inside = start - 1;
    for (let count = 0; count <= mark.occurrence; count++) {
      inside = text.indexOf(mark.text, inside + 1);
      if (inside < 0 || inside + mark.text.length > end) return [start, end];
    }
    return [inside, inside + mark.text.length];
  }

  function nodeAt(root: YamlNode, path: AttributePath): Found {
    let node = root;
    let name: YamlNode | undefined;
    for (const step of path) {
      let inner: YamlNode | undefined;
      if (node.type === "list" && typeof step === "number") inner = node.items[step];
      else if (node.type === "map") {
        const { entries } = node;
        const entry = kept(fields, node, () => new Map(entries.map((each) => [each.name.text, each]))).get(
          String(step),
        );
        inner = entry?.value;
        if (entry !== undefined) name = entry.key;
      }
      if (inner === undefined) return { node, name, complete: false };
      if (node.type === "list" && firstWritten(inner) !== undefined) name = undefined;
      node = inner;
    }
    return { node, name, complete: true };
  }

  return {
    diagnostics(problems, excerpts = "with-excerpts") {
      const placed = toldOf(problems).map((problem) => {
        const place = rangeOf(problem.file, problem.path, problem.mark);
        return { filename: problem.file.filename, byte: place?.range.start.byte ?? 0, problem, place };
      });
      placed.sort((left, right) => compare(left.filename, right.filename) || left.byte - right.byte);
      // An alias puts one text into several values: a mistake in it is told once.
      const told = new Set<string>();
      const once = placed.filter(({ problem, place, byte }) => {
        const finding = [problem.file.filename, byte, problem.code, problem.summary].join("\0");
        const first = !told.has(finding);
        told.add(finding);
        return first || place === undefined;
      });
      return once.map(({ problem, place }) => diagnosticOf(problem, place, excerpts === "with-excerpts"));
    },
  };

  function diagnosticOf(problem: Problem, place: ReturnType<typeof rangeOf>, excerpt: boolean): Diagnostic {
    const { file, severity, code, summary, detail, fix, path } = problem;
    const related = problem.related?.flatMap(({ message, ...other }) => {
      const range = rangeOf(other.file, other.path, other.mark)?.range;
      return range === undefined ? [] : [{ message, range }];
    });
    // A module has no places: the file must be named in words.
    const where = file.content === undefined ? [`It is in ${file.filename}.`] : [];
    const details = [...(detail === undefined ? [] : [detail]), ...where];
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

/** Of each kind of problem in a file the first ones, with a note how many more there are: nobody mends thousands by hand. */
function toldOf(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_ALIKE) return problems;
  const counts = new Map<string, number>();
  const kindOf = ({ file, code }: Problem): string => `${file.filename}\0${code}`;
  const told = problems.filter((problem) => {
    const count = (counts.get(kindOf(problem)) ?? 0) + 1;
    counts.set(kindOf(problem), count);
    return count <= MAX_ALIKE;
  });
  const places = new Map<string, number>();
  return told.map((problem) => {
    const kind = kindOf(problem);
    const place = (places.get(kind) ?? 0) + 1;
    places.set(kind, place);
    const more = (counts.get(kind) ?? 0) - MAX_ALIKE;
    if (place < MAX_ALIKE || more <= 0) return problem;
    const note = `The file has ${String(more)} more problems of this kind.`;
    return { ...problem, detail: problem.detail === undefined ? note : `${problem.detail} ${note}` };
  });
}

interface Found {
  /** The value at the path, or the innermost one on the way to it. */
  readonly node: YamlNode;
  /** The name of the field that it is the value of; undefined for a list's entry and for the root. */
  readonly name: YamlNode | undefined;
  readonly complete: boolean;
}

function treeOf(text: string): YamlNode | undefined {
  try {
    return yamlTree(eventsOf(text), text);
  } catch {
    return undefined; // a syntax error, which bears its own offset
  }
}

/** Block collections and block texts begin on the line below their name: the name is the better mark. */
function valueStretch(node: YamlNode, name: YamlNode | undefined): Stretch {
  const below = node.start < 0 || node.block;
  if (!below) return [node.start, node.end];
  return nameStretch({ node, name });
}

function nameStretch({ node, name }: Pick<Found, "node" | "name">): Stretch {
  const marked = name ?? firstWritten(node);
  return marked === undefined || marked.start < 0 ? [0, 0] : [marked.start, marked.end];
}

/** The first part of a value that is written out: its first field's name, its first entry, or itself. */
function firstWritten(node: YamlNode): YamlNode | undefined {
  if (!node.block) return node.start < 0 ? undefined : node;
  const first = node.type === "map" ? node.entries[0]?.key : node.type === "list" ? node.items[0] : undefined;
  return first === undefined ? node : firstWritten(first);
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
