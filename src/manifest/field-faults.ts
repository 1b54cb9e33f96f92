import type { AttributePath } from "../core/attribute-path.ts";
import type { YamlEntry, YamlNode } from "./yaml-tree.ts";

/** A field that is written twice in one map, with the first of the two. */
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

/** Every duplicate and nameless field of a document, in order of writing. Aliased parts are looked at once. */
export function fieldFaults(root: YamlNode): { duplicates: DuplicateEntry[]; nameless: NamelessEntry[] } {
  const duplicates: DuplicateEntry[] = [];
  const nameless: NamelessEntry[] = [];
  const seen = new Set<YamlNode>();
  function walk(node: YamlNode, path: AttributePath): void {
    if (node.type === "scalar" || seen.has(node)) return;
    seen.add(node);
    if (node.type === "list") {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
      return;
    }
    const names = new Map<string, YamlEntry>();
    for (const entry of node.entries) {
      if (!entry.name.isText) {
        nameless.push({ path, entry });
        continue;
      }
      const first = names.get(entry.name.text);
      if (first === undefined) names.set(entry.name.text, entry);
      else duplicates.push({ path: [...path, entry.name.text], first, again: entry });
      walk(entry.value, [...path, entry.name.text]);
    }
  }
  walk(root, []);
  return { duplicates, nameless };
}
