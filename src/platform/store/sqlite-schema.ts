import { KeyApiError } from "../../api/errors.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";

/** What a migration needs of a database; the library itself is imported in `sqlite-driver.ts` alone. */
export interface SchemaDatabase {
  readonly exec: (sql: string) => void;
  /** The values of the first column. */
  readonly column: (sql: string) => readonly unknown[];
  /** Ends the transaction without effect, if the database has not done so itself. */
  readonly rollBack: () => void;
}

/**
 * Brings the schema to this version's in one transaction, in which each step leaves its number. Refuses a database that a
 * newer version has made and one that is something else's; with `create: false` also one that is empty.
 */
export function migrate(
  database: SchemaDatabase,
  { file, create }: { readonly file: string; readonly create: boolean },
): void {
  const newest = SQLITE_MIGRATIONS.at(-1)?.version ?? 0;
  if (schemaVersion(database, file) === newest) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Read again under the lock: another process may have been faster.
    const version = schemaVersion(database, file);
    if (version > newest) throw tooNew(file, version, newest);
    if (version === 0 && !create) throw new KeyApiError("not-found", `There is no platform at ${file}.`);
    if (version === 0) database.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
    for (const step of SQLITE_MIGRATIONS) {
      if (step.version <= version) continue;
      database.exec(step.sql);
      database.exec(`INSERT INTO schema_version (version) VALUES (${step.version})`);
    }
    database.exec("COMMIT");
  } catch (error) {
    database.rollBack();
    throw error;
  }
}

/** The number of the last step that was taken; 0 for an empty database. */
function schemaVersion(database: SchemaDatabase, file: string): number {
  const tables = database.column("SELECT name FROM sqlite_schema WHERE type = 'table'");
  if (tables.length === 0) return 0;
  if (!tables.includes("schema_version")) {
    const message = `The file ${file} is the database of something else. State another file for the platform.`;
    throw new KeyApiError("unavailable", message, { retryable: false });
  }
  const [version] = database.column("SELECT max(version) FROM schema_version");
  return typeof version === "number" ? version : 0;
}

function tooNew(file: string, version: number, newest: number): KeyApiError {
  const message =
    `The platform's database ${file} was made by a newer algokeys (schema ${version}; this one knows ${newest}). ` +
    "Install that version or a later one.";
  return new KeyApiError("unavailable", message, { retryable: false });
}
