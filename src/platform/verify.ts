import { hash } from "node:crypto";
import type { ApiKey, Credential } from "../core/api-key.ts";
import { authorize, type AccessRequest, type Decision } from "../core/authorize.ts";
import type { Secret } from "../core/secret.ts";
import { tokenDigest, tokenKind, type Sha256 } from "../core/token.ts";
import { keyMemory } from "./key-memory.ts";
import { CREDENTIAL_COLUMNS, KEY_COLUMNS, readCredentialRow, readKeyRow } from "./key-rows.ts";
import type { Pepper } from "./pepper.ts";
import { text } from "./store/columns.ts";
import type { SqlDriver, SqlReader } from "./store/sql-driver.ts";

/** What a caller shows: its token, or the token's SHA-256 in lower-case hexadecimal. */
export type PresentedKey =
  { readonly type: "token"; readonly token: Secret } | { readonly type: "digest"; readonly digest: string };

/** What comes of a presented token. `key` and `credential` are null if it is none of ours. */
export interface Verification {
  readonly decision: Decision;
  readonly key: VerifiedKey | null;
  readonly credential: Credential | null;
}

/** The key that a token opens. */
export type VerifiedKey = Pick<ApiKey, "id" | "account" | "name" | "spec" | "deletedAt">;

/**
 * Decides a request that bears a token: at once for a key in memory, else after a read of the database. Never throws; the
 * promise is rejected with {@link KeyApiError} `unavailable` only.
 */
export type VerifyToken = (presented: PresentedKey, request: AccessRequest) => Verification | Promise<Verification>;

/** A credential's row, its key's row, then the account's name. */
const FOUND = `
  SELECT ${columnsOf("credentials", CREDENTIAL_COLUMNS)}, ${columnsOf("api_keys", KEY_COLUMNS)}, accounts.name
  FROM credentials
  JOIN api_keys ON api_keys.seq = credentials.key_seq
  JOIN accounts ON accounts.seq = api_keys.account
  WHERE credentials.digest = ?`;

/** Malformed, unknown and wrong tokens answer alike, so that an answer tells nothing about what exists. */
const UNKNOWN: Verification = {
  decision: { effect: "deny", reason: "invalid_key", status: 401 },
  key: null,
  credential: null,
};

/**
 * Makes the check that every use of a token goes through: its checksum (no database read), its digest, then
 * {@link authorize}. Admin tokens open no key. Keys are remembered by their tokens' digests, as long as the database
 * says that nothing read of it is outdated; so a revocation holds from its answer on, on every replica.
 */
export function tokenVerifier({
  driver,
  pepper,
}: {
  readonly driver: SqlDriver;
  readonly pepper: Pepper;
}): VerifyToken {
  const memory = keyMemory(driver, (digest) => driver.read((sql) => findKey(sql, pepper.seal(digest))));
  return (presented, request) => {
    const digest = digestOf(presented);
    if (digest === undefined) return UNKNOWN;
    const found = memory.find(digest);
    if (!(found instanceof Promise)) return decided(found, request);
    return found.then((key) => (key === undefined ? UNKNOWN : decided(key, request)));
  };
}

interface FoundKey {
  readonly key: VerifiedKey;
  readonly credential: Credential;
}

function decided({ key, credential }: FoundKey, request: AccessRequest): Verification {
  return { decision: authorize(key, request, credential), key, credential };
}

async function findKey(sql: SqlReader, stored: string): Promise<FoundKey | undefined> {
  const row = await sql.get(FOUND, stored);
  if (row === undefined) return undefined;
  const { credential } = readCredentialRow(row);
  const { id, name, spec, deletedAt } = readKeyRow(row.slice(CREDENTIAL_COLUMNS.split(",").length));
  return { key: { id, account: text(row.at(-1)), name, spec, deletedAt }, credential };
}

function columnsOf(table: string, columns: string): string {
  return columns.replaceAll(/\w+/g, `${table}.$&`);
}

function digestOf(presented: PresentedKey): string | undefined {
  if (presented.type === "digest") return /^[0-9a-f]{64}$/.test(presented.digest) ? presented.digest : undefined;
  return tokenKind(presented.token.reveal()) === "caller" ? tokenDigest(presented.token, sha256) : undefined;
}

const sha256: Sha256 = (text) => hash("sha256", text);
