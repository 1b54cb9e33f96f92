import { hourOf, OTHER, PAIR_LIMITS, type CallUse } from "./call-use.ts";

/** Under which target and origin a call is counted. */
export type BoundedUse = Pick<CallUse, "target" | "origin"> & { readonly hour: string };

interface KeyHour {
  readonly pairs: Set<string>;
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
      known = { pairs: new Set(), fromDenials: 0 };
      keys.set(keyId, known);
    }
    const pair = `${target} ${origin}`;
    if (known.pairs.has(pair)) return { target, origin, hour };
    const full = known.pairs.size >= PAIR_LIMITS.all || (!allowed && known.fromDenials >= PAIR_LIMITS.fromDenials);
    if (full) return { target: OTHER, origin: OTHER, hour };
    known.pairs.add(pair);
    if (!allowed) known.fromDenials++;
    return { target, origin, hour };
  };
}

const HOUR = 3_600_000;
