import type { ApiKey, ChangeOrigin, Credential } from "../core/api-key.ts";
import type { KeySpec } from "../core/key-spec.ts";
import type { CredentialState, KeyState } from "./key-state.ts";
import { integer, text, textOrNull } from "./store/columns.ts";
import type { SqlRow } from "./store/sql-driver.ts";

/** The columns of a key's row, in the order in which {@link readKeyRow} reads them. */
export const KEY_COLUMNS = "seq, id, name, spec, revision, managed_by, renamed_from, created_at, deleted_at";

/** The columns of a credential's row, in the order in which {@link readCredentialRow} reads them. */
export const CREDENTIAL_COLUMNS = "key_seq, id, mask, fingerprint, created_at, acknowledged_at, retires_at, revoked_at";

/** A key as it stands in its row. */
export interface KeyRow extends Omit<KeyState, "credentials"> {
  /** The order of making. */
  readonly seq: number;
  readonly createdAt: string;
}

/** Reads a row of {@link KEY_COLUMNS}. */
export function readKeyRow(row: SqlRow): KeyRow {
  const [seq, id, name, spec, revision, managedBy, renamedFrom, createdAt, deletedAt] = row;
  return {
    seq: integer(seq),
    id: text(id),
    name: text(name),
    spec: JSON.parse(text(spec)) as KeySpec, // only checked specs are ever written
    revision: integer(revision),
    managedBy: textOrNull(managedBy),
    renamedFrom: textOrNull(renamedFrom),
    createdAt: text(createdAt),
    deletedAt: textOrNull(deletedAt),
  };
}

/** A key as the port tells of it. */
export function apiKeyOf(
  key: KeyRow,
  account: string,
  lastChange: ChangeOrigin,
  credentials: readonly Credential[],
): ApiKey {
  return {
    id: key.id,
    account,
    name: key.name,
    spec: key.spec,
    revision: key.revision,
    managedBy: key.managedBy === null ? null : { project: key.managedBy },
    renamedFrom: key.renamedFrom,
    createdAt: key.createdAt,
    lastChange,
    deletedAt: key.deletedAt,
    credentials,
  };
}

/** Reads a row of {@link CREDENTIAL_COLUMNS}; `key` is the `seq` of its key. */
export function readCredentialRow(row: SqlRow): { readonly key: number; readonly credential: Credential } {
  const [key, id, mask, fingerprint, createdAt, acknowledgedAt, retiresAt, revokedAt] = row;
  const credential = {
    id: text(id),
    mask: text(mask),
    fingerprint: text(fingerprint),
    createdAt: text(createdAt),
    acknowledgedAt: textOrNull(acknowledgedAt),
    retiresAt: textOrNull(retiresAt),
    revokedAt: textOrNull(revokedAt),
  };
  return { key: integer(key), credential };
}

/** Rows of {@link CREDENTIAL_COLUMNS} by the `seq` of their key, in the order of the rows. */
export function credentialsByKey(rows: readonly SqlRow[]): ReadonlyMap<number, readonly Credential[]> {
  const groups = new Map<number, Credential[]>();
  for (const row of rows) {
    const { key, credential } = readCredentialRow(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [credential]);
    else group.push(credential);
  }
  return groups;
}

/** A stored credential as the rules see it. */
export function credentialState(credential: Credential): CredentialState {
  return { ...credential, digest: null };
}
