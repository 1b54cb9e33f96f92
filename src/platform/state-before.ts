import type { KeyChange, NewCredential } from "../api/change-set.ts";
import type { KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { AccountRow } from "./accounts.ts";
import type { StateBefore } from "./judge.ts";
import { CREDENTIAL_COLUMNS, credentialsByKey, credentialState, KEY_COLUMNS, readKeyRow } from "./key-rows.ts";
import type { CredentialState, KeyState } from "./key-state.ts";
import type { Pepper } from "./pepper.ts";
import { integer, text } from "./store/columns.ts";
import { selectIn } from "./store/select-in.ts";
import type { SqlReader } from "./store/sql-driver.ts";

/** Loads what the rules need to know of an account to judge these changes: a few statements, however many changes. */
export async function loadStateBefore(
  sql: SqlReader,
  account: AccountRow,
  changes: readonly (KeyChange | undefined)[],
  pepper: Pepper,
): Promise<StateBefore> {
  const present = changes.filter((change) => change !== undefined);
  const keys = await loadKeys(sql, account, present);
  return {
    keys,
    holders: await loadHolders(sql, account, wantedNames(present, keys)),
    takenCredentials: await loadTaken(sql, addedCredentials(present), pepper),
  };
}

async function loadKeys(
  sql: SqlReader,
  account: AccountRow,
  changes: readonly KeyChange[],
): Promise<ReadonlyMap<KeyId, KeyState>> {
  const ids = changes.flatMap((change) => (change.action === "create" ? [] : [change.id]));
  const select = {
    text: `SELECT ${KEY_COLUMNS} FROM api_keys WHERE account = ?`,
    values: [account.seq],
    column: "id",
  };
  const rows = (await selectIn(sql, select, ids)).map(readKeyRow);
  const concerned = new Set(changes.flatMap((change) => ("credential" in change && "id" in change ? [change.id] : [])));
  const seqs = rows.filter(({ id }) => concerned.has(id)).map(({ seq }) => seq);
  const credentials = await loadCredentials(sql, account, seqs);
  return new Map(rows.map((row) => [row.id, { ...row, credentials: credentials.get(row.seq) ?? [] }]));
}

async function loadCredentials(
  sql: SqlReader,
  account: AccountRow,
  keys: readonly number[],
): Promise<ReadonlyMap<number, readonly CredentialState[]>> {
  const select = {
    // `seq` comes last, for the order alone.
    text: `SELECT ${CREDENTIAL_COLUMNS}, seq FROM credentials WHERE account = ?`,
    values: [account.seq],
    column: "key_seq",
  };
  const rows = await selectIn(sql, select, keys);
  const oldestFirst = rows.toSorted((left, right) => integer(left.at(-1)) - integer(right.at(-1)));
  const groups = [...credentialsByKey(oldestFirst)];
  return new Map(groups.map(([key, credentials]) => [key, credentials.map(credentialState)]));
}

/** The names that the changes give, as names are compared. */
function wantedNames(changes: readonly KeyChange[], keys: ReadonlyMap<KeyId, KeyState>): readonly string[] {
  return changes.flatMap((change) => {
    if (change.action === "create") return [nameKey(change.name)];
    const name = change.action === "update" ? change.name : change.action === "restore" && keys.get(change.id)?.name;
    return typeof name === "string" ? [nameKey(name)] : [];
  });
}

async function loadHolders(
  sql: SqlReader,
  account: AccountRow,
  names: readonly string[],
): Promise<ReadonlyMap<string, KeyId>> {
  const select = {
    text: "SELECT id, name_key FROM api_keys WHERE account = ? AND deleted_at IS NULL",
    values: [account.seq],
    column: "name_key",
  };
  const rows = await selectIn(sql, select, names);
  return new Map(rows.map(([id, name]) => [text(name), text(id)]));
}

function addedCredentials(changes: readonly KeyChange[]): readonly NewCredential[] {
  return changes.flatMap((change) => {
    if (change.action !== "create" && change.action !== "add-credential") return [];
    return change.credential === null ? [] : [change.credential];
  });
}

/** Digests are looked for in the form in which they are stored, over all accounts: one token opens one key. */
async function loadTaken(
  sql: SqlReader,
  credentials: readonly NewCredential[],
  pepper: Pepper,
): Promise<ReadonlySet<string>> {
  const bySeal = new Map(credentials.map(({ digest }) => [pepper.seal(digest), digest]));
  const select = { text: "SELECT id, digest FROM credentials WHERE 1 = 1", values: [] };
  const ids = await selectIn(
    sql,
    { ...select, column: "id" },
    credentials.map(({ id }) => id),
  );
  const seals = [...bySeal.keys()];
  const ofKeys = await selectIn(sql, { ...select, column: "digest" }, seals);
  // An admin key's token must not pass for a caller's, whatever mask its maker gives it.
  const admins = { text: "SELECT id, digest FROM admin_keys WHERE 1 = 1", values: [], column: "digest" };
  const digests = [...ofKeys, ...(await selectIn(sql, admins, seals))];
  const taken = ids.map(([id]) => text(id));
  for (const [, digest] of digests) taken.push(bySeal.get(text(digest)) ?? "");
  return new Set(taken);
}
