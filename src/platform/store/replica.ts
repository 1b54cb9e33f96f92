import { setTimeout as sleep } from "node:timers/promises";
import { KeyApiError } from "../../api/errors.ts";
import { integer, text } from "./columns.ts";
import type { ListeningConnection, PostgresConnection } from "./postgres-connection.ts";

/** How long a replica may serve from memory without asking the database, in milliseconds. */
export const LEASE_MS = 2_000;

/** A replica's own end of its lease comes this much before the database's, because no two clocks run alike. */
const MARGIN_MS = 100;

/** A lease is renewed this often, so that one renewal may fail and the next still comes in time. */
const RENEW_MS = 500;

/** After a failure, nothing is tried again for so long; who asks meanwhile gets the same failure. */
const RETRY_MS = 100;

/** Times of two clocks in milliseconds: one that never jumps but may stand still with the machine, and one that does not. */
export interface Clocks {
  readonly steady: () => number;
  readonly wall: () => number;
}

/** What a replica is made of. */
export interface ReplicaParts {
  /** Opens a connection of the replica's own: `heard` is called for every epoch told, `lost` if the connection breaks. */
  readonly connect: (heard: (epoch: number) => void, lost: () => void) => Promise<ListeningConnection>;
  readonly clocks: Clocks;
}

/** One of the processes that keep memory of one database. */
export interface Replica {
  /** See {@link SqlDriver.generation}. */
  generation(): number | Promise<number>;
  /** Looks whether the epoch has moved on, without waiting to be told. */
  look(): void;
  /** Gives the lease back. */
  close(): Promise<void>;
}

/**
 * Extends the lease if the epoch is still the one up to which this replica has dropped its memory, and tells the epoch.
 * The row lock makes it wait for a commit that moves the epoch, and such a commit wait for it: whoever moves the epoch
 * therefore sees every lease that was given before, and none is given afterwards to a replica that has not seen it.
 */
const RENEW = `
  WITH held AS (SELECT epoch FROM platform FOR SHARE),
  renewed AS (
    INSERT INTO replicas (id, seen, lease_until)
    SELECT ?, epoch, clock_timestamp() + interval '${LEASE_MS} milliseconds' FROM held WHERE epoch = ?
    ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, lease_until = excluded.lease_until
  )
  SELECT epoch FROM held`;

/** Moves the epoch on; the last statement of a transaction, so that epoch order is commit order. */
export const MOVE_EPOCH = `
  WITH moved AS (UPDATE platform SET epoch = epoch + 1 RETURNING epoch)
  SELECT epoch, pg_notify('algokeys_epoch', epoch::text) FROM moved`;

/** Hears of {@link MOVE_EPOCH}. Only a hint: what counts is what a renewal reads. */
export const LISTEN = "LISTEN algokeys_epoch";

const BEHIND = "SELECT count(*) FROM replicas WHERE seen < ? AND lease_until > clock_timestamp()";
const DRAW_ID = "SELECT gen_random_uuid()::text";
const SWEEP = "DELETE FROM replicas WHERE lease_until < clock_timestamp() - interval '1 minute'";
const LEAVE = "DELETE FROM replicas WHERE id = ?";

/** Makes a replica, which does nothing until its generation is first asked for. */
export function openReplica({ connect, clocks }: ReplicaParts): Replica {
  let generation = 0;
  let seen = -1;
  let lease = { steady: -Infinity, wall: -Infinity };
  let id: string | undefined;
  let connection: ListeningConnection | undefined;
  let renewing: Promise<void> | undefined;
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  /** Memory is dropped before anybody is told that this epoch was seen. */
  function learn(epoch: number): void {
    if (epoch === seen) return;
    seen = epoch;
    generation++;
  }

  function heard(epoch: number): void {
    if (closed || !(epoch > seen)) return;
    learn(epoch);
    void renew().catch(() => undefined); // told to whoever asks for the generation
  }

  async function connected(): Promise<ListeningConnection> {
    if (connection !== undefined) return connection;
    let opened: ListeningConnection | undefined = undefined;
    opened = await connect(heard, () => {
      if (connection !== opened) return;
      connection = undefined;
      schedule(0);
    });
    connection = opened;
    id ??= text((await opened.query(DRAW_ID)).rows[0]?.[0]);
    await opened.query(SWEEP);
    return opened;
  }

  async function extendLease(): Promise<void> {
    const own = await connected();
    for (;;) {
      const asked = seen;
      // The lease is counted from before the asking, so it ends here no later than where the database counts it.
      const sent = { steady: clocks.steady(), wall: clocks.wall() };
      const [row] = (await own.query(RENEW, [id ?? null, asked])).rows;
      if (row === undefined) throw notSetUp();
      const epoch = integer(row[0]);
      if (epoch === asked && !closed) {
        const length = LEASE_MS - MARGIN_MS;
        lease = { steady: sent.steady + length, wall: sent.wall + length };
      } else learn(epoch);
      // What was heard meanwhile is not in the row yet, and somebody waits for it.
      if (seen === asked || closed) return;
    }
  }

  function renew(): Promise<void> {
    renewing ??= extendLease().then(
      () => {
        renewing = undefined;
        failed = undefined;
        schedule(RENEW_MS);
      },
      (error: unknown) => {
        renewing = undefined;
        failed = { at: clocks.steady(), error };
        const broken = connection;
        connection = undefined;
        void broken?.close();
        schedule(RETRY_MS);
        throw error;
      },
    );
    return renewing;
  }

  function schedule(delay: number): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => void renew().catch(() => undefined), delay); // told to whoever asks
    timer.unref();
  }

  function holds(): boolean {
    return clocks.steady() < lease.steady && clocks.wall() < lease.wall;
  }

  async function renewed(): Promise<number> {
    if (closed) throw new KeyApiError("unavailable", "The platform's database was closed before this call.");
    if (failed !== undefined && clocks.steady() < failed.at + RETRY_MS) throw failed.error;
    await renew();
    if (!holds()) throw new KeyApiError("unavailable", "The platform's database answers too slowly. Try again.");
    return generation;
  }

  return {
    generation: () => (holds() ? generation : renewed()),
    look: () => {
      if (generation > 0 && !closed) void renew().catch(() => undefined); // told to whoever asks
    },
    close: async () => {
      closed = true;
      lease = { steady: -Infinity, wall: -Infinity };
      clearTimeout(timer);
      await renewing?.catch(() => undefined);
      const own = connection;
      connection = undefined;
      // A row that cannot be taken away ends by itself.
      if (id !== undefined) await own?.query(LEAVE, [id]).catch(() => undefined);
      await own?.close();
    },
  };
}

/**
 * Waits until every replica has dropped what it read before this epoch, or may no longer serve. When the database
 * cannot be asked, the longest lease is waited for: none was given since the commit to a replica that has not seen it.
 */
export async function seenEverywhere(query: PostgresConnection["query"], epoch: number, clocks: Clocks): Promise<void> {
  const end = clocks.steady() + LEASE_MS + MARGIN_MS;
  for (let pause = 1; ; pause = Math.min(2 * pause, 20)) {
    const left = end - clocks.steady();
    if (left <= 0) return;
    try {
      const [row = []] = (await query(BEHIND, [epoch])).rows;
      if (integer(row[0]) === 0) return;
      await sleep(Math.min(pause, left));
    } catch {
      await sleep(left);
      return;
    }
  }
}

function notSetUp(): KeyApiError {
  return new KeyApiError("unavailable", "The platform has not been set up.", { retryable: false });
}
