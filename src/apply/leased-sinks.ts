import type { RunnerLease } from "./runner-lease.ts";
import type { Sink, Sinks } from "./sink.ts";

const LOST = "another run took over while this one stood still, and may have written there";

/**
 * Sinks that write only while the run still has its lease: a run that stood still must not put a secret where a later run
 * has put its own. Honest limit: a run that stops between this question and the write itself is held back by nothing but
 * the sink's own guard.
 */
export function leasedSinks(sinks: Sinks, lease: Pick<RunnerLease, "holds"> | undefined): Sinks {
  if (lease === undefined) return sinks;
  const entries = Object.entries<Sink>(sinks).map(([kind, sink]): [string, Sink] => [
    kind,
    {
      ...sink,
      deliver: async (secrets) =>
        (await lease.holds()) ? await sink.deliver(secrets) : new Map(secrets.map(({ delivery }) => [delivery, LOST])),
    },
  ]);
  return Object.fromEntries(entries) as unknown as Sinks; // the same kinds, each with its sink
}
