import { KeyApiError } from "../api/errors.ts";
import type { Account } from "../api/key-api.ts";
import { nameKey } from "../core/key-name.ts";
import { integer, text } from "./store/columns.ts";
import type { SqlReader, SqlRow, SqlWriter } from "./store/sql-driver.ts";

/** An account with what only the platform itself needs of it. */
export interface AccountRow extends Account {
  readonly seq: number;
  readonly liveKeys: number;
  /** When it last changed; no later record of it bears an earlier time, whatever the clock does. */
  readonly changedAt: string;
}

const BY_NAME = "SELECT seq, name, revision, live_keys, created_at, changed_at FROM accounts WHERE name_key = ?";

/** Finds an account, ignoring case. Throws `not-found`. */
export async function findAccount(sql: SqlReader, name: string): Promise<AccountRow> {
  const row = await sql.get(BY_NAME, nameKey(name));
  if (row === undefined) throw noAccount(name);
  return accountOf(row);
}

/**
 * Finds an account to write to, ignoring case; no one else writes to it until the transaction ends, so that the order of
 * its revisions is the order of commits. Throws `not-found`.
 */
export async function lockAccount(sql: SqlWriter, name: string): Promise<AccountRow> {
  const row = await sql.getLocked(BY_NAME, nameKey(name));
  if (row === undefined) throw noAccount(name);
  return accountOf(row);
}

/** The refusal of an account that is not there, or that the caller may not see: the two must not be told apart. */
export function noAccount(name: string): KeyApiError {
  return new KeyApiError("not-found", `There is no account ${name.slice(0, 64)}.`);
}

/** True if there is an account of that name, ignoring case. */
export async function accountExists(sql: SqlReader, name: string): Promise<boolean> {
  return (await sql.get(BY_NAME, nameKey(name))) !== undefined;
}

/** The moment of a write to an account, in milliseconds: the clock's, but never before what is recorded already. */
export function momentAfter(account: Pick<AccountRow, "changedAt">, now: number): number {
  return Math.max(now, Date.parse(account.changedAt));
}

function accountOf([seq, name, revision, liveKeys, createdAt, changedAt]: SqlRow): AccountRow {
  return {
    seq: integer(seq),
    name: text(name),
    revision: integer(revision),
    createdAt: text(createdAt),
    liveKeys: integer(liveKeys),
    changedAt: text(changedAt),
  };
}
