/** How a run ends (design section 5). One number never means both "there is a difference" and "it failed". */
export const EXIT = {
  ok: 0,
  error: 1,
  changesPending: 2,
  usage: 3,
  notAllowed: 4,
  refused: 5,
  stale: 6,
  expectationNotMet: 7,
  cancelled: 8,
  appliedInPart: 9,
  bug: 70,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
