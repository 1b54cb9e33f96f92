import { KeyApiError } from "../../api/errors.ts";
import { integer } from "./columns.ts";
import type { BorrowedConnection, PostgresConnection } from "./postgres-connection.ts";
import { asksForRerun, rerunFailure, unknownOutcome } from "./postgres-failure.ts";
import { insertOf, insertParts } from "./postgres-text.ts";
import { MOVE_EPOCH, seenEverywhere, type Clocks, type Replica } from "./replica.ts";
import type { SqlDriver, SqlReader, SqlValue, SqlWriter } from "./sql-driver.ts";

/** What the driver is made of. */
export interface TransactionParts {
  /** Begins a transaction with this statement, on a connection that answers. */
  readonly begin: (statement: string) => Promise<BorrowedConnection>;
  /** Runs one statement on any connection. */
  readonly query: PostgresConnection["query"];
  readonly replica: Replica;
  readonly clocks: Clocks;
  /** Whose clock the store's is: the database's own, or for tests that move it the process's. */
  readonly time: "database" | "process";
  /** The database's name for messages. */
  readonly place: string;
  /** Ends every connection. */
  readonly end: () => Promise<void>;
}

/** How often the database may ask for one piece of work. */
const RUNS = 5;

/** One snapshot for a read of several statements. */
const BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Each statement sees what was committed before it: a row's lock is waited for, then the row is read as it is. */
const BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** Not the moment at which the transaction began: it may have waited for a lock since. */
const TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** Rows of one INSERT: a few lengths, so that few statements are parsed, and far from the limit of 65,535 parameters. */
const BATCHES: readonly number[] = [500, 50, 5];

/** How many statements are sent before their answers are waited for; bounds what is held in memory. */
const MOST_SENT = 100;

/** Makes a {@link SqlDriver} of connections to PostgreSQL. */
export function postgresTransactions(parts: TransactionParts): SqlDriver {
  const { begin, replica, place } = parts;
  const running = new Set<Promise<unknown>>();
  let closed = false;

  async function read<T>(work: (sql: SqlReader) => Promise<T>): Promise<T> {
    const connection = await begin(BEGIN_READ);
    try {
      const result = await work(reader(connection));
      await commit(connection);
      connection.release("clean");
      return result;
    } catch (error) {
      await abandon(connection);
      throw error;
    }
  }

  async function write<T>(work: (sql: SqlWriter) => Promise<T>): Promise<T> {
    for (let run = 1; ; run++) {
      try {
        return await writeOnce(work);
      } catch (error) {
        if (!asksForRerun(error)) throw error;
        if (run === RUNS) throw rerunFailure(error, place);
      }
    }
  }

  async function writeOnce<T>(work: (sql: SqlWriter) => Promise<T>): Promise<T> {
    const connection = await begin(BEGIN_WRITE);
    let result: T;
    let epoch: number | undefined;
    try {
      const outdated = { asked: false };
      result = await work(writer(connection, outdated, parts.time));
      if (outdated.asked) epoch = await moveEpoch(connection);
      await commitKnown(connection);
      connection.release("clean");
    } catch (error) {
      await abandon(connection);
      throw error;
    }
    if (epoch !== undefined) {
      replica.look();
      await seenEverywhere(parts.query, epoch, parts.clocks);
    }
    return result;
  }

  async function commitKnown(connection: PostgresConnection): Promise<void> {
    try {
      await commit(connection);
    } catch (error) {
      throw error instanceof KeyApiError ? unknownOutcome(error.cause, place) : error;
    }
  }

  function tracked<T>(start: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(closedBefore(place));
    const result = start();
    const settled = result.catch(() => undefined);
    running.add(settled);
    void settled.then(() => running.delete(settled));
    return result;
  }

  return {
    read: (work) => tracked(() => read(work)),
    write: (work) => tracked(() => write(work)),
    generation: () => replica.generation(),
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.all(running);
      await replica.close();
      await parts.end();
    },
  };
}

/** After a statement that failed, a COMMIT is answered with a rollback, and no error. */
async function commit(connection: PostgresConnection): Promise<void> {
  const { command } = await connection.query("COMMIT");
  if (command !== "COMMIT") throw new Error("a statement of the transaction had failed, and its error was passed over");
}

async function abandon(connection: BorrowedConnection): Promise<void> {
  try {
    await connection.query("ROLLBACK");
    connection.release("clean");
  } catch {
    connection.release("broken"); // what failed first is what is told
  }
}

/** Undefined if the platform has not been set up: then nothing is kept in memory anywhere. */
async function moveEpoch(connection: PostgresConnection): Promise<number | undefined> {
  const [row] = (await connection.query(MOVE_EPOCH)).rows;
  return row && integer(row[0]);
}

function reader(connection: PostgresConnection): SqlReader {
  return {
    all: async (sql, ...values) => (await connection.query(sql, values)).rows,
    get: async (sql, ...values) => (await connection.query(sql, values)).rows[0],
  };
}

function writer(
  connection: PostgresConnection,
  outdated: { asked: boolean },
  time: TransactionParts["time"],
): SqlWriter {
  return {
    ...reader(connection),
    // Not FOR UPDATE: rows that refer to this one may be written meanwhile.
    getLocked: async (sql, ...values) => (await connection.query(`${sql} FOR NO KEY UPDATE`, values)).rows[0],
    outdate: () => {
      outdated.asked = true;
      return Promise.resolve();
    },
    run: async (sql, ...values) => {
      await connection.query(sql, values);
    },
    time: async (own) => (time === "process" ? own : integer((await connection.query(TIME)).rows[0]?.[0])),
    runAll: (sql, rows) => runAll(connection, sql, rows),
  };
}

/**
 * Many rows go as a few statements if they are INSERTs. Statements are sent without waiting for the answers to those
 * before, because each way to the server and back costs more than its work; after one that fails, none has an effect.
 */
async function runAll(
  connection: PostgresConnection,
  sql: string,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const insert = insertParts(sql);
  for (let start = 0; start < rows.length;) {
    const sent: Promise<unknown>[] = [];
    while (sent.length < MOST_SENT && start < rows.length) {
      const left = rows.length - start;
      const length = (insert && BATCHES.find((batch) => batch <= left)) ?? 1;
      const statement = insert === undefined || length === 1 ? sql : insertOf(insert, length);
      sent.push(connection.query(statement, rows.slice(start, start + length).flat()));
      start += length;
    }
    await Promise.all(sent);
  }
}

function closedBefore(place: string): KeyApiError {
  const message = `The platform's database ${place} was closed before this call.`;
  return new KeyApiError("unavailable", message, { retryable: false });
}
