import type { KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { AccountRow } from "./accounts.ts";
import type { KeyTransition } from "./judge.ts";
import type { KeyState } from "./key-state.ts";
import { claimsName } from "./name-rules.ts";
import type { Pepper } from "./pepper.ts";
import { integer, text } from "./store/columns.ts";
import { selectIn } from "./store/select-in.ts";
import type { SqlValue, SqlWriter } from "./store/sql-driver.ts";

/** What every record of one change set bears. */
export interface ChangeStamp {
  readonly account: AccountRow;
  readonly revision: number;
  readonly at: string;
  readonly actor: string;
  readonly project: string | null;
  readonly changeSet: string;
}

const INSERT_KEY = `
  INSERT INTO api_keys (account, id, created_at, name, name_key, spec, managed_by, renamed_from, deleted_at, revision)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const UPDATE_KEY = `
  UPDATE api_keys SET name = ?, name_key = ?, spec = ?, managed_by = ?, renamed_from = ?, deleted_at = ?, revision = ?
  WHERE id = ?`;

/** A name that no key can have, so that the index of live names never meets two of one name halfway. */
const PARK_NAME = "UPDATE api_keys SET name_key = '~' || seq WHERE id = ?";

const INSERT_CREDENTIAL = `
  INSERT INTO credentials (account, key_seq, id, digest, mask, fingerprint, created_at, acknowledged_at, retires_at, revoked_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const UPDATE_CREDENTIAL = "UPDATE credentials SET acknowledged_at = ?, retires_at = ?, revoked_at = ? WHERE id = ?";

/** Writes keys and their credentials as a change set leaves them. Names may be swapped and passed on among the keys. */
export async function writeKeys(
  sql: SqlWriter,
  keys: readonly KeyTransition[],
  stamp: ChangeStamp,
  pepper: Pepper,
): Promise<void> {
  const made = keys.filter(({ before }) => before === null);
  const changed = keys.filter(({ before }) => before !== null);
  const movesName = (key: KeyTransition): boolean => claimsName(key) || key.after.deletedAt !== null;
  await sql.runAll(
    PARK_NAME,
    changed.filter(movesName).map(({ after }) => [after.id]),
  );
  await sql.runAll(
    UPDATE_KEY,
    changed.map(({ after }) => [...keyValues(after, stamp), after.id]),
  );
  await sql.runAll(
    INSERT_KEY,
    made.map(({ after }) => [stamp.account.seq, after.id, stamp.at, ...keyValues(after, stamp)]),
  );
  await writeCredentials(sql, keys, stamp, pepper);
}

async function writeCredentials(
  sql: SqlWriter,
  keys: readonly KeyTransition[],
  stamp: ChangeStamp,
  pepper: Pepper,
): Promise<void> {
  const seqs = await readSeqs(sql, keys, stamp);
  const inserts: SqlValue[][] = [];
  const updates: SqlValue[][] = [];
  for (const { before, after } of keys) {
    for (const credential of after.credentials) {
      const life = [credential.acknowledgedAt, credential.retiresAt, credential.revokedAt];
      if (credential.digest !== null) {
        const { id, digest, mask, fingerprint, createdAt } = credential;
        const key = [stamp.account.seq, seqs.get(after.id) ?? null];
        inserts.push([...key, id, pepper.seal(digest), mask, fingerprint, createdAt, ...life]);
      } else if (!(before?.credentials.includes(credential) ?? false)) {
        updates.push([...life, credential.id]);
      }
    }
  }
  await sql.runAll(UPDATE_CREDENTIAL, updates);
  await sql.runAll(INSERT_CREDENTIAL, inserts);
}

/** The places of the keys that get a credential, by their ids. A few statements, however many keys. */
async function readSeqs(
  sql: SqlWriter,
  keys: readonly KeyTransition[],
  stamp: ChangeStamp,
): Promise<ReadonlyMap<KeyId, number>> {
  const ids = keys.flatMap(({ after }) => (after.credentials.some(({ digest }) => digest !== null) ? [after.id] : []));
  const select = {
    text: "SELECT id, seq FROM api_keys WHERE account = ?",
    values: [stamp.account.seq],
    column: "id",
  };
  const rows = await selectIn(sql, select, ids);
  return new Map(rows.map(([id, seq]) => [text(id), integer(seq)]));
}

function keyValues(key: KeyState, stamp: ChangeStamp): SqlValue[] {
  return [
    key.name,
    nameKey(key.name),
    JSON.stringify(key.spec),
    key.managedBy,
    key.renamedFrom,
    key.deletedAt,
    stamp.revision,
  ];
}
