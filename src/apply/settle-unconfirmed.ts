import type { Delivery } from "../core/delivery.ts";
import type { Plan, PlannedChange, PlannedCredential, UnconfirmedCredential } from "../plan/plan.ts";
import type { Sinks } from "./sink.ts";

/** What becomes of the credentials of one key that nobody confirmed. */
export interface Settlement {
  /** The one whose secret every place holds already, so that none is issued; null if none is. */
  readonly confirms: UnconfirmedCredential | null;
  /** Those that no place holds: revoked together with the confirmation, never before. */
  readonly revokes: readonly string[];
  /** One of those that goes at once, because without it the key could have no other; null where there is room. */
  readonly room: string | null;
  /** True if the key has as many as it may and each of them may be in use: it can have no other. */
  readonly isCrowded: boolean;
}

/** What is settled, by key name; a key without unconfirmed credentials has no entry. */
export type Settlements = ReadonlyMap<string, Settlement>;

/** What there is before anybody looked. */
export const NONE_SETTLED: Settlements = new Map();

/**
 * Looks into the places of every key with unconfirmed credentials, before anything is written. A credential that some place
 * holds, or may hold because it cannot be looked into, may be in use: it is never revoked here, but retires with the others
 * after the overlap.
 */
export async function settleUnconfirmed(plan: Plan, sinks: Sinks): Promise<Settlements> {
  const settlements = new Map<string, Settlement>();
  for (const change of plan.changes) {
    const credential = change.action === "delete" ? null : change.credential;
    if (credential === null || credential.unconfirmed.length === 0) continue;
    const held = await fingerprintsIn(credential.deliver, sinks);
    settlements.set(change.name, settle(change, credential, held));
  }
  return settlements;
}

function settle(change: PlannedChange, planned: PlannedCredential, held: readonly Held[]): Settlement {
  const { unconfirmed, confirms } = planned;
  const arrived = confirms
    ? unconfirmed.findLast(({ fingerprint }) => held.length > 0 && held.every((one) => one === fingerprint))
    : undefined;
  // Of a key that nobody managed, whoever made it may hold what nobody confirmed.
  const isOurs = change.action !== "adopt" && change.action !== "take-over" && !held.includes(undefined);
  const unheld = isOurs ? unconfirmed.filter(({ fingerprint }) => !held.includes(fingerprint)) : [];
  const revokes = unheld.map(({ id }) => id);
  if (arrived !== undefined) return { confirms: arrived, revokes, room: null, isCrowded: false };
  if (!planned.makesRoom) return { confirms: null, revokes, room: null, isCrowded: false };
  const [room = null, ...rest] = revokes;
  return { confirms: null, revokes: rest, room, isCrowded: room === null };
}

/** What a place holds: a fingerprint, null for nothing, undefined if nobody can tell. */
type Held = string | null | undefined;

async function fingerprintsIn(deliver: readonly Delivery[], sinks: Sinks): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const delivery of deliver) {
    try {
      held.push(await sinks[delivery.to].readBack(delivery));
    } catch {
      held.push(undefined); // a sink's own bug: nobody can tell what it holds
    }
  }
  return held;
}
