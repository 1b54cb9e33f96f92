import type { ApplyEvent } from "../apply/events.ts";
import { deliveryText, fingerprintText } from "./secret-text.ts";
import { joined, nameList, plural, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";

/** One event of an apply as one line. */
export function eventText(event: ApplyEvent, style: Style): string {
  return joined([eventLine(event, style)], style);
}

function eventLine(event: ApplyEvent, style: Style): string {
  switch (event.type) {
    case "apply-started":
      return `Applying ${plural(event.changes, "change")}...`;
    case "account-created":
      return `${paint(style, "green", "+")} account ${shown(event.account)} created`;
    case "committed":
      return `Committed ${plural(event.changes, "change")} (change set ${shown(event.changeSet)}, revision ${event.revision})`;
    case "secret-delivered":
      return `key ${shown(event.key)} (secret delivered to ${deliveryText(event.delivery)}, fingerprint ${fingerprintText(event.fingerprint, style)})`;
    case "secret-revealed":
      return `key ${shown(event.key)} (secret shown on this terminal, fingerprint ${fingerprintText(event.fingerprint, style)})`;
    case "delivery-failed":
      return `${paint(style, "red", "error:")} the secret of key ${shown(event.key)} did not reach ${deliveryText(event.delivery)}: ${shown(event.error)}`;
    case "acknowledged":
      return `Confirmed: the new ${event.keys.length === 1 ? "secret" : "secrets"} of ${nameList(event.keys, 5)} arrived`;
  }
}
