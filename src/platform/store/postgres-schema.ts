import { KeyApiError } from "../../api/errors.ts";
import { integer } from "./columns.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { POSTGRES_MIGRATIONS } from "./postgres-migrations.ts";

/** Anything that no one else is likely to lock: the first letters of "algokeys" as a number. */
const MIGRATION_LOCK = 0x616c676f;

/** How long a start waits for another process to bring the schema up. */
const LOCK_WAIT = "60s";

/**
 * Brings the schema to this version's in one transaction, in which each step leaves its number, under an advisory lock:
 * processes that start at once take turns. Refuses a database that a newer version has made and one that is something
 * else's; with `create: false` also one that is empty.
 */
export async function migratePostgres(
  connection: PostgresConnection,
  { place, create }: { readonly place: string; readonly create: boolean },
): Promise<void> {
  const newest = POSTGRES_MIGRATIONS.at(-1)?.version ?? 0;
  if ((await schemaVersion(connection, place)) === newest) return;
  await connection.script("BEGIN");
  try {
    await connection.script(`SET LOCAL statement_timeout = '${LOCK_WAIT}'`);
    await connection.query("SELECT pg_advisory_xact_lock(?)", [MIGRATION_LOCK]);
    // Read again under the lock: another process may have been faster.
    const version = await schemaVersion(connection, place);
    if (version > newest) throw tooNew(place, version, newest);
    if (version === 0 && !create) throw new KeyApiError("not-found", `There is no platform at ${place}.`);
    if (version === 0) await connection.script("CREATE TABLE schema_version (version bigint PRIMARY KEY)");
    for (const step of POSTGRES_MIGRATIONS) {
      if (step.version <= version) continue;
      await connection.script(step.sql);
      await connection.query("INSERT INTO schema_version (version) VALUES (?)", [step.version]);
    }
    await connection.script("COMMIT");
  } catch (error) {
    await connection.script("ROLLBACK").catch(() => undefined); // what broke is told already
    throw error;
  }
}

const TABLES = `
  SELECT count(*), count(*) FILTER (WHERE tablename IN ('schema_version', 'platform', 'change_sets'))
  FROM pg_tables WHERE schemaname = current_schema()`;

/** The number of the last step that was taken; 0 for a database without tables. */
async function schemaVersion(connection: PostgresConnection, place: string): Promise<number> {
  const [tables = []] = (await connection.query(TABLES)).rows;
  if (integer(tables[0]) === 0) return 0;
  if (integer(tables[1]) !== 3) {
    const message = `The database ${place} holds the tables of something else. Give the platform a database of its own.`;
    throw new KeyApiError("unavailable", message, { retryable: false });
  }
  const [newest = []] = (await connection.query("SELECT max(version) FROM schema_version")).rows;
  return integer(newest[0]);
}

function tooNew(place: string, version: number, newest: number): KeyApiError {
  const message =
    `The platform's database ${place} was made by a newer algokeys (schema ${version}; this one knows ${newest}). ` +
    "Install that version or a later one.";
  return new KeyApiError("unavailable", message, { retryable: false });
}
