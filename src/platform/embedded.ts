import { existsSync, statSync } from "node:fs";
import { KeyApiError } from "../api/errors.ts";
import type { KeyApi } from "../api/key-api.ts";
import type { KeyId } from "../core/api-key.ts";
import type { RandomBytes } from "../core/token.ts";
import { adminAuthenticator, type Authenticate } from "./admin-keys.ts";
import { keyService } from "./service.ts";
import { openSqlite } from "./store/sqlite-driver.ts";
import { unseal } from "./unseal.ts";
import { usageOf } from "./usage/usage-store.ts";
import { tokenVerifier, type VerifyToken } from "./verify.ts";

/** Which embedded platform to open, and in whose name. */
export interface EmbeddedOptions {
  /**
   * The database file. Its pepper is the file `<file>.pepper`; back up both, apart. The pepper must be its owner's alone
   * (0600) or the platform stays sealed; the database is made so too, but opened with any mode: without the pepper it
   * opens no key, and who may read what keys may do is for its owner to decide.
   */
  readonly file: string;
  /** True if a platform that is not there is made; false refuses with `not-found` and makes nothing. Absent: true. */
  readonly create?: boolean;
  /** The name that the audit record bears. */
  readonly actor: string;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  /** A cryptographically secure random source. */
  readonly random: RandomBytes;
}

/** A platform in this very process. */
export interface EmbeddedPlatform {
  readonly api: KeyApi;
  readonly verify: VerifyToken;
  /** Tells whose admin key a token is, as a server over the same file would. */
  readonly authenticate: Authenticate;
  /** When a server over the same file last let that key in, RFC 3339; null if none has counted a call. */
  readonly lastUse: (id: KeyId) => Promise<string | null>;
  /** Waits for what is under way, then closes the database. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the platform that needs no server: the service over a SQLite file, for a caller who may do everything that the
 * file's owner may. Throws `unavailable` if the file cannot be used or its pepper is missing or wrong.
 */
export async function openEmbeddedPlatform(options: EmbeddedOptions): Promise<EmbeddedPlatform> {
  const { file, create = true, actor, clock, random } = options;
  const randomId = (): string => Buffer.from(random(ID_BYTES)).toString("hex");
  if (isLost(file)) throw lost(file);
  const driver = await openSqlite({ file, create }).catch((error: unknown) => {
    // A pepper is made after the schema: beside a database without one it tells of what was there.
    const isEmpty = error instanceof KeyApiError && error.code === "not-found";
    throw isEmpty && existsSync(file) && sizeOf(pepperFileOf(file)) > 0 ? lost(file) : error;
  });
  try {
    const pepper = await unseal(driver, { pepperFile: pepperFileOf(file), random, randomId });
    const caller = { actor, role: "admin", account: null, keyId: null } as const;
    return {
      api: keyService({ driver, pepper, clock, randomId, caller, kind: "embedded" }),
      verify: tokenVerifier({ driver, pepper }),
      authenticate: adminAuthenticator({ driver, pepper, clock }),
      lastUse: async (id) => (await driver.read((sql) => usageOf(sql, id))).lastUsedAt,
      close: () => driver.close(),
    };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

/**
 * True if there is a platform to open. An empty file is none, unless a pepper says that there was one; what cannot be
 * looked at is for the opening to refuse.
 */
export function embeddedPlatformExists(file: string): boolean {
  try {
    return sizeOf(file) > 0 || isLost(file);
  } catch {
    return true;
  }
}

/** A database is written before its pepper is made: one that is there, empty, beside a pepper has lost what it held. */
function isLost(file: string): boolean {
  try {
    const isEmpty = statSync(file, { throwIfNoEntry: false })?.size === 0;
    return isEmpty && sizeOf(pepperFileOf(file)) > 0;
  } catch {
    return false; // what cannot be looked at is for the opening to refuse
  }
}

function lost(file: string): KeyApiError {
  const message =
    `The database ${file} is empty, and there is a pepper beside it: what it held is lost. ` +
    "Put it back from a backup. To begin anew without its keys, remove both.";
  return new KeyApiError("unavailable", message, { retryable: false });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function pepperFileOf(file: string): string {
  return `${file}.pepper`;
}

/** 96 random bits: ids are drawn without asking, so they must never meet. */
const ID_BYTES = 12;
