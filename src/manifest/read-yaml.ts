import { constructFromEvents, CORE_SCHEMA, mapTag, parseEvents, YAMLException } from "js-yaml";
import type { Event, MappingTagDefinition } from "js-yaml";
import { suggestQuotes } from "./explain-value.ts";
import { fieldFaults } from "./field-faults.ts";
import { MAX_DEPTH, NODES_PER_MIB } from "./limits.ts";
import { countNodes } from "./node-count.ts";
import { AT_NAME, type Mark, type Problem, type Wording } from "./problem.ts";
import type { SourceFile, SourceText } from "./source-file.ts";
import { syntaxWording } from "./yaml-syntax.ts";
import { yamlTree, type YamlNode } from "./yaml-tree.ts";

/** What a text holds; `value` is undefined if it could not be read to its end. */
export interface YamlReading {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where everything stands, if it was needed to read on. */
  readonly tree?: YamlNode;
  /** Finds where everything stands. Holds on to much memory: call it at once or let go of it. */
  readonly places?: () => YamlNode;
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
    const value = construct(events, content.text, true);
    return { value, problems: [], places: () => yamlTree(events, content.text) };
  } catch (error) {
    return faulty(file, events, content.text, error);
  }
}

/** The events of a text; their offsets are the places of everything in it. Throws what js-yaml throws. */
export function eventsOf(text: string): Event[] {
  return parseEvents(text, { maxDepth: MAX_DEPTH });
}

function construct(events: Event[], source: string, strict: boolean): unknown {
  return constructFromEvents(events, { source, schema: strict ? SCHEMA : CORE_SCHEMA, json: !strict })[0];
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
  const { duplicates, nameless } = fieldFaults(tree);
  if (duplicates.length === 0 && nameless.length === 0) return failed(file, error);
  const problems: Problem[] = duplicates.map(({ path, first, again }) => ({
    file,
    severity: "error",
    code: "duplicate-field",
    summary: `\`${again.name.text}\` is written twice in the same place`,
    fix: "Keep one of the two.",
    path,
    mark: { type: "offset", start: again.key.start, end: again.key.end },
    related: [
      {
        message: "first written here",
        file,
        path,
        mark: { type: "offset", start: first.key.start, end: first.key.end },
      },
    ],
  }));
  for (const { path, entry } of nameless) {
    const { start, end } = entry.key;
    problems.push({
      file,
      severity: "error",
      code: "yaml-feature",
      summary: "a field's name must be text",
      ...suggestQuotes(entry.key.type === "scalar" && start >= 0 ? text.slice(start, end) : undefined),
      path,
      mark: start < 0 ? AT_NAME : { type: "offset", start, end },
    });
  }
  try {
    return { value: construct(events, text, false), problems, tree };
  } catch {
    return { value: undefined, problems, tree }; // what else is wrong shows once these are mended
  }
}

function failed(file: SourceFile, error: unknown): YamlReading {
  const reason = error instanceof YAMLException ? error.reason : "it cannot be read";
  const position = error instanceof YAMLException ? error.mark?.position : undefined;
  const mark: Mark = position === undefined ? { type: "start" } : { type: "offset", start: position, end: undefined };
  return { value: undefined, problems: [{ file, severity: "error", path: [], mark, ...syntaxWording(reason) }] };
}
