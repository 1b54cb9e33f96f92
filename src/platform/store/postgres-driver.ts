import type { Client, ClientBase, PoolClient } from "pg";
import { KeyApiError } from "../../api/errors.ts";
import type { BorrowedConnection, ListeningConnection, PostgresConnection } from "./postgres-connection.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { migratePostgres } from "./postgres-schema.ts";
import { numbered } from "./postgres-text.ts";
import { postgresTransactions } from "./postgres-transactions.ts";
import { LISTEN, openReplica, type Clocks } from "./replica.ts";
import type { SqlDriver, SqlRow, SqlValue } from "./sql-driver.ts";

/** Where the database is, and whether its schema may be made. */
export interface PostgresOptions {
  /** `postgres://user@host:port/database`. A password in it, or in PGPASSWORD, goes nowhere else. */
  readonly url: string;
  /** True if an empty database becomes the platform's; false refuses it with `not-found` and makes nothing. */
  readonly create: boolean;
  readonly clocks: Clocks;
  /** Whose clock the store's is. Absent: the database's own, the only one that replicas share. */
  readonly time?: "database" | "process" | undefined;
}

/** How many connections one process opens for its transactions; one more hears of revocations. */
const CONNECTIONS = 10;

/** How long a connection, or a free one of the pool, is waited for, in milliseconds. */
const CONNECT_MS = 5_000;

/** When a server that does not answer at all is given up, in milliseconds; its own limit for a statement is 5 s. */
const ANSWER_MS = 8_000;

/** The same for a start that waits for another process to bring the schema up. */
const MIGRATION_MS = 90_000;

/** The same for the connection of the lease, which ends after 2 s. */
const LEASE_ANSWER_MS = 1_000;

/** Set on every connection, whatever the server, the role or the address say. */
const SETTINGS = {
  synchronous_commit: "on",
  statement_timeout: "5s",
  idle_in_transaction_session_timeout: "10s",
  // Every statement is written for an index. A plan that was made while a table was small must not outlive that.
  enable_seqscan: "off",
  // Compiling a statement takes longer than any of ours.
  jit: "off",
} as const;

/** A statement that only shows whether the connection answers. */
const PROBE = "SELECT 1";

/** The first that draws ids by itself. */
const LEAST_VERSION = 130_000;

/**
 * Opens a PostgreSQL database as a {@link SqlDriver} that replicas may share. Every commit is on disk before it is
 * answered (asserted). Throws `unavailable` with what to do.
 */
export async function openPostgres(options: PostgresOptions): Promise<SqlDriver> {
  const { url, create, clocks, time = "database" } = options;
  const place = placeOf(url);
  // Loaded here, so that whoever opens no such store does not pay for it.
  const { default: pg } = await import("pg");
  const shared = { connectionString: url, application_name: "algokeys", keepAlive: true, types: COLUMN_TYPES };
  const limits = { max: CONNECTIONS, connectionTimeoutMillis: CONNECT_MS, query_timeout: ANSWER_MS };
  const pool = new pg.Pool({ ...shared, ...limits, pipeline: true });
  const ready = new WeakSet<PoolClient>();
  // A connection that breaks while nobody uses it is replaced when one is needed; while used, its statement fails.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));

  /** Borrows a connection and runs the first statement on it: one that broke unnoticed is found out here. */
  async function borrow(first: string): Promise<BorrowedConnection> {
    for (;;) {
      const client = await pool.connect().catch((error: unknown) => {
        throw postgresFailure(error, place);
      });
      const fresh = !ready.has(client);
      const connection = borrowed(client, place);
      try {
        if (fresh) await prepare(connection, place);
        ready.add(client);
        await connection.script(first);
        return connection;
      } catch (error) {
        connection.release("broken");
        if (fresh) throw error;
      }
    }
  }

  /** Opens a connection beside the pool, which waits so long for an answer and begins with these statements. */
  async function open(
    answerMs: number,
    first: string,
    lost: () => void,
    heard?: (epoch: number) => void,
  ): Promise<ListeningConnection> {
    const connectionTimeoutMillis = Math.min(answerMs, CONNECT_MS);
    const client = new pg.Client({ ...shared, connectionTimeoutMillis, query_timeout: answerMs });
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", ({ payload }) => heard?.(Number(payload)));
    const connection = { ...connectionOf(client, place), close: () => ended(client) };
    try {
      await client.connect();
      await prepare(connection, place);
      await connection.script(first);
      return connection;
    } catch (error) {
      await ended(client);
      throw postgresFailure(error, place);
    }
  }

  const migrating = await open(MIGRATION_MS, PROBE, () => undefined);
  await migratePostgres(migrating, { place, create }).finally(() => migrating.close());
  return postgresTransactions({
    begin: borrow,
    query: async (sql, values) => {
      const connection = await borrow(PROBE);
      try {
        const answer = await connection.query(sql, values);
        connection.release("clean");
        return answer;
      } catch (error) {
        connection.release("broken");
        throw error;
      }
    },
    replica: openReplica({ connect: (heard, lost) => open(LEASE_ANSWER_MS, LISTEN, lost, heard), clocks }),
    clocks,
    time,
    place,
    end: () => pool.end(),
  });
}

/** The database's address for messages: without user, password and options. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) {
    const message = "The store's address cannot be read. It must look like postgres://user@host:5432/database.";
    throw new KeyApiError("invalid", message);
  }
  const { host, pathname, searchParams } = new URL(url);
  return `postgres://${searchParams.get("host") ?? decodeURIComponent(host)}${pathname}`;
}

/** Sets what a connection must have, and refuses a server on which a commit could be lost or a text changed. */
async function prepare(connection: PostgresConnection, place: string): Promise<void> {
  const settings = Object.entries(SETTINGS);
  const set = settings.map(([name, value]) => `set_config('${name}', '${value}', false)`).join(", ");
  await connection.query(`SELECT ${set}`, [], { prepare: false });
  const shown =
    "SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding')";
  const version = "current_setting('server_version_num')::integer";
  const [row = []] = (await connection.query(`${shown}, ${version}`, [], { prepare: false })).rows;
  const [synchronous, fsync, encoding, number] = row;
  if (synchronous !== "on" || fsync !== "on") {
    throw refused(place, "does not put a commit on disk before it answers. Set fsync and synchronous_commit to on.");
  }
  if (encoding !== "UTF8") throw refused(place, "is not in UTF8. Make one with createdb --encoding=UTF8 -T template0.");
  if (Number(number) < LEAST_VERSION) throw refused(place, "is on a PostgreSQL before 13. Use a later one.");
}

function refused(place: string, why: string): KeyApiError {
  return new KeyApiError("unavailable", `The platform's database ${place} ${why}`, { retryable: false });
}

function borrowed(client: PoolClient, place: string): BorrowedConnection {
  return {
    ...connectionOf(client, place),
    release: (state) => {
      client.release(state === "broken");
    },
  };
}

function connectionOf(client: ClientBase, place: string): PostgresConnection {
  return {
    query: async (sql, values = [], { prepare: keep } = { prepare: true }) => {
      try {
        const { text, name } = statementOf(sql);
        const named = keep && values.length > 0 && values.length <= MOST_PREPARED ? { name } : {};
        const statement = { text, values: values.map(storable), rowMode: "array" as const, ...named };
        const { rows, command } = await client.query<SqlRow & SqlValue[], SqlValue[]>(statement);
        return { rows, command };
      } catch (error) {
        throw postgresFailure(error, place);
      }
    },
    script: async (sql) => {
      try {
        await client.query(sql);
      } catch (error) {
        throw postgresFailure(error, place);
      }
    },
  };
}

/** A statement as PostgreSQL wants it, under the name by which it stays prepared. */
interface Statement {
  readonly text: string;
  readonly name: string;
}

/** The texts are few and fixed, so each is rewritten once. */
function statementOf(sql: string): Statement {
  let statement = STATEMENTS.get(sql);
  if (statement === undefined) {
    statement = { text: numbered(sql), name: `algokeys_${STATEMENTS.size}` };
    STATEMENTS.set(sql, statement);
  }
  return statement;
}

/** Lists of values are planned each time, which costs little beside running them, and rightly for the tables as they are. */
const MOST_PREPARED = 20;

const STATEMENTS = new Map<string, Statement>();

/** PostgreSQL keeps no NUL: nothing stored has one, so a text with one must only never be equal to anything. */
function storable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
}

/** Ends a connection that may be broken already. */
async function ended(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/** Whole numbers come as text, because they may be larger than a number can tell. Ours are not. */
const NUMBERS: readonly number[] = [20, 21, 23, 1700];

const COLUMN_TYPES = {
  getTypeParser: (type: number) => (NUMBERS.includes(type) ? wholeNumber : asText),
};

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error("a number of the database is larger than can be told exactly");
  return number;
}

function asText(text: string): string {
  return text;
}
