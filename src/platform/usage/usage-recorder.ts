import { setImmediate } from "node:timers/promises";
import type { SqlDriver } from "../store/sql-driver.ts";
import { hourOf, type CallUse } from "./call-use.ts";
import { usageBounds } from "./usage-bounds.ts";
import { addUsage, forgetUsage, USAGE_DAYS, type UsageRow } from "./usage-store.ts";

/** What a recorder is made of. */
export interface UsageRecorderOptions {
  readonly driver: Pick<SqlDriver, "write">;
  /** Told of every batch that could not be written; it is tried again. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds between batches. Absent: 2,000. */
  readonly interval?: number;
}

/** Counts calls in memory and writes the counts in batches, off the path of requests. */
export interface UsageRecorder {
  /** Counts a call. Never waits, never fails. */
  readonly record: (use: CallUse) => void;
  /** Writes what is counted; resolves when it is written, or has failed and was told so. */
  readonly flush: () => Promise<void>;
  /** Writes what is counted, and no more after it. */
  readonly close: () => Promise<void>;
  readonly stats: () => UsageStats;
}

/** The state of a recorder, for metrics. */
export interface UsageStats {
  /** Counts that wait to be written. */
  readonly pending: number;
  /** Calls that were not counted because too many counts waited. */
  readonly dropped: number;
}

/** A transaction has at most so many counts: an embedded database writes them while everybody waits. */
const BATCH = 250;

/** So many counts are written without waiting for the interval. */
const ENOUGH = 10_000;

/** So many counts wait at most while the database is gone. */
const MOST_PENDING = 50_000;

const DAY = 86_400_000;

interface Count {
  readonly row: Omit<UsageRow, "allowed" | "denied">;
  allowed: number;
  denied: number;
}

interface Batch {
  readonly counts: ReadonlyMap<string, Count>;
  readonly lastUses: ReadonlyMap<string, number>;
}

/**
 * Makes a recorder. Losing the database loses no answer, and of the counts only those past the bound, which are counted.
 * A batch whose commit got no answer is written again, so it may count twice: these are counts, not an audit.
 */
export function usageRecorder(options: UsageRecorderOptions): UsageRecorder {
  const { driver, failed, interval = 2_000 } = options;
  const bounded = usageBounds();
  const write = batchWriter(driver);
  const counts = new Map<string, Count>();
  const lastUses = new Map<string, number>();
  let dropped = 0;
  let closed = false;
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => void flush(), interval).unref();

  function record(use: CallUse): void {
    const { keyId, allowed, at } = use;
    const row = bounded(use);
    const { name } = row;
    let count = counts.get(name);
    if (count === undefined) {
      if (closed || counts.size >= MOST_PENDING) {
        dropped++;
        return;
      }
      count = { row, allowed: 0, denied: 0 };
      counts.set(name, count);
      if (counts.size === ENOUGH) void flush();
    }
    if (allowed) count.allowed++;
    else count.denied++;
    if (allowed && at > (lastUses.get(keyId) ?? 0)) lastUses.set(keyId, at);
  }

  function takeBatch(size: number): Batch {
    const batch = { counts: new Map<string, Count>(), lastUses: new Map<string, number>() };
    for (const [name, count] of counts) {
      if (batch.counts.size >= size) break;
      counts.delete(name);
      batch.counts.set(name, count);
      const { keyId } = count.row;
      const last = lastUses.get(keyId);
      if (last === undefined) continue;
      lastUses.delete(keyId);
      batch.lastUses.set(keyId, last);
    }
    return batch;
  }

  function putBack(batch: Batch): void {
    for (const [name, count] of batch.counts) {
      const later = counts.get(name);
      if (later === undefined) counts.set(name, count);
      else {
        later.allowed += count.allowed;
        later.denied += count.denied;
      }
    }
    for (const [keyId, at] of batch.lastUses) lastUses.set(keyId, Math.max(at, lastUses.get(keyId) ?? 0));
  }

  async function writeAll(): Promise<void> {
    // In a turn of its own: who counts a call is answering it.
    await setImmediate();
    // What is counted meanwhile is for the next time, else a busy server would write without end.
    for (let left = counts.size; left > 0; left -= BATCH) {
      const batch = takeBatch(Math.min(left, BATCH));
      try {
        await write(batch);
      } catch (error) {
        putBack(batch);
        failed(error);
        return;
      }
      await setImmediate();
    }
  }

  function flush(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  return {
    record,
    flush,
    close: async () => {
      closed = true;
      clearInterval(timer);
      await writing; // what it took may come back
      await flush();
    },
    stats: () => ({ pending: counts.size, dropped }),
  };
}

/** Writes one batch in a transaction, and forgets what is too old of each key that it meets, once a day. */
function batchWriter(driver: Pick<SqlDriver, "write">): (batch: Batch) => Promise<void> {
  let day = Number.NaN;
  let forgotten = new Set<string>();

  return async (batch) => {
    const rows = Array.from(batch.counts.values(), ({ row, allowed, denied }) => ({ ...row, allowed, denied }));
    const lasts = Array.from(batch.lastUses, ([keyId, at]) => ({ keyId, at: new Date(at).toISOString() }));
    const latest = Math.max(...rows.map(({ hour }) => Date.parse(hour)));
    const today = Math.floor(latest / DAY);
    if (today !== day) forgotten = new Set();
    day = today;
    const due = [...new Set(rows.map(({ keyId }) => keyId))].filter((keyId) => !forgotten.has(keyId));
    await driver.write(async (sql) => {
      await addUsage(sql, rows, lasts);
      await forgetUsage(sql, due, hourOf(latest - USAGE_DAYS * DAY));
    });
    for (const keyId of due) forgotten.add(keyId);
  };
}
