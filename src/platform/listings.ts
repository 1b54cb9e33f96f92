import { KeyApiError } from "../api/errors.ts";
import type { KeyPage, ListQuery } from "../api/key-api.ts";
import type { ApiKey, ChangeOrigin, KeyId } from "../core/api-key.ts";
import { findAccount, type AccountRow } from "./accounts.ts";
import { cursorAfter, readPage, type Page } from "./cursor.ts";
import { apiKeyOf, CREDENTIAL_COLUMNS, credentialsByKey, KEY_COLUMNS, readKeyRow, type KeyRow } from "./key-rows.ts";
import { restoreLimit } from "./key-state.ts";
import { integer, text, textOrNull } from "./store/columns.ts";
import { selectIn } from "./store/select-in.ts";
import type { SqlReader } from "./store/sql-driver.ts";

/** Credentials of a range of keys that are not long gone, oldest first. */
const CREDENTIALS = `
  SELECT ${CREDENTIAL_COLUMNS} FROM credentials
  WHERE account = ? AND key_seq BETWEEN ? AND ? AND (revoked_at IS NULL OR revoked_at > ?) AND (retires_at IS NULL OR retires_at > ?)
  ORDER BY key_seq, seq`;

const LIVE_KEYS = `
  SELECT ${KEY_COLUMNS} FROM api_keys WHERE account = ? AND deleted_at IS NULL AND seq > ? ORDER BY seq LIMIT ?`;

const DELETED_KEYS = `
  SELECT ${KEY_COLUMNS} FROM api_keys WHERE account = ? AND deleted_at IS NOT NULL AND deleted_at > ? AND seq > ?
  ORDER BY seq LIMIT ?`;

const DELETED_TOTAL = "SELECT count(*) FROM api_keys WHERE account = ? AND deleted_at IS NOT NULL AND deleted_at > ?";

/**
 * One page of keys in the order of their making. The position is a key's own, so a key that lives through the whole
 * walk comes exactly once, whatever is made and deleted meanwhile. `now` in milliseconds.
 */
export async function readKeyPage(sql: SqlReader, name: string, query: ListQuery, now: number): Promise<KeyPage> {
  const state = query.state ?? "live";
  const page = readPage(state, query);
  const account = await findAccount(sql, name);
  const rows = await keyRows(sql, account, state, page, now);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const isLast = rows.length <= page.limit || last === undefined;
  return {
    keys: await toldKeys(sql, account, shown, now),
    nextCursor: isLast ? null : cursorAfter(state, last.seq),
    revision: account.revision,
    total: state === "live" ? account.liveKeys : await deletedTotal(sql, account, now),
  };
}

/** One key, deleted ones while they can be restored. Throws `not-found`. */
export async function readKey(sql: SqlReader, name: string, id: KeyId, now: number): Promise<ApiKey> {
  const account = await findAccount(sql, name);
  const select = `SELECT ${KEY_COLUMNS} FROM api_keys WHERE id = ? AND account = ? AND (deleted_at IS NULL OR deleted_at > ?)`;
  const row = await sql.get(select, id, account.seq, restoreLimit(now));
  const [key] = row === undefined ? [] : await toldKeys(sql, account, [readKeyRow(row)], now);
  if (key === undefined) throw new KeyApiError("not-found", `${account.name} has no key ${id.slice(0, 64)}.`);
  return key;
}

/** One row more than the page has, which says whether another page follows. */
async function keyRows(
  sql: SqlReader,
  account: AccountRow,
  state: "live" | "deleted",
  { after, limit }: Page,
  now: number,
): Promise<readonly KeyRow[]> {
  const rows =
    state === "live"
      ? await sql.all(LIVE_KEYS, account.seq, after ?? 0, limit + 1)
      : await sql.all(DELETED_KEYS, account.seq, restoreLimit(now), after ?? 0, limit + 1);
  return rows.map(readKeyRow);
}

async function toldKeys(
  sql: SqlReader,
  account: AccountRow,
  rows: readonly KeyRow[],
  now: number,
): Promise<readonly ApiKey[]> {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return [];
  const limit = restoreLimit(now);
  const credentials = credentialsByKey(await sql.all(CREDENTIALS, account.seq, first.seq, last.seq, limit, limit));
  const origins = await changeOrigins(sql, account, rows);
  return rows.map((row) => {
    const lastChange = origins.get(row.revision);
    if (lastChange === undefined) throw new Error(`key ${row.id} was changed by no change set`);
    return apiKeyOf(row, account.name, lastChange, credentials.get(row.seq) ?? []);
  });
}

/** Who last changed these keys, by revision: most keys of a page were changed by a few change sets. */
async function changeOrigins(
  sql: SqlReader,
  account: AccountRow,
  rows: readonly KeyRow[],
): Promise<ReadonlyMap<number, ChangeOrigin>> {
  const select = {
    text: "SELECT revision, committed_at, actor, project, id FROM change_sets WHERE account = ?",
    values: [account.seq],
    column: "revision",
  };
  const found = await selectIn(
    sql,
    select,
    rows.map(({ revision }) => revision),
  );
  return new Map(
    found.map(([revision, at, actor, project, id]) => [
      integer(revision),
      { at: text(at), actor: text(actor), project: textOrNull(project), changeSet: text(id) },
    ]),
  );
}

async function deletedTotal(sql: SqlReader, account: AccountRow, now: number): Promise<number> {
  const row = await sql.get(DELETED_TOTAL, account.seq, restoreLimit(now));
  return row === undefined ? 0 : integer(row[0]);
}
