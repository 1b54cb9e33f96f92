import Database from "better-sqlite3";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import type { SqlDriver } from "../../src/platform/store/sql-driver.ts";
import { openSqlite } from "../../src/platform/store/sqlite-driver.ts";
import { sqliteFailure } from "../../src/platform/store/sqlite-failure.ts";
import { failure } from "../contract/expectations.ts";
import { sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();

async function opened(file = join(folder(), "made", "platform.db")): Promise<{ file: string; driver: SqlDriver }> {
  return { file, driver: await openSqlite({ file, create: true }) };
}

const COUNT = "SELECT count(*) FROM platform";
const INSERT = "INSERT INTO platform (only, instance, canary) VALUES (1, ?, ?)";

describe("opening", () => {
  test("a commit is on disk before it is answered: WAL and synchronous=FULL on every connection", async () => {
    const { driver, file } = await opened();
    await driver.close();
    const { driver: again } = await opened(file);
    const settings = await again.read(async (sql) => [
      await sql.get("SELECT * FROM pragma_journal_mode"),
      await sql.get("SELECT * FROM pragma_synchronous"),
      await sql.get("SELECT * FROM pragma_foreign_keys"),
      await sql.get("SELECT * FROM pragma_secure_delete"),
      await sql.get("SELECT * FROM pragma_busy_timeout"),
    ]);
    expect(settings).toEqual([["wal"], [2], [1], [1], [5000]]);
    await again.close();
  });

  test("the file and its log are for its owner alone, in a folder for its owner alone", async () => {
    const { driver, file } = await opened();
    const modes = [dirname(file), file, `${file}-wal`].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    await driver.close();
  });

  test("without leave to make one, a missing or empty platform is not found and nothing is made", async () => {
    const file = join(folder(), "none", "platform.db");
    expect((await failure(openSqlite({ file, create: false }))).code).toBe("not-found");
    expect(statSync(dirname(file), { throwIfNoEntry: false })).toBeUndefined();
    const empty = join(folder(), "empty.db");
    writeFileSync(empty, "");
    expect((await failure(openSqlite({ file: empty, create: false }))).code).toBe("not-found");
  });

  test("a schema newer than ours is refused by its number and left as it is", async () => {
    const { driver, file } = await opened();
    await driver.close();
    const raw = new Database(file);
    raw.exec("INSERT INTO schema_version (version) VALUES (99)");
    raw.close();
    const error = await failure(openSqlite({ file, create: true }));
    expect([error.code, error.retryable]).toEqual(["unavailable", false]);
    expect(error.message).toContain("newer algokeys (schema 99");
  });

  test("a schema of before is brought up to date, and what it holds stays", async () => {
    const file = join(folder(), "platform.db");
    const before = await openPlatform(file);
    await before.api.createAccount({ name: "acme", defaultKey: "without-credential" });
    await before.close();
    const raw = new Database(file);
    raw.exec("ALTER TABLE change_sets DROP COLUMN made_from; ALTER TABLE change_sets DROP COLUMN address");
    raw.exec("DELETE FROM schema_version WHERE version >= 4");
    raw.close();
    const after = await openPlatform(file);
    const changes = [{ action: "create" as const, name: "web", spec: sampleSpec(), managedBy: null, credential: null }];
    await after.api.commit("acme", { ...sampleChangeSet(changes, { project: null }), from: "laptop" });
    const { changeSets } = await after.api.listChangeSets("acme", { limit: 5 });
    expect(changeSets.map(({ from }) => from)).toEqual(["laptop", null]);
    await after.close();
  });

  test("a file that is no database, and the database of something else, are refused and left as they are", async () => {
    const text = join(folder(), "notes.txt");
    writeFileSync(text, "dear diary, ".repeat(200));
    const noDatabase = await failure(openSqlite({ file: text, create: true }));
    expect([noDatabase.code, noDatabase.message]).toEqual([
      "unavailable",
      expect.stringContaining("is not a database"),
    ]);
    expect(readFileSync(text, "utf8")).toBe("dear diary, ".repeat(200));

    const other = join(folder(), "other.db");
    const raw = new Database(other);
    raw.exec("CREATE TABLE recipes (name TEXT)");
    raw.close();
    const foreign = await failure(openSqlite({ file: other, create: true }));
    expect([foreign.code, foreign.message]).toEqual(["unavailable", expect.stringContaining("of something else")]);
  });

  test("a path that cannot be a file is unavailable, with the path in the message", async () => {
    const file = folder();
    const error = await failure(openSqlite({ file, create: true }));
    expect([error.code, error.message.includes(file)]).toEqual(["unavailable", true]);
    mkdirSync(join(file, "sub"));
    writeFileSync(join(file, "sub", "plain"), "");
    const below = await failure(openSqlite({ file: join(file, "sub", "plain", "platform.db"), create: true }));
    const nowhere = await failure(openSqlite({ file: "/proc/nowhere/plain/platform.db", create: true }));
    expect(nowhere.message).toContain("cannot be made");
    expect(below.code).toBe("unavailable");
  });
});

describe("transactions", () => {
  test("what was written in a transaction that fails is gone, and the next one works", async () => {
    const { driver } = await opened();
    const bug = new Error("halfway");
    const failing = driver.write(async (sql) => {
      await sql.run(INSERT, "instance", "canary");
      throw bug;
    });
    await expect(failing).rejects.toBe(bug);
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([0]);
    await driver.write((sql) => sql.run(INSERT, "instance", "canary"));
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([1]);
    await driver.close();
  });

  test("a read that is asked for during a write sees none of it until it is committed", async () => {
    const { driver } = await opened();
    const write = driver.write(async (sql) => {
      await sql.run(INSERT, "instance", "canary");
      await setTimeout(20);
    });
    const read = driver.read((sql) => sql.get(COUNT));
    await write;
    expect(await read).toEqual([1]);
    await driver.close();
  });

  test("two handles that write at once both succeed, without stopping this process while one waits", async () => {
    const { driver: one, file } = await opened();
    const { driver: two } = await opened(file);
    const order: string[] = [];
    const slow = one.write(async (sql) => {
      await sql.run(INSERT, "first", "canary");
      await setTimeout(60);
      order.push("first");
    });
    const waiting = two.write(async (sql) => {
      order.push("second");
      await sql.run("UPDATE platform SET instance = 'second'");
    });
    await Promise.all([slow, waiting]);
    expect(order).toEqual(["first", "second"]);
    expect(await one.read((sql) => sql.get("SELECT instance FROM platform"))).toEqual(["second"]);
    await Promise.all([one.close(), two.close()]);
  });

  test("a lock that is never given up ends in a refusal that may be tried again", async () => {
    const { driver, file } = await opened();
    const raw = new Database(file);
    raw.exec("BEGIN IMMEDIATE");
    const error = await failure(driver.write((sql) => sql.run(INSERT, "instance", "canary")));
    expect([error.code, error.retryable]).toEqual(["unavailable", true]);
    expect(error.message).toContain("locked by another process");
    raw.exec("ROLLBACK");
    raw.close();
    await driver.write((sql) => sql.run(INSERT, "instance", "canary"));
    await driver.close();
  }, 20_000);

  test("a damaged file is said to be damaged", async () => {
    const { driver, file } = await opened();
    await driver.write((sql) => sql.run(INSERT, "instance", "canary"));
    await driver.close();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xab)]));
    const error = await failure(openSqlite({ file, create: true }));
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringContaining("is damaged")]);
  });

  test("a full disk is said to be full, nothing is written, and reading goes on", async () => {
    const { driver, file } = await opened();
    const filled = driver.write(async (sql) => {
      await sql.get("PRAGMA max_page_count = 1");
      await sql.run(INSERT, "x".repeat(1_000_000), "canary");
    });
    const error = await failure(filled);
    expect([error.code, error.retryable]).toEqual(["unavailable", true]);
    expect(error.message).toContain(`${file} cannot grow: the disk is full`);
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([0]);
    await driver.close();
  });

  test("after closing, every call says so", async () => {
    const { driver } = await opened();
    await driver.close();
    expect((await failure(driver.read((sql) => sql.get(COUNT)))).message).toContain("was closed");
  });
});

describe("what SQLite says", () => {
  test.each([
    ["SQLITE_BUSY_SNAPSHOT", true],
    ["SQLITE_FULL", true],
    ["SQLITE_IOERR_WRITE", true],
    ["SQLITE_READONLY_DBMOVED", false],
    ["SQLITE_CANTOPEN", false],
    ["SQLITE_CORRUPT_VTAB", false],
    ["SQLITE_NOTADB", false],
  ])("%s becomes an unavailable that names the file (retryable: %s)", (code, retryable) => {
    const cause = new Database.SqliteError("words of the library", code);
    const error = sqliteFailure(cause, "/data/platform.db");
    expect(error).toBeInstanceOf(KeyApiError);
    expect(error).toMatchObject({ code: "unavailable", retryable, cause });
    expect(String(error)).toContain("/data/platform.db");
  });

  test("our own bugs stay what they are", () => {
    const bug = new Database.SqliteError("UNIQUE constraint failed", "SQLITE_CONSTRAINT_UNIQUE");
    expect(sqliteFailure(bug, "/data/platform.db")).toBe(bug);
  });
});
