import { KeyApiError } from "../api/errors.ts";
import type { KeyApi } from "../api/key-api.ts";
import { LEASE_MS, type Lease, type LeaseHolder, type LeaseRequest } from "../api/lease.ts";
import { withRetry, type RetryPorts } from "../api/retry.ts";

/** How often a runner extends its lease, in milliseconds: three extensions may fail before it ends. */
export const HEARTBEAT_MS = 15_000;

/** How often a runner that waits asks again, in milliseconds: whoever is done gives its lease back at once. */
const POLL_MS = 1_000;

/** How often the platform is asked whether a lease still holds. */
const MAX_ASKED = 3;

/** For whom a lease is, and what taking and keeping it needs of the world. */
export interface LeasePorts extends RetryPorts {
  readonly api: Pick<KeyApi, "takeLease" | "renewLease" | "releaseLease" | "getAccount">;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
  readonly account: string;
  readonly project: string;
  /** Drawn for this run alone. */
  readonly runner: string;
  readonly holder: Omit<LeaseHolder, "actor">;
  /** How long another runner is waited for, in milliseconds. */
  readonly waitMs: number;
  /** Told of each other runner that is waited for. */
  readonly waiting: (lease: Lease) => void;
  /** Told once if the platform has no leases. */
  readonly missing: () => void;
}

/** A run's lease on a project: taken before it reads what is live, kept up while it works, given back at its end. */
export interface RunnerLease {
  /**
   * Takes it, if this run has none yet. No account means no lease: once the run has made the account it takes one. Throws
   * {@link LeaseHeld} if another runner has it and does not end in time.
   */
  take(): Promise<void>;
  /** What a change set bears; undefined without a lease. */
  fence(): number | undefined;
  /**
   * Asks the platform whether no other runner has taken it: true also without a lease, since nobody else can have this
   * run's. If the platform does not answer, the run's own clock decides.
   */
  holds(): Promise<boolean>;
  /** Stops keeping it up and gives it back; never throws. */
  release(): Promise<void>;
}

/** Another runner has the lease, and was not waited for or not long enough. */
export class LeaseHeld extends Error {
  override readonly name = "LeaseHeld";
  readonly lease: Lease;

  constructor(lease: Lease) {
    super(`another run writes for ${lease.project}`);
    this.lease = lease;
  }
}

/** Makes a run's lease, which asks for nothing before it is taken. */
export function runnerLease(ports: LeasePorts): RunnerLease {
  const { api, account, project, runner, now } = ports;
  const ending = new AbortController();
  const grip = { project, runner };
  let held: { readonly fence: number; readonly until: number } | undefined;
  let lost = false;
  let unsupported = false;
  let beating: Promise<void> = Promise.resolve();

  /**
   * One extension; false once another runner has the lease. The end is counted from before the asking, so it comes here no
   * later than on the platform.
   */
  async function renew(fence: number): Promise<boolean> {
    const asked = now();
    try {
      await api.renewLease(account, grip);
      held = { fence, until: asked + LEASE_MS };
    } catch (error) {
      if (!(error instanceof KeyApiError)) throw error;
      if (error.code === "fenced") lost = true;
    }
    return !lost;
  }

  async function beat(fence: number): Promise<void> {
    while (!lost) {
      try {
        await ports.sleep(HEARTBEAT_MS, ending.signal);
      } catch {
        return; // the run is at its end
      }
      if (!ending.signal.aborted) await renew(fence);
    }
  }

  return {
    take: async () => {
      if (held !== undefined || unsupported) return;
      const asked = await taken(ports);
      if (asked === "no-leases") {
        unsupported = true;
        ports.missing();
      } else if (asked !== "no-account") {
        held = { fence: asked.fence, until: asked.until };
        beating = beat(asked.fence);
        beating.catch(() => undefined); // awaited at the release
      }
    },
    fence: () => held?.fence,
    holds: async () => {
      if (held === undefined) return true;
      // A run that stood still while it asked has an answer of before: it asks again.
      for (let asked = 0; asked < MAX_ASKED && !lost; asked++) {
        if ((await renew(held.fence)) && now() < held.until) return true;
      }
      return false;
    },
    release: async () => {
      ending.abort();
      await beating;
      if (held === undefined || lost) return;
      // If nobody hears of it, the lease ends by itself.
      await api.releaseLease(account, grip).catch(() => undefined);
    },
  };
}

type Taken = { readonly fence: number; readonly until: number } | "no-account" | "no-leases";

async function taken(ports: LeasePorts): Promise<Taken> {
  const { now, waitMs, signal } = ports;
  const giveUp = now() + waitMs;
  let told = 0;
  for (;;) {
    const asked = now();
    const answer = await ask(ports);
    if (typeof answer === "string") return answer;
    const { granted, lease } = answer;
    if (granted) return { fence: lease.fence, until: asked + LEASE_MS };
    const left = giveUp - now();
    if (left <= 0) throw new LeaseHeld(lease);
    if (lease.fence !== told) ports.waiting(lease);
    told = lease.fence;
    await ports.sleep(Math.min(left, POLL_MS), signal);
  }
}

/**
 * A platform of before there were leases knows no such route, and says so in the same words as of an account. An account that
 * is there is asked for twice, because another run may have made it in between.
 */
async function ask(ports: LeasePorts): Promise<"no-account" | "no-leases" | Awaited<ReturnType<KeyApi["takeLease"]>>> {
  const { api, account, project, runner, holder, signal } = ports;
  const request: LeaseRequest = { project, runner, ...holder };
  const take = () => unlessNotFound(withRetry(() => api.takeLease(account, request, { signal }), ports));
  const answer = await take();
  if (answer !== undefined) return answer;
  if ((await unlessNotFound(api.getAccount(account, { signal }))) === undefined) return "no-account";
  return (await take()) ?? "no-leases";
}

/** What was answered; undefined if it is not there. */
async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "not-found") return undefined;
    throw error;
  }
}
