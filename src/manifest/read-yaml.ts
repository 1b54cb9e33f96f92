import { constructFromEvents, CORE_SCHEMA, mapTag, parseEvents, YAMLException } from "js-yaml";
import type { Event, MappingTagDefinition, Schema } from "js-yaml";
import { suggestQuotes } from "./explain-value.ts";
import { walkFieldFaults, type HiddenEntry } from "./field-faults.ts";
import { MAX_ALIKE, MAX_DEPTH, MAX_LINES, NODES_PER_MIB } from "./limits.ts";
import { countNodes } from "./node-count.ts";
import { AT_NAME, createProblems, type Mark, type Problem, type Wording } from "./problem.ts";
import type { SourceFile, SourceText } from "./source-file.ts";
import { syntaxWording } from "./yaml-syntax.ts";
import { yamlTree, type YamlPart, type YamlTree } from "./yaml-tree.ts";

/** What a text holds; `value` is undefined if it could not be read to its end. */
export interface YamlReading {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where everything stands, if it was needed to read on. */
  readonly tree?: YamlTree;
  /** What later fields of the same name hide from the value, as far as their fields are told one by one. */
  readonly hidden?: readonly HiddenEntry[];
  /** Finds where everything stands. Holds on to much memory: call it at once or let go of it. */
  readonly places?: () => YamlTree;
}

/** Fields are named by text: `1.0: x` would silently become a field named `1`. */
const textKeyedMap: MappingTagDefinition<Record<string, unknown>> = {
  ...mapTag,
  addPair: (map, name, value) =>
    typeof name === "string" ? mapTag.addPair(map, name, value) : "a field's name must be text",
};
const SCHEMA = CORE_SCHEMA.withTags(textKeyedMap);

/**
 * Reads YAML 1.2 (and so JSON) with its core schema: one document, no unknown tags, bounded in depth and size, fields
 * named once and by text. Never throws, whatever the text.
 */
export function readYaml(file: SourceFile, content: SourceText): YamlReading {
  if (hasTooManyLines(content.text)) {
    return { value: undefined, problems: [{ file, severity: "error", path: [], ...TOO_MANY_LINES }] };
  }
  let events: Event[];
  try {
    events = eventsOf(content.text);
  } catch (error) {
    return failed(file, error);
  }
  const refusal = refusalOf(events, content);
  if (refusal !== undefined) {
    return { value: undefined, problems: [{ file, severity: "error", path: [], ...refusal }] };
  }
  try {
    const value = construct(events, content.text, SCHEMA);
    return { value, problems: [], places: () => yamlTree(events, content.text) };
  } catch (error) {
    return faulty(file, events, content.text, error);
  }
}

const TOO_MANY_LINES: Wording & { mark: Mark } = {
  code: "too-large",
  summary: `the file has more than ${MAX_LINES.toLocaleString("en-US")} lines`,
  fix: "Split it into several files in one folder; they make one declaration.",
  mark: { type: "start" },
};

function hasTooManyLines(text: string): boolean {
  if (text.length <= MAX_LINES) return false;
  let lines = 0;
  for (let index = 0; index < text.length && lines <= MAX_LINES; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || code === 13) lines++;
  }
  return lines > MAX_LINES;
}

/** The events of a text; their offsets are the places of everything in it. Throws what js-yaml throws. */
export function eventsOf(text: string): Event[] {
  return parseEvents(text, { maxDepth: MAX_DEPTH });
}

function construct(events: Event[], source: string, schema: Schema, json = false): unknown {
  return constructFromEvents(events, { source, schema, json })[0];
}

function refusalOf(events: readonly Event[], { text, bytes }: SourceText): (Wording & { mark: Mark }) | undefined {
  const limit = NODES_PER_MIB * Math.max(1, bytes / 2 ** 20);
  const { documents, nodes, endless } = countNodes(events, text, limit);
  if (nodes > limit) {
    return {
      code: "too-many-nodes",
      summary: `the file holds more than ${Math.floor(limit).toLocaleString("en-US")} values`,
      detail: "Aliases count as often as they are used.",
      fix: "Use `defaults` for what keys have in common, or split the file.",
      mark: { type: "start" },
    };
  }
  if (endless !== undefined) {
    return {
      code: "yaml-feature",
      summary: "an alias stands inside the very value that it names",
      fix: "Write the value out.",
      mark: { type: "offset", start: endless, end: undefined },
    };
  }
  if (documents > 1) {
    return {
      code: "yaml-feature",
      summary: "the file holds more than one YAML document",
      fix: "Put each document into a file of its own; the files of a folder make one declaration.",
      mark: { type: "offset", start: secondDocument(events, text), end: undefined },
    };
  }
  return undefined;
}

/** Between two documents stand only comments, blank lines, directives and the marks themselves. */
function secondDocument(events: readonly Event[], text: string): number {
  let end = 0;
  let documents = 0;
  for (const event of events) {
    if ("explicitStart" in event && ++documents > 1) break;
    if ("valueEnd" in event) end = Math.max(end, event.valueEnd);
    else if ("start" in event) end = Math.max(end, event.start);
    else if ("anchorEnd" in event) end = Math.max(end, event.anchorEnd);
  }
  const mark = /^---(?=\s|$)/gm;
  mark.lastIndex = documents > 1 && end > 0 ? end : Math.min(1, text.length);
  return mark.exec(text)?.index ?? end;
}

/** js-yaml stops at the first field that is written twice or has no name; here all of them are found. */
function faulty(file: SourceFile, events: Event[], text: string, error: unknown): YamlReading {
  const tree = yamlTree(events, text);
  const problems = createProblems();
  const hidden: HiddenEntry[] = [];
  const { value, replaced } = lastValues(events, text);
  const fault = { file, severity: "error" } as const;
  const markOf = (part: YamlPart): Mark => ({ type: "offset", ...tree.place(part) });
  walkFieldFaults(tree, value, replaced, {
    duplicate: ({ path, first, again }) => {
      problems.add(file, "duplicate-field", () => {
        const at = [...path, again.text];
        return {
          ...fault,
          code: "duplicate-field",
          summary: `\`${again.text}\` is written twice in the same place`,
          fix: "Keep one of the two.",
          path: at,
          mark: markOf(again.key),
          related: [{ message: "first written here", file, path: at, mark: markOf(first.key) }],
        };
      });
    },
    nameless: ({ path, entry }) => {
      problems.add(file, "yaml-feature", () => {
        const { start, end } = tree.place(entry.key);
        const written = tree.kind(entry.key) === "scalar" && start >= 0;
        return {
          ...fault,
          code: "yaml-feature",
          summary: "a field's name must be text",
          ...suggestQuotes(written ? text.slice(start, end) : undefined),
          path: [...path],
          mark: start < 0 ? AT_NAME : markOf(entry.key),
        };
      });
    },
    hidden: (entry) => {
      const { path, holders } = entry;
      if (hidden.length < MAX_ALIKE) hidden.push({ ...entry, path: [...path], holders: [...holders] });
    },
  });
  if (problems.count === 0) return failed(file, error);
  return { value, problems: problems.list(), tree, hidden };
}

/** The value in which of fields with one name the last one counts, and those that it replaced, by the map that held them. */
function lastValues(events: Event[], text: string): { readonly value: unknown; readonly replaced: Replaced } {
  const replaced: Replaced = new Map();
  const forgivingMap: MappingTagDefinition<Record<string, unknown>> = {
    ...mapTag,
    addPair: (map, name, value) => {
      if (mapTag.has(map, name)) {
        const fields = replaced.get(map) ?? new Map<string, unknown[]>();
        const values = fields.get(String(name)) ?? [];
        values.push(mapTag.get(map, name));
        replaced.set(map, fields.set(String(name), values));
      }
      return mapTag.addPair(map, name, value);
    },
  };
  try {
    return { value: construct(events, text, CORE_SCHEMA.withTags(forgivingMap), true), replaced };
  } catch {
    return { value: undefined, replaced: new Map() }; // what else is wrong shows once these are mended
  }
}

type Replaced = Map<unknown, Map<string, unknown[]>>;

function failed(file: SourceFile, error: unknown): YamlReading {
  const reason = error instanceof YAMLException ? error.reason : "it cannot be read";
  const position = error instanceof YAMLException ? error.mark?.position : undefined;
  const mark: Mark = position === undefined ? { type: "start" } : { type: "offset", start: position, end: undefined };
  return { value: undefined, problems: [{ file, severity: "error", path: [], mark, ...syntaxWording(reason) }] };
}
