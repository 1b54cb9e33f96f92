import type { Database, Statement } from "better-sqlite3";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { KeyApiError } from "../../api/errors.ts";
import { migrate, type SchemaDatabase } from "./sqlite-schema.ts";
import { isBusy, sqliteFailure } from "./sqlite-failure.ts";
import type { SqlDriver, SqlRow, SqlValue, SqlWriter } from "./sql-driver.ts";

/** Where the database is, and whether it may be made. */
export interface SqliteOptions {
  readonly file: string;
  /** True if a missing or empty file becomes a database; false refuses it with `not-found` and makes nothing. */
  readonly create: boolean;
}

/** How long a transaction waits for another process, in milliseconds. */
const BUSY_MS = 5_000;

/** How long the knowledge holds that no other process has changed anything, in milliseconds. */
const CHECKED_MS = 1;

/** Pauses between tries for the write lock, in milliseconds; the last one repeats. */
const PAUSES: readonly number[] = [1, 2, 5, 10, 15, 25, 50];

/** Below this, a race of two connections can corrupt a WAL database (fixed in 3.51.3). */
const LEAST_SQLITE: readonly number[] = [3, 51, 3];

/**
 * Opens a SQLite database as a {@link SqlDriver}: WAL, and every commit on disk before it is answered
 * (`synchronous=FULL`, asserted, because the library's own setting would lose acknowledged commits at power loss).
 * One connection, on which transactions queue up; other processes are waited for without blocking this one.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqlDriver> {
  const { file, create } = options;
  if (!create && !existsSync(file)) throw new KeyApiError("not-found", `There is no platform at ${file}.`);
  // Loaded here, so that whoever opens no embedded platform does not pay for the native module.
  const { default: SqliteDatabase } = await import("better-sqlite3");
  let database: Database | undefined;
  try {
    if (create) makeFile(file);
    database = new SqliteDatabase(file, { fileMustExist: true, timeout: BUSY_MS });
    configure(database, file);
    const schema = schemaOf(database);
    await retryBusy(database, () => {
      migrate(schema, options);
    });
    return driver(database, file);
  } catch (error) {
    database?.close();
    throw openFailure(error, file);
  }
}

/** Makes the file before SQLite does, so that it is never readable for others; its WAL inherits the mode. */
function makeFile(file: string): void {
  makeFolder(dirname(file));
  closeSync(openSync(file, "a", 0o600));
}

/** One folder after another: Node's own recursive form never ends where folders cannot be made at all, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(folder)) throw error; // else another process was faster
  }
}

function openFailure(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof KeyApiError || typeof code !== "string" || code.startsWith("SQLITE_"))
    return sqliteFailure(error, file);
  const message = `The platform's database ${file} cannot be made (${code}). Check the path and this user's rights.`;
  return new KeyApiError("unavailable", message, { retryable: false, cause: error });
}

function configure(database: Database, file: string): void {
  const version = String(database.prepare("SELECT sqlite_version()").pluck().get());
  if (!isAtLeast(version, LEAST_SQLITE)) {
    throw refused(`SQLite ${version} can corrupt a database that two processes write. Install better-sqlite3 anew.`);
  }
  const mode = database.pragma("journal_mode = WAL", { simple: true });
  if (mode !== "wal") {
    throw refused(`The platform's database ${file} cannot use a write-ahead log there. Put it on a local disk.`);
  }
  database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
  assertSetting(database, "synchronous", 2);
  assertSetting(database, "foreign_keys", 1);
  assertSetting(database, "secure_delete", 1);
}

function assertSetting(database: Database, name: string, value: number): void {
  if (database.pragma(name, { simple: true }) !== value) throw refused(`SQLite did not accept the setting ${name}.`);
}

function refused(message: string): KeyApiError {
  return new KeyApiError("unavailable", message, { retryable: false });
}

function closedBefore(file: string): KeyApiError {
  return refused(`The platform's database ${file} was closed before this call.`);
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  const differing = least.findIndex((part, index) => part !== (parts[index] ?? 0));
  return differing < 0 || (parts[differing] ?? 0) > (least[differing] ?? 0);
}

function schemaOf(database: Database): SchemaDatabase {
  return {
    exec: (sql) => void database.exec(sql),
    column: (sql) => database.prepare(sql).pluck().all(),
    rollBack: () => {
      rollBack(database);
    },
  };
}

/** After some failures, such as a full disk, SQLite has rolled back by itself. */
function rollBack(database: Database): void {
  if (database.inTransaction) database.exec("ROLLBACK");
}

function driver(database: Database, file: string): SqlDriver {
  let generation = 0;
  let outdatings = 0;
  const sql = writer(database, () => {
    generation++;
    outdatings++;
  });
  const foreignChanges = database.prepare<[], number>("PRAGMA data_version").pluck();
  let lastForeign: number | undefined;
  let checkedAt = -Infinity;
  let last: Promise<unknown> = Promise.resolve();

  async function transaction<T>(begin: string, work: (sql: SqlWriter) => Promise<T>): Promise<T> {
    if (!database.open) throw closedBefore(file);
    try {
      await retryBusy(database, () => database.exec(begin));
      const result = await work(sql);
      database.exec("COMMIT");
      return result;
    } catch (error) {
      rollBack(database);
      throw sqliteFailure(error, file);
    }
  }

  /**
   * Other processes' commits move `data_version`; this one's count from the moment that they are prepared. Asking costs as
   * much as the rest of a decision, so it holds for {@link CHECKED_MS}, and whoever outdates waits that long.
   */
  function counted(): number | Promise<number> {
    const now = performance.now();
    if (now < checkedAt + CHECKED_MS) return generation;
    // Within a transaction of ours, SQLite tells what was so when it began.
    if (!database.open || database.inTransaction) return queued(() => settled(count));
    try {
      return count();
    } catch {
      return settled(count); // so that the failure is a rejection
    }
  }

  function count(): number {
    if (!database.open) throw closedBefore(file);
    const now = performance.now();
    try {
      const foreign = foreignChanges.get();
      if (foreign !== lastForeign) generation++;
      lastForeign = foreign;
    } catch (error) {
      throw sqliteFailure(error, file);
    }
    checkedAt = now;
    return generation;
  }

  async function write<T>(work: (sql: SqlWriter) => Promise<T>): Promise<T> {
    const before = outdatings;
    const result = await queued(() => transaction("BEGIN IMMEDIATE", work));
    // Timers of Node may be early by one millisecond.
    if (outdatings !== before) await setTimeout(CHECKED_MS + 2);
    return result;
  }

  /** One after another: a transaction that began while another is open would see its half. */
  function queued<T>(step: () => Promise<T>): Promise<T> {
    const result = last.then(step, step);
    last = result.catch(() => undefined);
    return result;
  }

  return {
    read: (work) => queued(() => transaction("BEGIN", work)),
    write,
    generation: counted,
    close: () => queued(() => settled(() => void database.close())),
  };
}

/**
 * Asks for a lock again and again for {@link BUSY_MS}. SQLite's own waiting would block this process, and for ever if the
 * lock is held by another connection of the same process.
 */
async function retryBusy(database: Database, attempt: () => unknown): Promise<void> {
  let waited = 0;
  for (let tries = 0; ; tries++) {
    try {
      database.exec("PRAGMA busy_timeout = 0");
      attempt();
      return;
    } catch (error) {
      if (!isBusy(error) || waited >= BUSY_MS) throw error;
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
    const pause = PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 0;
    await setTimeout(pause);
    waited += pause;
  }
}

function writer(database: Database, outdated: () => void): SqlWriter {
  const statements = new Map<string, Statement<SqlValue[], SqlRow>>();

  function prepared(sql: string): Statement<SqlValue[], SqlRow> {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare<SqlValue[], SqlRow>(sql);
      // Rows as lists cost half of rows as objects; a statement that yields none refuses the setting.
      if (statement.reader) statement.raw();
      statements.set(sql, statement);
    }
    return statement;
  }

  return {
    all: (sql, ...values) => settled(() => prepared(sql).all(...values)),
    get: (sql, ...values) => settled(() => prepared(sql).get(...values)),
    run: (sql, ...values) => settled(() => void prepared(sql).run(...values)),
    // The write lock is the whole database's.
    getLocked: (sql, ...values) => settled(() => prepared(sql).get(...values)),
    outdate: () => settled(outdated),
    time: (own) => Promise.resolve(own),
    runAll: (sql, rows) =>
      settled(() => {
        const statement = prepared(sql);
        for (const row of rows) statement.run(...row);
      }),
  };
}

/** SQLite works at once; the port is asynchronous because other databases are not. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
