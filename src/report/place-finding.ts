import { formatDelivery, type Delivery } from "../core/delivery.ts";
import type { Style } from "./style.ts";
import { shown } from "./shown.ts";
import { lineSymbol } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

/** A place that does not hold what whoever reads it needs. The secret itself is never known here. */
export interface PlaceFinding {
  /** The declared name of the key whose secret goes there. */
  readonly key: string;
  readonly delivery: Delivery;
  /**
   * `nothing`; `ended-secret`, one of that key that no longer works; `something-else`, no secret of that key that the platform
   * knows of; `unreadable`: nobody can tell.
   */
  readonly holds: "nothing" | "ended-secret" | "something-else" | "unreadable";
  /** What to do about it, in a sentence. */
  readonly advice: string;
}

/** What a place holds, and what to do about it. */
export function placeFinding(key: string, delivery: Delivery, holds: PlaceFinding["holds"]): PlaceFinding {
  const rotate = `algokeys rotate ${key}`;
  const advice =
    holds === "unreadable"
      ? `See that it can be read; if it is lost, deliver another secret: ${rotate}.`
      : `Deliver another secret: ${rotate}.`;
  return { key, delivery, holds, advice };
}

const HOLDS: Readonly<Record<PlaceFinding["holds"], string>> = {
  nothing: "holds nothing",
  "ended-secret": "holds a secret that no longer works",
  "something-else": "holds something else than a secret of this key",
  unreadable: "cannot be read",
};

/** A finding as lines of text. */
export function placeLines({ key, delivery, holds, advice }: PlaceFinding, style: Style): readonly string[] {
  const text = `${lineSymbol("~", style)} ${shown(key)}: ${shown(formatDelivery(delivery))} ${HOLDS[holds]}`;
  return [...wrapped(text, style.width, "    "), ...wrapped(`    ${shown(advice)}`, style.width, "    ")];
}
