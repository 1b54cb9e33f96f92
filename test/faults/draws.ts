/** Everything that a schedule leaves to chance, from one seed: the same seed makes the same choices. */
export interface Draws {
  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number;
  /** True about that often, 0 to 1. */
  chance(share: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** One of them, each as likely as its weight says; undefined if there is none. */
  weighed<T extends { readonly weight: number }>(from: readonly T[]): T | undefined;
  bytes(count: number): Uint8Array;
}

/** Draws by mulberry32: small, fast and good enough to choose between schedules. */
export function draws(seed: number): Draws {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    chance: (share) => next() < share,
    pick: (from) => from[below(from.length)] ?? from[0],
    weighed: (from) => {
      let rest = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      return from.find(({ weight }) => (rest -= weight) < 0) ?? from.at(-1);
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
