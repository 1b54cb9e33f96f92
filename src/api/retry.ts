import type { RandomBytes } from "../core/token.ts";
import { KeyApiError } from "./errors.ts";

/** What retrying needs of the world. */
export interface RetryPorts {
  /** Resolves after that many milliseconds, or rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

const MAX_TRIES = 6;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 20_000;
/** No retry begins if its wait would take all waits together past this. */
const WAIT_BUDGET_MS = 120_000;

/**
 * Calls until it succeeds, fails for good, or its tries (6) or waits (2 minutes) are used up; then the last error is
 * thrown. Only for calls that are safe to repeat. Waits are drawn from 0 to a doubling bound, after what the platform
 * asked for if it did, so that those who were turned away together do not come back together; an abort ends the waiting
 * with the signal's reason.
 */
export async function withRetry<T>(call: () => Promise<T>, ports: RetryPorts): Promise<T> {
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KeyApiError) || !error.retryable || attempt === MAX_TRIES) throw error;
      const wait = (error.retryAfter ?? 0) + jitter(attempt, ports.random);
      if (waited + wait > WAIT_BUDGET_MS) throw error;
      waited += wait;
      await ports.sleep(wait, ports.signal);
    }
  }
}

function jitter(attempt: number, random: RandomBytes): number {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  const [high = 0, low = 0] = random(2);
  return Math.round((bound * (high * 256 + low)) / 65_535);
}
