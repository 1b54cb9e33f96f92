import { EVENT_ID, type Event } from "js-yaml";

/** How large a document is once its aliases are replaced by what they name. */
export interface NodeCount {
  readonly documents: number;
  /** Stops counting a little above the limit. */
  readonly nodes: number;
  /** An alias inside the very thing that it names, as an offset in the text; undefined if there is none. */
  readonly endless: number | undefined;
}

/** Counts nodes without building anything, so that a small file that unfolds into a huge one is refused first. */
export function countNodes(events: readonly Event[], source: string, limit: number): NodeCount {
  if (events.length <= limit && !events.some(({ type }) => type === EVENT_ID.ALIAS)) {
    // Nothing unfolds, and a node has an event at least.
    const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
    return { documents, nodes: events.length, endless: undefined };
  }
  const anchors = new Map<string, number | OpenAnchor>();
  const opened: (OpenAnchor | undefined)[] = [];
  const sizes: number[] = [];
  let size = 0;
  let documents = 0;
  let endless: number | undefined;
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        documents++;
        anchors.clear();
        sizes.push(size);
        opened.push(undefined);
        break;
      case EVENT_ID.SCALAR:
        size++;
        if (event.anchorStart >= 0) anchors.set(source.slice(event.anchorStart, event.anchorEnd), 1);
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        sizes.push(size);
        size = 1;
        if (event.anchorStart < 0) {
          opened.push(undefined);
          break;
        }
        const anchor = { name: source.slice(event.anchorStart, event.anchorEnd) };
        anchors.set(anchor.name, anchor);
        opened.push(anchor);
        break;
      }
      case EVENT_ID.ALIAS: {
        const named = anchors.get(source.slice(event.anchorStart, event.anchorEnd));
        if (typeof named === "object") endless ??= event.anchorStart - 1;
        size += typeof named === "number" ? named : 1;
        break;
      }
      case EVENT_ID.POP: {
        const anchor = opened.pop();
        if (anchor !== undefined && anchors.get(anchor.name) === anchor) anchors.set(anchor.name, size);
        size += sizes.pop() ?? 0;
        break;
      }
    }
    if (size > limit) return { documents, nodes: size, endless };
  }
  return { documents, nodes: size, endless };
}

/** An anchored collection that has not ended yet. */
interface OpenAnchor {
  readonly name: string;
}
