import { createHash } from "node:crypto";
import type { ApiKey, Credential } from "../core/api-key.ts";
import { authorize, type AccessRequest, type Decision } from "../core/authorize.ts";
import type { Secret } from "../core/secret.ts";
import { tokenDigest, tokenKind, type Sha256 } from "../core/token.ts";
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

/** Decides a request that bears a token. Throws {@link KeyApiError} `unavailable` only. */
export type VerifyToken = (presented: PresentedKey, request: AccessRequest) => Promise<Verification>;

const CREDENTIAL = `SELECT ${CREDENTIAL_COLUMNS} FROM credentials WHERE digest = ?`;

const KEY = `
  SELECT ${KEY_COLUMNS}, (SELECT accounts.name FROM accounts WHERE accounts.seq = api_keys.account)
  FROM api_keys WHERE seq = ?`;

/** Malformed, unknown and wrong tokens answer alike, so that an answer tells nothing about what exists. */
const UNKNOWN: Verification = {
  decision: { effect: "deny", reason: "invalid_key", status: 401 },
  key: null,
  credential: null,
};

/**
 * Makes the check that every use of a token goes through: its checksum (no database read), its digest, then
 * {@link authorize}. Admin tokens open no key.
 */
export function tokenVerifier({
  driver,
  pepper,
}: {
  readonly driver: SqlDriver;
  readonly pepper: Pepper;
}): VerifyToken {
  return async (presented, request) => {
    const digest = digestOf(presented);
    if (digest === undefined) return UNKNOWN;
    const found = await driver.read((sql) => findKey(sql, pepper.seal(digest)));
    if (found === undefined) return UNKNOWN;
    return { ...found, decision: authorize(found.key, request, found.credential) };
  };
}

interface FoundKey {
  readonly key: VerifiedKey;
  readonly credential: Credential;
}

async function findKey(sql: SqlReader, stored: string): Promise<FoundKey | undefined> {
  const row = await sql.get(CREDENTIAL, stored);
  if (row === undefined) return undefined;
  const { key, credential } = readCredentialRow(row);
  const keyRow = await sql.get(KEY, key);
  if (keyRow === undefined) return undefined;
  const { id, name, spec, deletedAt } = readKeyRow(keyRow);
  return { key: { id, account: text(keyRow.at(-1)), name, spec, deletedAt }, credential };
}

function digestOf(presented: PresentedKey): string | undefined {
  if (presented.type === "digest") return /^[0-9a-f]{64}$/.test(presented.digest) ? presented.digest : undefined;
  return tokenKind(presented.token.reveal()) === "caller" ? tokenDigest(presented.token, sha256) : undefined;
}

const sha256: Sha256 = (text) => createHash("sha256").update(text).digest("hex");
