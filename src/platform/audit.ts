import type { ChangeResult } from "../api/change-set.ts";
import type { Step } from "./judge.ts";
import type { KeyState } from "./key-state.ts";
import type { ChangeStamp } from "./key-writes.ts";
import type { SqlWriter } from "./store/sql-driver.ts";

/** What the audit record keeps of a change set beside its stamp. */
export interface AuditEntry {
  /** A digest of what was asked for, to know the same change set again. */
  readonly content: string;
  readonly message: string;
  /** From where: in its client's own words, and the address that was seen. */
  readonly from: string | null;
  readonly address: string | null;
  readonly results: readonly ChangeResult[];
  readonly steps: readonly Step[];
}

const INSERT_CHANGE_SET = `
  INSERT INTO change_sets (account, revision, id, content, committed_at, actor, made_from, address, project, message, results)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_CHANGE = `
  INSERT INTO changes (account, revision, position, action, key_id, credential, before, after)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/**
 * Writes the audit record: one row for the change set, one for each change with its key before and after, so that what
 * was can be told and undone. It stands in the transaction of the change itself: no record, no change.
 */
export async function writeAudit(sql: SqlWriter, stamp: ChangeStamp, entry: AuditEntry): Promise<void> {
  const { account, revision } = stamp;
  await sql.run(
    INSERT_CHANGE_SET,
    account.seq,
    revision,
    stamp.changeSet,
    entry.content,
    stamp.at,
    stamp.actor,
    entry.from,
    entry.address,
    stamp.project,
    entry.message,
    JSON.stringify(entry.results),
  );
  const rows = entry.steps.map(({ change, position, before, after }) => {
    const values = [change.action, after.id, credentialIn(change), recorded(before), recorded(after)];
    return [account.seq, revision, position, ...values];
  });
  await sql.runAll(INSERT_CHANGE, rows);
}

/** The id of the credential that a change concerns. */
function credentialIn(change: Step["change"]): string | null {
  if (!("credential" in change) || change.credential === null) return null;
  return typeof change.credential === "string" ? change.credential : change.credential.id;
}

/** A key as the record keeps it; without its credentials, whose own columns tell their life. */
export type AuditedKey = Pick<KeyState, "name" | "spec" | "managedBy" | "deletedAt">;

function recorded(key: KeyState | null): string | null {
  if (key === null) return null;
  const { name, spec, managedBy, deletedAt } = key;
  const audited: AuditedKey = { name, spec, managedBy, deletedAt };
  return JSON.stringify(audited);
}
