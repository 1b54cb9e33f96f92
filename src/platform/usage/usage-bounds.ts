import { hourOf, OTHER, PAIR_LIMITS, type CallUse } from "./call-use.ts";

/** Under which target and origin a call is counted. */
export interface BoundedUse extends Pick<CallUse, "keyId" | "target" | "origin"> {
  readonly hour: string;
  /** What tells it from every other. */
  readonly name: string;
}

interface KeyHour {
  /** By target, then by origin: to put the two into one text would cost each call more than the rest of its record. */
  readonly targets: Map<string, Map<string, BoundedUse>>;
  pairs: number;
  fromDenials: number;
}

/**
 * Bounds what callers can make the platform remember: within an hour a key gets at most {@link PAIR_LIMITS} pairs of target
 * and origin, and every later one counts as `other`. Whoever is refused with made-up names cannot crowd out the calls that
 * are allowed. Counted per process.
 */
export function usageBounds(): (use: CallUse) => BoundedUse {
  let start = Number.NaN;
  let hour = "";
  let keys = new Map<string, KeyHour>();

  return ({ keyId, target, origin, allowed, at }) => {
    const begun = Math.floor(at / HOUR);
    if (begun !== start) {
      start = begun;
      hour = hourOf(at);
      keys = new Map();
    }
    let known = keys.get(keyId);
    if (known === undefined) {
      known = { targets: new Map(), pairs: 0, fromDenials: 0 };
      keys.set(keyId, known);
    }
    let origins = known.targets.get(target);
    const counted = origins?.get(origin);
    if (counted !== undefined) return counted;
    const full = known.pairs >= PAIR_LIMITS.all || (!allowed && known.fromDenials >= PAIR_LIMITS.fromDenials);
    if (full) return boundedUse(keyId, hour, OTHER, OTHER);
    const use = boundedUse(keyId, hour, target, origin);
    if (origins === undefined) known.targets.set(target, (origins = new Map<string, BoundedUse>()));
    origins.set(origin, use);
    known.pairs++;
    if (!allowed) known.fromDenials++;
    return use;
  };
}

function boundedUse(keyId: string, hour: string, target: string, origin: string): BoundedUse {
  return { keyId, hour, target, origin, name: `${keyId} ${hour} ${target} ${origin}` };
}

const HOUR = 3_600_000;
