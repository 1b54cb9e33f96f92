import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { KeyApiError } from "../../api/errors.ts";
import { openPostgres } from "./postgres-driver.ts";
import type { SqlDriver } from "./sql-driver.ts";
import { openSqlite } from "./sqlite-driver.ts";

/** Whether a store that is empty or not there is made; false refuses it with `not-found` and makes nothing. */
export interface StoreOptions {
  readonly create: boolean;
  /** Of PostgreSQL: whose clock the store's is. Absent: the database's own. */
  readonly time?: "database" | "process";
}

/**
 * Opens a store by its address: `file:PATH` is a SQLite database, `postgres://user@host/database` a PostgreSQL one.
 * Throws `invalid` for any other address and `unavailable` with what to do; no message bears the address's password.
 */
export async function openStore(url: string, { create, time }: StoreOptions): Promise<SqlDriver> {
  if (/^postgres(?:ql)?:\/\//.test(url)) return await openPostgres({ url, create, clocks: CLOCKS, time });
  if (!url.startsWith("file:") || url === "file:") {
    throw new KeyApiError("invalid", "A store is file:PATH (SQLite) or postgres://user@host/database (PostgreSQL).");
  }
  const file = url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length);
  return await openSqlite({ file, create });
}

const CLOCKS = { steady: () => performance.now(), wall: () => Date.now() };
