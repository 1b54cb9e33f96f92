import type { RandomBytes } from "../core/token.ts";
import { makePepper, matchesCanary, readPepper, sealed, type Pepper } from "./pepper.ts";
import { text } from "./store/columns.ts";
import type { SqlDriver, SqlRow } from "./store/sql-driver.ts";

/** Where the pepper is, and what a fresh platform is made of. */
export interface UnsealOptions {
  readonly pepperFile: string;
  readonly random: RandomBytes;
  readonly randomId: () => string;
}

const PLATFORM = "SELECT canary FROM platform";

/**
 * Gives the pepper of a database, proved by the canary; a fresh database gets one, with its instance. A missing or
 * wrong pepper seals the platform: `unavailable`, and never another pepper, which would kill every key.
 */
export async function unseal(driver: SqlDriver, options: UnsealOptions): Promise<Pepper> {
  const platform = await driver.read((sql) => sql.get(PLATFORM));
  if (platform !== undefined) return provedPepper(platform, options.pepperFile);
  return await driver.write(async (sql) => {
    // Under the lock, so that two processes that make one platform agree on one pepper. The file comes first: a crash
    // between the two leaves a pepper that no database uses yet, and the next start uses it.
    const faster = await sql.get(PLATFORM);
    if (faster !== undefined) return provedPepper(faster, options.pepperFile);
    const pepper = readPepper(options.pepperFile) ?? (await makePepper(options.pepperFile, options.random));
    const values = [options.randomId(), pepper.canary];
    await sql.run("INSERT INTO platform (only, instance, canary) VALUES (1, ?, ?)", ...values);
    return pepper;
  });
}

function provedPepper(platform: SqlRow, pepperFile: string): Pepper {
  const pepper = readPepper(pepperFile);
  const hint = "Bring back the one that belongs to this database; without it no credential can be checked.";
  if (pepper === undefined) throw sealed(`its pepper file ${pepperFile} is missing. ${hint}`);
  if (!matchesCanary(pepper, text(platform[0]))) {
    throw sealed(`its pepper file ${pepperFile} belongs to another database. ${hint}`);
  }
  return pepper;
}
