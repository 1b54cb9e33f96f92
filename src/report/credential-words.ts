import { DEFAULT_OVERLAP } from "../core/key-spec.ts";
import { guaranteeNote } from "../core/delivery-guarantees.ts";
import { formatDelivery, type Delivery } from "../core/delivery.ts";
import type { CredentialReason, Plan, PlannedCredential, SecretDue, UpdateKey } from "../plan/plan.ts";
import { momentText } from "./moment-text.ts";
import { nameList, plural, shown } from "./shown.ts";

/** Why a key gets a secret, as it stands in parentheses. */
export function credentialReason(reason: CredentialReason, { after }: Pick<UpdateKey, "after">): string {
  switch (reason) {
    case "no-credential":
      return "it has none that works on";
    case "never-delivered":
      return "nobody confirmed that the last one arrived";
    case "rotation-due":
      return `its rotation is due: every ${shown(after.rotation?.every ?? "")}`;
    case "rotation-asked":
      return "you asked for it";
  }
}

/** What an apply does about a key's secret, line by line. */
export function credentialLines(planned: PlannedCredential, { after }: Pick<UpdateKey, "after">): readonly string[] {
  const { deliver, confirms, unconfirmed, retires, makesRoom } = planned;
  const overlap = shown(after.rotation?.overlap ?? DEFAULT_OVERLAP);
  return [
    ...(confirms ? [confirmLine(deliver)] : issueLines(deliver)),
    ...(makesRoom
      ? ["it has as many as it may: the oldest that nobody confirmed goes first, if no place may hold it"]
      : []),
    ...(unconfirmed.length === 0 ? [] : [unconfirmedLine(unconfirmed.length)]),
    ...(retires.length === 0 ? [] : [`the secret in use works on for ${overlap} after that`]),
  ];
}

function confirmLine(deliver: readonly Delivery[]): string {
  const places = deliver.map((delivery) => shown(formatDelivery(delivery))).join(" and ");
  return `the last secret is confirmed if it reached ${places}; else another is issued and delivered there`;
}

function issueLines(deliver: readonly Delivery[]): readonly string[] {
  if (deliver.length === 0) return ["a secret is issued and shown on this terminal, once"];
  return deliver.map((delivery) => {
    const note = guaranteeNote(delivery);
    return `a secret is issued and delivered to ${shown(formatDelivery(delivery))}${note && `, ${note}`}`;
  });
}

function unconfirmedLine(count: number): string {
  return `${plural(count, "credential")} that nobody confirmed: what no place holds is revoked once a secret is confirmed`;
}

/** The plan's changes to secrets in one line; null for a plan without changes. */
export function credentialSummary({ changes }: Pick<Plan, "changes">): string | null {
  if (changes.length === 0) return null;
  const names = changes.flatMap((change) =>
    change.action !== "delete" && change.credential !== null ? [change.name] : [],
  );
  const deleted = changes.flatMap(({ action, name }) => (action === "delete" ? [name] : []));
  const ended = deleted.length === 0 ? "" : `Secrets refused at once, with their keys: ${nameList(deleted, 3)}.`;
  if (names.length > 0) return `Credential changes: ${nameList(names, 5)}.${ended && ` ${ended}`}`;
  return ended === "" ? "No credential changes." : `${ended} No other credential changes.`;
}

/** A key that is due for a secret which the plan does not issue: since when, and what to do. */
export function secretDueText({ name, reason, since, blocked, until }: SecretDue, now: number | undefined): string {
  const from = since === null ? "" : ` since ${momentText(since, now)}`;
  const due = reason === "no-credential" ? "it has no secret that works on" : `its rotation is due${from}`;
  if (blocked === "no-delivery") {
    return `${due}; declare \`deliver\`, or apply with --reveal, so that somebody gets the next one`;
  }
  const wait = until === null ? "" : `wait until the first retires, ${momentText(until, now)}, or `;
  return `${due}; it has as many credentials as it may: ${wait}revoke one with \`algokeys revoke ${shown(name)} --credential ID\``;
}
