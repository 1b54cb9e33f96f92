/** One call with a key, as it is counted. */
export interface CallUse {
  readonly keyId: string;
  /** `algo://owner/name`, `data:read`, `data:write`, `connector:read`, `connector:write` or `other`. */
  readonly target: string;
  /** `native`, the origin of the calling page, or `other`. */
  readonly origin: string;
  readonly allowed: boolean;
  /** The moment of the call, in milliseconds since 1970. */
  readonly at: number;
}

/** What stands for every target or origin past the bound of its key and hour. */
export const OTHER = "other";

/** How many pairs of target and origin a key's hour has at most; refused calls may bring up only a part of them. */
export const PAIR_LIMITS = { all: 250, fromDenials: 50 } as const;

/** The beginning of a moment's hour, as it is stored. */
export function hourOf(at: number): string {
  return new Date(Math.floor(at / HOUR) * HOUR).toISOString();
}

const HOUR = 3_600_000;
