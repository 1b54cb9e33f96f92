import { constructFromEvents, CORE_SCHEMA, EVENT_ID, getScalarValue, SCALAR_STYLE, COLLECTION_STYLE } from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";

/** A YAML document as written: where each part of it stands. `start` and `end` are offsets; -1 where nothing is written. */
export type YamlNode =
  | { readonly type: "scalar"; readonly start: number; readonly end: number; readonly block: boolean }
  | {
      readonly type: "map";
      readonly start: number;
      end: number;
      readonly block: boolean;
      readonly entries: YamlEntry[];
    }
  | { readonly type: "list"; readonly start: number; end: number; readonly block: boolean; readonly items: YamlNode[] };

/** The name of a field as JavaScript has it; `isText` is false for a number, `null`, a list, ... */
export interface FieldName {
  readonly text: string;
  readonly isText: boolean;
}

/** One field of a map. */
export interface YamlEntry {
  readonly name: FieldName;
  readonly key: YamlNode;
  value: YamlNode;
}

const NOTHING: YamlNode = { type: "scalar", start: -1, end: -1, block: false };
const NO_NAME: FieldName = { text: "", isText: false };

/** The tree of the first document in an event stream. Aliases stand for what they name, which may be an ancestor. */
export function yamlTree(events: readonly Event[], source: string): YamlNode {
  let root: YamlNode = NOTHING;
  const open: YamlNode[] = [];
  const anchors = new Map<string, { node: YamlNode; scalar: ScalarEvent | undefined }>();
  const plainNames = new Map<string, FieldName>();
  let pendingKey: { name: FieldName; key: YamlNode } | undefined;
  const pendingKeys: (typeof pendingKey)[] = [];

  function place(node: YamlNode, scalar: ScalarEvent | undefined): void {
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else if (parent.type === "list") parent.items.push(node);
    else if (parent.type === "map") {
      if (pendingKey === undefined)
        pendingKey = { name: scalar ? fieldName(scalar, source, plainNames) : NO_NAME, key: node };
      else {
        parent.entries.push({ ...pendingKey, value: node });
        pendingKey = undefined;
      }
    }
  }

  let documents = 0;
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (++documents > 1) return root;
        break;
      case EVENT_ID.SCALAR: {
        const node = scalarNode(event);
        if (event.anchorStart >= 0)
          anchors.set(source.slice(event.anchorStart, event.anchorEnd), { node, scalar: event });
        place(node, event);
        break;
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const shape = { start: event.start, end: event.start + 1, block: event.style === COLLECTION_STYLE.BLOCK };
        const node: YamlNode =
          event.type === EVENT_ID.MAPPING
            ? { type: "map", ...shape, entries: [] }
            : { type: "list", ...shape, items: [] };
        if (event.anchorStart >= 0)
          anchors.set(source.slice(event.anchorStart, event.anchorEnd), { node, scalar: undefined });
        open.push(node);
        pendingKeys.push(pendingKey);
        pendingKey = undefined;
        break;
      }
      case EVENT_ID.ALIAS: {
        const target = anchors.get(source.slice(event.anchorStart, event.anchorEnd));
        place(target?.node ?? NOTHING, target?.scalar);
        break;
      }
      case EVENT_ID.POP: {
        const node = open.pop();
        pendingKey = pendingKeys.pop();
        if (node === undefined || node.type === "scalar") break;
        node.end = endOf(node, source);
        place(node, undefined);
        break;
      }
    }
  }
  return root;
}

function scalarNode(event: ScalarEvent): YamlNode {
  const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
  const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
  if (event.valueStart < 0) return NOTHING;
  return { type: "scalar", start: event.valueStart - quote, end: event.valueEnd + quote, block };
}

/** Words that are text under the core schema at first sight: `null`, `true` and `false` have at most five letters. */
const PLAINLY_TEXT = /^(?:[^-+.0-9~nNtTfF]|[nNtTfF].{5})/;

/** What a scalar names as a field; `known` remembers plain words, whose meaning does not depend on where they stand. */
function fieldName(event: ScalarEvent, source: string, known: Map<string, FieldName>): FieldName {
  const text = event.valueStart < 0 ? "" : getScalarValue(source, event);
  if (event.tagStart >= 0) return resolvedName(event, source);
  if (event.style !== SCALAR_STYLE.PLAIN || PLAINLY_TEXT.test(text)) return { text, isText: true };
  const name = known.get(text) ?? resolvedName(event, source);
  known.set(text, name);
  return name;
}

/** js-yaml itself is asked whether it reads text in a scalar, so that the tree cannot disagree with it. */
function resolvedName(event: ScalarEvent, source: string): FieldName {
  const events: Event[] = [
    { type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: [] },
    event,
    { type: EVENT_ID.POP },
  ];
  try {
    const [value] = constructFromEvents(events, { source, schema: CORE_SCHEMA });
    return { text: String(value), isText: typeof value === "string" };
  } catch {
    return NO_NAME; // an unknown tag: told where the document is read
  }
}

/** The end of a collection: of its last part, and in flow style of the bracket after it. */
function endOf(node: Exclude<YamlNode, { type: "scalar" }>, source: string): number {
  let end = node.end;
  if (node.type === "list") for (const item of node.items) end = Math.max(end, item.end);
  else for (const { key, value } of node.entries) end = Math.max(end, key.end, value.end);
  if (node.block) return end;
  const rest = /(?:[\s,:]|#[^\r\n]*)*[\]}]/y;
  rest.lastIndex = end;
  return rest.test(source) ? rest.lastIndex : end;
}
