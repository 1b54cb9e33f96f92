import type { AttributePath } from "../core/attribute-path.ts";
import type { YamlEntry, YamlPart, YamlTree } from "./yaml-tree.ts";

/** A field that is written twice in the map at the path, with the first of the two. */
export interface DuplicateEntry {
  readonly path: AttributePath;
  readonly first: YamlEntry;
  readonly again: YamlEntry;
}

/** A field whose name is no text, in the map at the path. */
export interface NamelessEntry {
  readonly path: AttributePath;
  readonly entry: YamlEntry;
}

/** A field of the map at the path that a later one of the same name hides from the document's value. */
export interface HiddenEntry {
  readonly path: AttributePath;
  readonly entry: YamlEntry;
  readonly value: unknown;
  /** The values that hold it, outermost first: the document's, one for each step of the path. */
  readonly holders: readonly unknown[];
}

/** The values of fields that later fields of the same name replaced, in order of writing. */
export type ReplacedValues = ReadonlyMap<unknown, ReadonlyMap<string, readonly unknown[]>>;

/** What {@link walkFieldFaults} tells of. The paths and holders are those of the walk: who keeps one copies it. */
export interface FieldFaultVisitor {
  duplicate(entry: DuplicateEntry): void;
  nameless(entry: NamelessEntry): void;
  hidden(entry: HiddenEntry): void;
}

/**
 * Tells of every duplicate and nameless field of a document, in order of writing, and of every field that a duplicate
 * hides. Aliased parts are looked at once. `value` is the document's, undefined if there is none.
 */
export function walkFieldFaults(
  tree: YamlTree,
  value: unknown,
  replaced: ReplacedValues,
  visitor: FieldFaultVisitor,
): void {
  const seen = new Set<YamlPart>();
  const path: (string | number)[] = [];
  const holders: unknown[] = [];

  function walk(part: YamlPart, found: unknown): void {
    const kind = tree.kind(part);
    if (kind === "scalar" || seen.has(part)) return;
    seen.add(part);
    holders.push(found);
    if (kind === "map") walkMap(tree.entries(part), found);
    else for (const [index, item] of tree.items(part).entries()) step(index, item, valueAt(found, index));
    holders.pop();
  }

  function step(name: string | number, part: YamlPart, found: unknown): void {
    path.push(name);
    walk(part, found);
    path.pop();
  }

  function walkMap(entries: readonly YamlEntry[], found: unknown): void {
    const names = new Map<string, YamlEntry>();
    const lost = replaced.get(found);
    const counts = lost && new Map<string, number>();
    for (const entry of entries) {
      const { text } = entry;
      const first = names.get(text);
      if (first === undefined) names.set(text, entry);
      const earlier = lost?.get(text);
      const count = counts?.get(text) ?? 0;
      if (earlier !== undefined) counts?.set(text, count + 1);
      if (!entry.isText) {
        visitor.nameless({ path, entry });
        continue;
      }
      if (first !== undefined) visitor.duplicate({ path, first, again: entry });
      const isHidden = earlier !== undefined && count < earlier.length;
      const inner = isHidden ? earlier[count] : valueAt(found, text);
      if (isHidden) visitor.hidden({ path, entry, value: inner, holders });
      step(text, entry.value, inner);
    }
  }

  walk(tree.root, value);
}

function valueAt(holder: unknown, step: string | number): unknown {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, step)) return undefined;
  return (holder as Readonly<Record<string | number, unknown>>)[step];
}
