import { formatDelivery, type Delivery } from "../core/delivery.ts";
import { shown } from "./shown.ts";
import { ellipsis, type Style } from "./style.ts";
import { cutTo } from "./text-width.ts";

/** A fingerprint, short enough to read and long enough to compare. */
export function fingerprintText(fingerprint: string, style: Style): string {
  const mark = ellipsis(style);
  return cutTo(shown(fingerprint), 8 + mark.length, mark);
}

/** A place where a secret goes; null is the terminal of the run itself. */
export function deliveryText(delivery: Delivery | null): string {
  return delivery === null ? "this terminal" : shown(formatDelivery(delivery));
}
