import { createHash } from "node:crypto";
import { KeyApiError } from "../api/errors.ts";
import type { Caller } from "../api/key-api.ts";
import { parseInstant } from "../core/instant.ts";
import { NAME_PATTERN, nameKey } from "../core/key-name.ts";
import type { Secret } from "../core/secret.ts";
import { holdsToken, MASK_PATTERN, tokenDigest, tokenKind } from "../core/token.ts";
import { findAccount, noAccount } from "./accounts.ts";
import type { Pepper } from "./pepper.ts";
import { text, textOrNull } from "./store/columns.ts";
import type { SqlDriver, SqlRow, SqlWriter } from "./store/sql-driver.ts";

/** A credential of the management API, as far as the platform will tell of it. */
export interface AdminKey {
  readonly id: string;
  readonly name: string;
  /** Reader: may look. Writer: may change keys too. Admin: may make accounts and admin keys too. */
  readonly role: Caller["role"];
  /** The one account that it opens; null for all. */
  readonly account: string | null;
  readonly mask: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** An admin key to be made. Its maker draws the token; the platform is told the digest only. */
export interface NewAdminKey extends Pick<AdminKey, "name" | "role" | "account" | "mask"> {
  /** An instant in UTC with whole seconds after which it is refused, or null for never. */
  readonly expires: string | null;
  /** SHA-256 of the token, 64 lower-case hexadecimal digits. */
  readonly digest: string;
}

/** What admin keys are kept with. */
export interface AdminKeyParts {
  readonly driver: SqlDriver;
  readonly pepper: Pepper;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  readonly randomId: () => string;
}

/** The admin keys, for one caller: an admin, who sees and makes those of its own account only if it is bound to one. */
export interface AdminKeys {
  /** Throws `conflict` if a live admin key bears that name, ignoring case. */
  create(key: NewAdminKey): Promise<AdminKey>;
  /** Every admin key, revoked ones too, in the order of their making. */
  list(): Promise<readonly AdminKey[]>;
  /** Refuses it from now on; doing so twice is doing so once. Throws `not-found`. */
  revoke(id: string): Promise<AdminKey>;
}

/** Tells who shows a token. Throws `unauthenticated` for whatever is not a live admin key's. */
export type Authenticate = (token: Secret) => Promise<Caller>;

// The account is stored in the form in which names are compared; it is told under the name it was made with.
const ACCOUNT = "coalesce((SELECT accounts.name FROM accounts WHERE accounts.name_key = admin_keys.account), account)";
const TOLD = `id, name, role, ${ACCOUNT}, mask, created_at, created_by, expires_at, revoked_at`;
const LIST = `SELECT ${TOLD} FROM admin_keys ORDER BY seq`;
const BY_ID = `SELECT ${TOLD} FROM admin_keys WHERE id = ?`;
const BY_DIGEST = `SELECT ${TOLD} FROM admin_keys WHERE digest = ?`;
const LOCK = "SELECT instance FROM platform";
const TAKEN = "SELECT digest FROM admin_keys WHERE (name_key = ? AND revoked_at IS NULL) OR digest = ?";
const TAKEN_BY_CALLER = "SELECT 1 FROM credentials WHERE digest = ?";
const INSERT = `
  INSERT INTO admin_keys (id, name, name_key, role, account, digest, mask, created_at, created_by, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REVOKE = "UPDATE admin_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";

/** Makes the management of admin keys for a caller. Every method throws `forbidden` unless its role is admin. */
export function adminKeys(parts: AdminKeyParts, caller: Caller): AdminKeys {
  const { driver, pepper, clock, randomId } = parts;

  function visible(key: AdminKey): boolean {
    return caller.account === null || (key.account !== null && nameKey(key.account) === nameKey(caller.account));
  }

  async function find(sql: SqlWriter, id: string): Promise<AdminKey> {
    const row = await sql.get(BY_ID, id);
    const key = row && adminKeyOf(row);
    if (key === undefined || !visible(key)) {
      throw new KeyApiError("not-found", `There is no admin key ${id.slice(0, 64)}.`);
    }
    return key;
  }

  return {
    create: async (key) => {
      requireAdmin(caller);
      checkNewKey(key);
      if (key.expires !== null && Date.parse(key.expires) <= clock()) {
        throw new KeyApiError(
          "invalid",
          `The admin key would have expired already, on ${key.expires}. State a later moment.`,
        );
      }
      if (caller.account !== null && key.account === null) {
        const message = `${caller.actor} may make admin keys of the account ${caller.account} only. State that account.`;
        throw new KeyApiError("forbidden", message);
      }
      return await driver.write(async (sql) => {
        await sql.getLocked(LOCK); // so that of two that take one name at once, one is told so
        const account = key.account === null ? null : (await accountSeenBy(caller, sql, key.account)).name;
        await refuseTaken(sql, key, pepper.seal(key.digest));
        const id = randomId();
        const at = new Date(clock()).toISOString();
        const bound = account && nameKey(account);
        const named = [id, key.name, nameKey(key.name), key.role, bound, pepper.seal(key.digest), key.mask];
        await sql.run(INSERT, ...named, at, caller.actor, key.expires);
        return await find(sql, id);
      });
    },
    list: async () => {
      requireAdmin(caller);
      const rows = await driver.read((sql) => sql.all(LIST));
      return rows.map(adminKeyOf).filter(visible);
    },
    revoke: async (id) => {
      requireAdmin(caller);
      return await driver.write(async (sql) => {
        await find(sql, id);
        await sql.run(REVOKE, new Date(clock()).toISOString(), id);
        return await find(sql, id);
      });
    },
  };
}

/**
 * Makes the check of management credentials: checksum, then digest, then the key's life, each time against the database,
 * so that a revocation holds at once. Callers' tokens are none of ours.
 */
export function adminAuthenticator({ driver, pepper, clock }: Omit<AdminKeyParts, "randomId">): Authenticate {
  return async (token) => {
    if (tokenKind(token.reveal()) !== "admin") throw UNKNOWN();
    const row = await driver.read((sql) => sql.get(BY_DIGEST, pepper.seal(tokenDigest(token, sha256))));
    if (row === undefined) throw UNKNOWN();
    const key = adminKeyOf(row);
    if (key.revokedAt !== null) throw ended(key, `was revoked on ${key.revokedAt}`);
    // What cannot be read counts as past.
    if (key.expiresAt !== null && !(clock() < Date.parse(key.expiresAt))) {
      throw ended(key, `expired on ${key.expiresAt}`);
    }
    return { actor: key.name, role: key.role, account: key.account, keyId: null };
  };
}

/** True if there is any admin key; without one, nobody can use the management API. */
export async function hasAdminKey(driver: SqlDriver): Promise<boolean> {
  return (await driver.read((sql) => sql.get("SELECT 1 FROM admin_keys LIMIT 1"))) !== undefined;
}

/** Unknown, malformed and wrong tokens answer alike, so that an answer tells nothing about what exists. */
const UNKNOWN = (): KeyApiError =>
  new KeyApiError("unauthenticated", "No admin key was shown, or one that this platform does not know.");

function ended(key: AdminKey, how: string): KeyApiError {
  return new KeyApiError("unauthenticated", `The admin key ${key.name} ${how}. Ask for another one.`);
}

async function accountSeenBy(caller: Caller, sql: SqlWriter, name: string): Promise<{ readonly name: string }> {
  if (caller.account !== null && nameKey(caller.account) !== nameKey(name)) throw noAccount(name);
  return await findAccount(sql, name);
}

async function refuseTaken(sql: SqlWriter, key: NewAdminKey, stored: string): Promise<void> {
  const row = await sql.get(TAKEN, nameKey(key.name), stored);
  const isToken = row?.[0] === stored || (await sql.get(TAKEN_BY_CALLER, stored)) !== undefined;
  if (row === undefined && !isToken) return;
  const message = isToken ? "This token is registered already. Draw another." : `The name ${key.name} is taken.`;
  throw new KeyApiError("conflict", message);
}

/** The values may have come over a wire. */
function checkNewKey({ name, role, account, digest, mask, expires }: NewAdminKey): void {
  const problem =
    problemUnless(matches(name, NAME_PATTERN), "name must be 1 to 64 letters, digits, dots, dashes or underscores") ??
    problemUnless(!holdsToken(name), "name looks like a key's secret; choose another, and replace that key") ??
    problemUnless(ROLES.includes(role), `role must be ${ROLES.join(", ")}`) ??
    problemUnless(account === null || typeof account === "string", "account must be null or an account's name") ??
    problemUnless(matches(digest, /^[0-9a-f]{64}$/), "digest must be 64 lower-case hexadecimal digits") ??
    problemUnless(
      matches(mask, MASK_PATTERN) && mask.startsWith("adm"),
      "mask must be the first 7 characters of an admin's token, then 21 *",
    ) ??
    problemUnless(
      expires === null || (typeof expires === "string" && parseInstant(expires) === expires),
      "expires must be null or an instant such as 2027-01-31T00:00:00Z",
    );
  if (problem !== undefined) throw new KeyApiError("invalid", `The admin key's ${problem}.`);
}

const ROLES: readonly unknown[] = ["reader", "writer", "admin"] satisfies readonly Caller["role"][];

function problemUnless(holds: boolean, problem: string): string | undefined {
  return holds ? undefined : problem;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function requireAdmin(caller: Caller): void {
  if (caller.role === "admin") return;
  throw new KeyApiError("forbidden", `${caller.actor} may not manage admin keys: that needs the role admin.`);
}

function adminKeyOf(row: SqlRow): AdminKey {
  const [id, name, role, account, mask, createdAt, createdBy, expiresAt, revokedAt] = row;
  return {
    id: text(id),
    name: text(name),
    role: text(role) as Caller["role"], // the column holds nothing else
    account: textOrNull(account),
    mask: text(mask),
    createdAt: text(createdAt),
    createdBy: text(createdBy),
    expiresAt: textOrNull(expiresAt),
    revokedAt: textOrNull(revokedAt),
  };
}

const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");
