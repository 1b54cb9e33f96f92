import type { ChangeResult, ChangeSetRecord, RecordedChange, RecordedKey } from "../api/change-set.ts";
import { KeyApiError } from "../api/errors.ts";
import type { ChangePage, ChangeSetPage, PageQuery } from "../api/key-api.ts";
import { findAccount } from "./accounts.ts";
import type { AuditedKey } from "./audit.ts";
import { cursorAfter, readPage } from "./cursor.ts";
import { integer, text, textOrNull } from "./store/columns.ts";
import type { SqlReader, SqlRow } from "./store/sql-driver.ts";

const CHANGE_SETS = `
  SELECT id, revision, committed_at, actor, made_from, address, project, message, results FROM change_sets
  WHERE account = ? AND revision < ? ORDER BY revision DESC LIMIT ?`;

const CHANGES = `
  SELECT position, action, key_id, credential, before, after FROM changes
  WHERE account = ? AND revision = ? AND position > ? ORDER BY position LIMIT ?`;

/** One page of committed change sets, newest first. */
export async function readChangeSetPage(sql: SqlReader, name: string, query: PageQuery): Promise<ChangeSetPage> {
  const page = readPage("history", query);
  const account = await findAccount(sql, name);
  const rows = await sql.all(CHANGE_SETS, account.seq, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1);
  const shown = rows.slice(0, page.limit).map(changeSetOf);
  const last = shown.at(-1);
  const isLast = rows.length <= page.limit || last === undefined;
  return {
    changeSets: shown,
    nextCursor: isLast ? null : cursorAfter("history", last.revision),
  };
}

/** One page of a change set's changes, with each key right before and right after its change. Throws `not-found`. */
export async function readChangePage(
  sql: SqlReader,
  name: string,
  changeSet: string,
  query: PageQuery,
): Promise<ChangePage> {
  const page = readPage("changes", query);
  const account = await findAccount(sql, name);
  const set = await sql.get("SELECT revision FROM change_sets WHERE account = ? AND id = ?", account.seq, changeSet);
  if (set === undefined) {
    throw new KeyApiError("not-found", `${account.name} has no change set ${changeSet.slice(0, 64)}.`);
  }
  const rows = await sql.all(CHANGES, account.seq, integer(set[0]), page.after ?? -1, page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const isLast = rows.length <= page.limit || last === undefined;
  return { changes: shown.map(changeOf), nextCursor: isLast ? null : cursorAfter("changes", integer(last[0])) };
}

function changeSetOf([
  id,
  revision,
  committedAt,
  actor,
  from,
  address,
  project,
  message,
  results,
]: SqlRow): ChangeSetRecord {
  return {
    id: text(id),
    revision: integer(revision),
    committedAt: text(committedAt),
    actor: text(actor),
    from: textOrNull(from),
    address: textOrNull(address),
    project: textOrNull(project),
    message: text(message),
    results: JSON.parse(text(results)) as ChangeResult[], // written by `writeAudit` alone
  };
}

function changeOf([, action, id, credential, before, after]: SqlRow): RecordedChange {
  return {
    action: text(action) as RecordedChange["action"], // written by `writeAudit` alone, as are the keys
    id: text(id),
    credential: textOrNull(credential),
    before: before === null ? null : recordedKey(text(before)),
    after: recordedKey(text(after)),
  };
}

function recordedKey(json: string): RecordedKey {
  const { name, spec, managedBy, deletedAt } = JSON.parse(json) as AuditedKey;
  return { name, spec, managedBy: managedBy === null ? null : { project: managedBy }, deletedAt };
}
