import { formatDelivery } from "../core/delivery.ts";
import type { Plan } from "../plan/plan.ts";
import type { Settlements } from "./settle-unconfirmed.ts";
import type { Sinks } from "./sink.ts";

/** Why keys get no secret in this run although their plan says so, by key name. */
export type Withheld = ReadonlyMap<string, string>;

/**
 * Finds, before anything is written, whose secret would be drawn for nothing: a place cannot take one now, or the key has as
 * many credentials as it may and each may be in use. All else of the plan is carried out.
 */
export async function withheldSecrets(plan: Plan, settled: Settlements, sinks: Sinks): Promise<Withheld> {
  const withheld = new Map<string, string>();
  for (const change of plan.changes) {
    if (change.action === "delete" || change.credential === null) continue;
    const { confirms = null, isCrowded = false } = settled.get(change.name) ?? {};
    if (confirms !== null) continue;
    if (isCrowded) {
      withheld.set(change.name, crowdedText(change.name));
      continue;
    }
    for (const delivery of change.credential.deliver) {
      const why = (await sinks[delivery.to].unready?.(delivery)) ?? null;
      if (why === null) continue;
      withheld.set(change.name, `${formatDelivery(delivery)} cannot take one now: ${why}`);
      break;
    }
  }
  return withheld;
}

function crowdedText(name: string): string {
  return (
    "it has as many working credentials as a key may have, and each of them may be in use. " +
    `See them with \`algokeys keys get ${name}\`, and revoke what nobody uses: \`algokeys revoke ${name} --credential ID\``
  );
}
