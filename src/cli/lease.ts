import { setTimeout as wait } from "node:timers/promises";
import type { KeyApi } from "../api/key-api.ts";
import type { Lease } from "../api/lease.ts";
import { HOLDER_LENGTH, LEASE_MS } from "../api/lease.ts";
import { LeaseHeld, runnerLease, type LeasePorts, type RunnerLease } from "../apply/runner-lease.ts";
import { durationMs } from "../core/duration.ts";
import { shown } from "../report/shown.ts";
import { newId } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { openPlatform } from "./platform.ts";
import type { OpenPlatform } from "./remote-platform.ts";
import { processName } from "./run-place.ts";

/** What a run wants to write to, and how long it waits for another run that does. */
export interface LeaseTarget {
  readonly url: string;
  readonly account: string;
  readonly project: string;
  /** What this run does, such as `apply`. */
  readonly command: string;
  /** A duration such as `5m`; absent for no waiting. */
  readonly lockTimeout: string | undefined;
}

/**
 * Runs `work` while this run has the lease of its project, or ends the command where another run has it. The lease is
 * taken before anything is read, so that what is planned is what the other run has left, and is given back in any case.
 */
export async function withLease<T>(
  target: LeaseTarget,
  context: Context,
  work: (lease: RunnerLease) => Promise<T>,
): Promise<T> {
  const waitMs = parseLockTimeout(target.lockTimeout);
  let platform: OpenPlatform | undefined;
  const api = async (): Promise<KeyApi> => (platform ??= await openPlatform(target.url, false, context)).api;
  const lease = runnerLease(portsOf(target, waitMs, api, context));
  try {
    await lease.take();
    return await work(lease);
  } catch (error) {
    throw error instanceof LeaseHeld ? heldFailure(error.lease, target, waitMs) : error;
  } finally {
    await lease.release();
    await platform?.close();
  }
}

function portsOf(target: LeaseTarget, waitMs: number, api: () => Promise<KeyApi>, context: Context): LeasePorts {
  const { account, project, command } = target;
  const { now, random, signal, stderr, host } = context;
  return {
    // Opened when it is first asked: where no platform is yet, there is no lease, and reading makes none.
    api: {
      takeLease: async (...call) => await (await api()).takeLease(...call),
      renewLease: async (...call) => await (await api()).renewLease(...call),
      releaseLease: async (...call) => await (await api()).releaseLease(...call),
      getAccount: async (...call) => await (await api()).getAccount(...call),
    },
    account,
    project,
    runner: newId(context),
    holder: {
      host: host.slice(0, HOLDER_LENGTH),
      process: processName(context).slice(0, HOLDER_LENGTH),
      command: `algokeys ${command}`,
    },
    waitMs,
    waiting: (lease) => stderr.write(`Waiting for another run: ${shown(holderText(lease))}.\n`),
    missing: () => {
      const advice = "nothing is lost by that, but two runs at once may do the same work";
      stderr.write(`This platform is of a version without leases: ${advice}.\n`);
    },
    now,
    random,
    sleep: async (ms, until) => {
      try {
        await wait(ms, undefined, until === undefined ? {} : { signal: until });
      } catch (error) {
        until?.throwIfAborted(); // the signal's own reason, which says that the run was cancelled
        throw error;
      }
    },
    signal,
  };
}

function heldFailure(lease: Lease, { account, project }: LeaseTarget, waitMs: number): CommandFailure {
  const waited = waitMs === 0 ? "" : " still";
  return new CommandFailure(EXIT.error, `another run${waited} writes for ${project} of ${account}`, {
    detail: `${holderText(lease)}. Nothing was written.`,
    fix:
      `Wait for it with --lock-timeout 5m, or run the command again later. ` +
      `A run that died is given up within ${String(LEASE_MS / 1000)} seconds.`,
  });
}

/** Who it is, since when, and until when unless it goes on. */
function holderText({ holder, takenAt, leaseUntil }: Lease): string {
  const { actor, host, process, command } = holder;
  return `${command} by ${actor} on ${host} (${process}) since ${takenAt}, until ${leaseUntil} unless it goes on`;
}

/** How long a run waits for another one, in milliseconds. Ends the command at what is no duration. */
export function parseLockTimeout(text = "0s"): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new CommandFailure(EXIT.usage, `--lock-timeout ${text} is no duration`, {
    fix: "Write --lock-timeout 30s or --lock-timeout 5m.",
  });
}
