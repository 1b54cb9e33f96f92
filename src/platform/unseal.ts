import type { Secret } from "../core/secret.ts";
import type { RandomBytes } from "../core/token.ts";
import { makePepper, matchesCanary, pepperOfText, readPepper, sealed, type Pepper } from "./pepper.ts";
import { text } from "./store/columns.ts";
import type { SqlDriver, SqlRow } from "./store/sql-driver.ts";

/** Where the pepper is, and what a fresh platform is made of. */
export interface UnsealOptions {
  /** The file that holds the pepper; made for a fresh platform. */
  readonly pepperFile: string;
  /** The pepper itself in hexadecimal, for a server that is given it; then no file is looked at or made. */
  readonly pepperText?: Secret | undefined;
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
  if (platform !== undefined) return provedPepper(platform, options);
  return await driver.write(async (sql) => {
    const faster = await sql.get(PLATFORM);
    if (faster !== undefined) return provedPepper(faster, options);
    // The row comes first: of two processes that make one platform, the second waits here, and then finds the pepper.
    // The file is there before the commit: a crash leaves a pepper that no database uses yet, and the next start uses it.
    await sql.run(`INSERT INTO platform ("only", instance, canary) VALUES (1, ?, '')`, options.randomId());
    const pepper = presentPepper(options) ?? (await makePepper(options.pepperFile, options.random));
    await sql.run("UPDATE platform SET canary = ?", pepper.canary);
    return pepper;
  });
}

function provedPepper(platform: SqlRow, options: UnsealOptions): Pepper {
  const pepper = presentPepper(options);
  const name =
    options.pepperText === undefined ? `its pepper file ${options.pepperFile}` : "the pepper that it was given";
  const hint = "Bring back the one that belongs to this database; without it no credential can be checked.";
  if (pepper === undefined) throw sealed(`${name} is missing. ${hint}`);
  if (!matchesCanary(pepper, text(platform[0]))) throw sealed(`${name} belongs to another database. ${hint}`);
  return pepper;
}

function presentPepper({ pepperFile, pepperText }: UnsealOptions): Pepper | undefined {
  if (pepperText === undefined) return readPepper(pepperFile);
  const pepper = pepperOfText(pepperText.reveal());
  if (pepper === undefined) throw sealed("what it was given as a pepper is none (64 hexadecimal digits).");
  return pepper;
}
