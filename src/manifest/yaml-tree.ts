import {
  COLLECTION_STYLE,
  constructFromEvents,
  CORE_SCHEMA,
  EVENT_ID,
  getScalarValue,
  NOT_RESOLVED,
  SCALAR_STYLE,
} from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";

/** A part of a document: the index of its event. Nothing is made of a part before somebody asks for it. */
export type YamlPart = number;

/** The part that stands for what is not written, such as the document of an empty file. */
export const NOTHING: YamlPart = -1;

/** Where a part stands: offsets, -1 where nothing is written. A block begins on the line below its field's name. */
export interface YamlPlace {
  readonly start: number;
  readonly end: number;
  readonly block: boolean;
}

/** One field of a map. Its name is as JavaScript has it; `isText` is false for a number, `null`, a list, ... */
export interface YamlEntry {
  readonly text: string;
  readonly isText: boolean;
  readonly key: YamlPart;
  readonly value: YamlPart;
}

/** A YAML document as written. Aliases stand for what they name, which may be an ancestor. */
export interface YamlTree {
  readonly root: YamlPart;
  kind(part: YamlPart): "scalar" | "map" | "list";
  place(part: YamlPart): YamlPlace;
  /** The name of a map's first field, or a list's first entry. */
  first(part: YamlPart): YamlPart | undefined;
  /** The fields of a map in order of writing; of anything else none. */
  entries(part: YamlPart): readonly YamlEntry[];
  /** The entries of a list; of anything else none. */
  items(part: YamlPart): readonly YamlPart[];
}

const NO_PLACE: YamlPlace = { start: -1, end: -1, block: false };
const NO_NAME = { text: "", isText: false } as const;

/** The tree of the first document in an event stream. It costs one pass over the events, which it holds on to. */
export function yamlTree(events: readonly Event[], source: string): YamlTree {
  const { after, targets } = layoutOf(events, source);
  const ends = new Map<YamlPart, number>();

  /** The parts inside a part, as they are written: aliases are not followed. */
  function inside(part: YamlPart): number[] {
    const parts: number[] = [];
    const end = (after[part] ?? 0) - 1;
    for (let index = part + 1; index < end; index = after[index] ?? end) parts.push(index);
    return parts;
  }

  function followed(index: number): YamlPart {
    return events[index]?.type === EVENT_ID.ALIAS ? (targets.get(index) ?? NOTHING) : index;
  }

  function endOf(part: number): number {
    const event = events[part];
    if (event?.type === EVENT_ID.ALIAS) return event.anchorEnd;
    if (event?.type !== EVENT_ID.SEQUENCE && event?.type !== EVENT_ID.MAPPING) return tree.place(part).end;
    const known = ends.get(part);
    if (known !== undefined) return known;
    // What is written last ends last; an entry may be written as nothing at all.
    const last = inside(part).findLast((each) => endOf(each) >= 0);
    const inner = last === undefined ? event.start + 1 : endOf(last);
    const end = event.style === COLLECTION_STYLE.BLOCK ? inner : afterBracket(source, inner);
    ends.set(part, end);
    return end;
  }

  const tree: YamlTree = {
    root: events[0]?.type === EVENT_ID.DOCUMENT && events[1]?.type !== EVENT_ID.POP ? followed(1) : NOTHING,
    kind(part) {
      const type = events[part]?.type;
      return type === EVENT_ID.MAPPING ? "map" : type === EVENT_ID.SEQUENCE ? "list" : "scalar";
    },
    place(part) {
      const event = events[part];
      if (event?.type === EVENT_ID.SCALAR) return scalarPlace(event);
      if (event?.type !== EVENT_ID.SEQUENCE && event?.type !== EVENT_ID.MAPPING) return NO_PLACE;
      return { start: event.start, end: endOf(part), block: event.style === COLLECTION_STYLE.BLOCK };
    },
    first: (part) => (tree.kind(part) === "scalar" || after[part] === part + 2 ? undefined : followed(part + 1)),
    entries(part) {
      if (tree.kind(part) !== "map") return [];
      const entries: YamlEntry[] = [];
      const end = (after[part] ?? 0) - 1;
      for (let index = part + 1; index < end;) {
        const key = followed(index);
        const value = after[index] ?? end;
        const event = events[key];
        const { text, isText } = event?.type === EVENT_ID.SCALAR ? fieldName(event, source) : NO_NAME;
        entries.push({ text, isText, key, value: followed(value) });
        index = after[value] ?? end;
      }
      return entries;
    },
    items: (part) => (tree.kind(part) === "list" ? inside(part).map(followed) : []),
  };
  return tree;
}

/** For each event the one after its part, and for each alias the part that it names. */
function layoutOf(events: readonly Event[], source: string): { after: Int32Array; targets: Map<number, YamlPart> } {
  const after = new Int32Array(events.length);
  const targets = new Map<number, YamlPart>();
  const anchors = new Map<string, YamlPart>();
  const open: number[] = [];
  let documents = 0;
  for (const [index, event] of events.entries()) {
    after[index] = index + 1;
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (++documents > 1) return { after, targets };
        break;
      case EVENT_ID.ALIAS: {
        const target = anchors.get(source.slice(event.anchorStart, event.anchorEnd));
        if (target !== undefined) targets.set(index, target);
        break;
      }
      case EVENT_ID.POP: {
        const opened = open.pop();
        if (opened !== undefined) after[opened] = index + 1;
        break;
      }
      default:
        if (event.anchorStart >= 0) anchors.set(source.slice(event.anchorStart, event.anchorEnd), index);
        if (event.type !== EVENT_ID.SCALAR) open.push(index);
    }
  }
  return { after, targets };
}

function scalarPlace(event: ScalarEvent): YamlPlace {
  const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
  const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
  if (event.valueStart < 0) return NO_PLACE;
  return { start: event.valueStart - quote, end: event.valueEnd + quote, block };
}

/** Words that are text under the core schema at first sight: `null`, `true` and `false` have at most five letters. */
const PLAINLY_TEXT = /^(?:[^-+.0-9~nNtTfF]|[nNtTfF].{5})/;

/** What a scalar names as a field. js-yaml itself is asked whether it reads text in it, so that the two cannot disagree. */
function fieldName(event: ScalarEvent, source: string): { readonly text: string; readonly isText: boolean } {
  if (event.tagStart >= 0) return taggedName(event, source);
  const text = event.valueStart < 0 ? "" : getScalarValue(source, event);
  if (event.style !== SCALAR_STYLE.PLAIN || PLAINLY_TEXT.test(text)) return { text, isText: true };
  for (const { resolve, tagName } of CORE_SCHEMA.implicitScalarTags) {
    const value = resolve(text, false, tagName);
    if (value !== NOT_RESOLVED) return { text: String(value), isText: typeof value === "string" };
  }
  return { text, isText: true };
}

function taggedName(event: ScalarEvent, source: string): { readonly text: string; readonly isText: boolean } {
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

/** In flow style a collection ends with the bracket after its last part. */
function afterBracket(source: string, end: number): number {
  const rest = /(?:[\s,:]|#[^\r\n]*)*[\]}]/y;
  rest.lastIndex = end;
  return rest.test(source) ? rest.lastIndex : end;
}
