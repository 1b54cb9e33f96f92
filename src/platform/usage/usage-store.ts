import { integer, text } from "../store/columns.ts";
import type { SqlReader, SqlWriter } from "../store/sql-driver.ts";
import { hourOf } from "./call-use.ts";

/** How often a key was used for one target from one origin within one hour. */
export interface UsageCount {
  /** When the hour began. */
  readonly hour: string;
  readonly target: string;
  readonly origin: string;
  readonly allowed: number;
  readonly denied: number;
}

/** What a key was used for. Counts come in batches, so the last seconds may be missing. */
export interface KeyUsage {
  /** The last call that was allowed; null if there was none. */
  readonly lastUsedAt: string | null;
  /** Newest hour first. */
  readonly counts: readonly UsageCount[];
}

/** Counts to be added. */
export interface UsageRow extends UsageCount {
  readonly keyId: string;
}

/** The last allowed call of a key. */
export interface LastUse {
  readonly keyId: string;
  readonly at: string;
}

/** For how long counts are kept, in days. */
export const USAGE_DAYS = 90;

/** The most counts that are read at once: what a busy key gathers in some days. */
const MOST_COUNTS = 10_000;

const ADD = `
  INSERT INTO usage (key_id, hour, target, origin, allowed, denied) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (key_id, hour, target, origin)
  DO UPDATE SET allowed = usage.allowed + excluded.allowed, denied = usage.denied + excluded.denied`;

const SET_LAST = `
  INSERT INTO last_used (key_id, at) VALUES (?, ?)
  ON CONFLICT (key_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_used.at`;

const FORGET = "DELETE FROM usage WHERE key_id = ? AND hour < ?";

const LAST = "SELECT at FROM last_used WHERE key_id = ?";

const COUNTS = `
  SELECT hour, target, origin, allowed, denied FROM usage WHERE key_id = ? AND hour >= ?
  ORDER BY hour DESC, target, origin LIMIT ${MOST_COUNTS}`;

/** Adds counts. Rows go in one order, so that servers that add at the same moment wait for each other and never lock up. */
export async function addUsage(sql: SqlWriter, rows: readonly UsageRow[], lastUses: readonly LastUse[]): Promise<void> {
  const values = rows.map(({ keyId, hour, target, origin, allowed, denied }) => {
    return [keyId, hour, target, origin, allowed, denied] as const;
  });
  await sql.runAll(
    ADD,
    values.toSorted((left, right) => compare(left.join(" "), right.join(" "))),
  );
  const lasts = lastUses.map(({ keyId, at }) => [keyId, at] as const);
  await sql.runAll(
    SET_LAST,
    lasts.toSorted(([left], [right]) => compare(left, right)),
  );
}

/** Forgets the counts of these keys from before an hour. */
export async function forgetUsage(sql: SqlWriter, keyIds: readonly string[], before: string): Promise<void> {
  await sql.runAll(
    FORGET,
    keyIds.toSorted(compare).map((keyId) => [keyId, before]),
  );
}

/** Reads what a key was used for since the hour of an instant; at most 10,000 counts, the newest ones. */
export async function usageOf(
  sql: SqlReader,
  keyId: string,
  { since }: { readonly since?: string | undefined } = {},
): Promise<KeyUsage> {
  const last = await sql.get(LAST, keyId);
  const rows = await sql.all(COUNTS, keyId, since === undefined ? "" : hourOf(Date.parse(since)));
  return {
    lastUsedAt: last === undefined ? null : text(last[0]),
    counts: rows.map(([hour, target, origin, allowed, denied]) => {
      const where = { hour: text(hour), target: text(target), origin: text(origin) };
      return { ...where, allowed: integer(allowed), denied: integer(denied) };
    }),
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
