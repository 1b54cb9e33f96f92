import type { AttributePath } from "../core/attribute-path.ts";
import { eventsOf } from "./read-yaml.ts";
import { flowText } from "./write-yaml.ts";
import { yamlTree, type YamlEntry, type YamlPart, type YamlTree } from "./yaml-tree.ts";

/** One value to write into a declaration; undefined takes the field away. */
export interface YamlEdit {
  /** Names of fields from the document's root, such as `keys`, `web`, `data`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The text with its edits, or why one of them cannot be made without touching what is not asked for, as a clause. */
export type Edited =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly path: AttributePath; readonly why: string };

/**
 * Writes values into YAML and leaves every other byte as it is: comments, order, quotes, blank lines, ends of lines. Only
 * text that the declaration's own reader took comes here, so the reader's bounds hold for it. The caller reads the result
 * again: what an anchor, a merge or a default makes of an edit elsewhere shows only there.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): Edited {
  let edited = text;
  for (const { path, value } of edits) {
    const next = value === undefined ? removed(edited, path) : written(edited, path, value);
    if (typeof next !== "string") return { ok: false, path, why: next.why };
    edited = next;
  }
  return { ok: true, text: edited };
}

/** The text with another name for the field at that path, and every other byte as it is. */
export function renameField(text: string, path: readonly string[], name: string): Edited {
  const tree = treeOf(text);
  const { entry, missing } = find(tree, path);
  const { start, end, block } = entry === undefined ? NO_PLACE : tree.place(entry.key);
  if (missing.length > 0 || start < 0 || block) return { ok: false, path, why: "its name is not written there" };
  return { ok: true, text: text.slice(0, start) + flowText(name) + text.slice(end) };
}

const NO_PLACE = { start: -1, end: -1, block: false };

/** True if the document has a value at that path. */
export function hasPath(text: string, path: readonly string[]): boolean {
  return find(treeOf(text), path).missing.length === 0;
}

interface Refused {
  readonly why: string;
}

interface Found {
  /** The innermost map on the way that is there. */
  readonly map: YamlPart;
  readonly entry: YamlEntry | undefined;
  /** The names of the path that are not there. */
  readonly missing: readonly string[];
}

function treeOf(text: string): YamlTree {
  return yamlTree(eventsOf(text), text);
}

function find(tree: YamlTree, path: readonly string[]): Found {
  let map = tree.root;
  let entry: YamlEntry | undefined;
  for (const [depth, name] of path.entries()) {
    const next = tree.entries(map).find(({ text }) => text === name);
    if (next === undefined) return { map, entry, missing: path.slice(depth) };
    entry = next;
    if (depth < path.length - 1) map = next.value;
  }
  return { map, entry, missing: [] };
}

function written(text: string, path: readonly string[], value: unknown): string | Refused {
  const tree = treeOf(text);
  const { map, entry, missing } = find(tree, path);
  if (missing.length === 0 && entry !== undefined) return replaced(text, tree, entry, value);
  const [name, ...inner] = missing;
  if (name === undefined) return { why: "it is not there" };
  const nested = inner.reduceRight<unknown>((within, step) => ({ [step]: within }), value);
  // Where the way ends in a value that is no map, such as an alias of a text, nothing can stand within it.
  return tree.kind(map) === "map" ? inserted(text, tree, map, name, nested) : { why: "what it stands in is no map" };
}

function replaced(text: string, tree: YamlTree, { key, value: part }: YamlEntry, value: unknown): string | Refused {
  const { start, end, block } = tree.place(part);
  if (start < 0) return { why: "nothing is written there" };
  if (start < tree.place(key).end) return { why: "it is an alias of what is written elsewhere" };
  const old = text.slice(start, end);
  if (/(?<!\$)\$\{/.test(old)) return { why: "it is written with a variable" };
  if (tree.kind(part) === "list" && Array.isArray(value) && block) return replacedItems(text, tree, part, key, value);
  if (block) return { why: "it is written as a block" };
  if (/(?:^|\s)#/.test(old) && tree.kind(part) !== "scalar") return { why: "a comment stands within it" };
  return text.slice(0, start) + flowText(value) + text.slice(end);
}

/**
 * Of a list with one entry a line, the lines of those that go are taken away with their comments, and lines for those that
 * come are added. What is left of a list without entries stands on its field's line.
 */
function replacedItems(
  text: string,
  tree: YamlTree,
  list: YamlPart,
  key: YamlPart,
  value: readonly unknown[],
): string | Refused {
  const items = tree.items(list).map((item) => ({ ...tree.place(item), item }));
  if (items.some(({ item, start, block }) => start < 0 || block || tree.kind(item) !== "scalar")) {
    return { why: "its entries are not one text a line" };
  }
  if (new Set(items.map(({ start }) => lineStart(text, start))).size < items.length)
    return { why: "several of its entries share a line" };
  const last = items.at(-1);
  if (last === undefined) return { why: "it has no entry" };
  const leads = items.map(({ start }) => text.slice(lineStart(text, start), start));
  if (!leads.every((lead) => /^\s*-\s+$/.test(lead))) return { why: "its entries do not stand on lines of their own" };
  const plain = items.map(({ start, end }) => unquoted(text.slice(start, end)));
  const comes = value.filter((entry) => !plain.includes(String(entry))).map(flowText);
  const added = comes.map((entry) => `${leads.at(-1) ?? ""}${entry}${newline(text)}`).join("");
  const after = lineEnd(text, last.end);
  let result = added === "" ? text : `${withNewline(text.slice(0, after), text)}${added}${text.slice(after)}`;
  for (const [index, { start, end }] of [...items.entries()].reverse()) {
    if (value.includes(plain[index])) continue;
    const above = lineEnd(text, items[index - 1]?.end ?? tree.place(key).end);
    const head = headStart(text, start, above);
    // Blank lines between entries go with the last of them, unless a comment that stands alone keeps them.
    const from = value.length === 0 && text.slice(above, head).trim() === "" ? above : head;
    result = result.slice(0, from) + result.slice(lineEnd(result, end));
  }
  return value.length === 0 ? emptied(result, tree.place(key).end) : result;
}

/** The field's name with a list of no entries behind it, before the comment on its line. */
function emptied(text: string, keyEnd: number): string {
  const colon = text.indexOf(":", keyEnd);
  const [properties = ""] = /^(?:[ \t]+[^\s#]\S*)*/.exec(text.slice(colon + 1, lineEnd(text, colon))) ?? [];
  const at = colon + 1 + properties.length;
  return `${text.slice(0, at)} []${text.slice(at)}`;
}

/** Where the lines of what begins at `start` do: comments directly above it are its own. They do not stand above `floor`. */
function headStart(text: string, start: number, floor: number): number {
  let head = lineStart(text, start);
  while (head > floor) {
    const above = lineStart(text, head - 1);
    if (above < floor || !/^[ \t]*#/.test(text.slice(above, head))) break;
    head = above;
  }
  return head;
}

function inserted(text: string, tree: YamlTree, map: YamlPart, name: string, value: unknown): string | Refused {
  const { start, end, block } = tree.place(map);
  const field = `${flowText(name)}: ${flowText(value)}`;
  const entries = tree.entries(map);
  const last = entries.at(-1);
  const first = entries[0];
  if (!block) {
    if (start < 0 || text[end - 1] !== "}") return { why: "what it stands in is not written as a map" };
    if (last === undefined) return `${text.slice(0, start)}{ ${field} }${text.slice(end)}`;
    const lastEnd = Math.max(tree.place(last.value).end, tree.place(last.key).end);
    return `${text.slice(0, lastEnd)}, ${field}${text.slice(lastEnd)}`;
  }
  if (first === undefined || last === undefined) return { why: "what it stands in is empty" };
  const column = tree.place(first.key).start - lineStart(text, tree.place(first.key).start);
  const lastEnd = Math.max(tree.place(last.value).end, tree.place(last.key).end);
  const at = text[lastEnd - 1] === "\n" ? lastEnd : lineEnd(text, lastEnd);
  return `${withNewline(text.slice(0, at), text)}${" ".repeat(column)}${field}${newline(text)}${text.slice(at)}`;
}

function removed(text: string, path: readonly string[]): string | Refused {
  const tree = treeOf(text);
  const { map, entry, missing } = find(tree, path);
  if (missing.length > 0 || entry === undefined) return { why: "it is written elsewhere, such as under `defaults`" };
  const siblings = tree.entries(map);
  if (siblings.length === 1) return removed(text, path.slice(0, -1));
  const { start } = tree.place(entry.key);
  const endOf = (one: YamlEntry): number => Math.max(tree.place(one.value).end, tree.place(one.key).end);
  const behind = (one: YamlEntry): number => (text[endOf(one) - 1] === "\n" ? endOf(one) : lineEnd(text, endOf(one)));
  const index = siblings.findIndex(({ key }) => key === entry.key);
  const [before, next] = [siblings[index - 1], siblings[index + 1]];
  if (tree.place(map).block) {
    const head = headStart(text, start, before === undefined ? 0 : behind(before));
    return text.slice(0, head) + text.slice(behind(entry));
  }
  const [from, to] =
    next === undefined
      ? [before === undefined ? start : endOf(before), endOf(entry)]
      : [start, tree.place(next.key).start];
  // Which of its neighbours a comment there is about, nobody can tell.
  const around = text.slice(from, start) + text.slice(endOf(entry), to);
  return around.includes("#") ? { why: "a comment stands beside it" } : text.slice(0, from) + text.slice(to);
}

function unquoted(written: string): string {
  if (written.startsWith("'")) return written.slice(1, -1).replaceAll("''", "'");
  if (!written.startsWith('"')) return written;
  try {
    return String(JSON.parse(written));
  } catch {
    return written; // an escape that only YAML has: the entry counts as another
  }
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the end of the line. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

function newline(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function withNewline(head: string, text: string): string {
  return head === "" || head.endsWith("\n") ? head : head + newline(text);
}
