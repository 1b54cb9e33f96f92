import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import { openStore } from "../../src/platform/store/open-store.ts";
import { postgresFailure } from "../../src/platform/store/postgres-failure.ts";
import type { SqlDriver } from "../../src/platform/store/sql-driver.ts";
import { allKeys, failure } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { startProxy } from "../support/tcp-proxy.ts";
import { tempFolders } from "./open.ts";
import { openShared, postgresServer } from "./postgres-open.ts";

const folder = tempFolders();
const server = postgresServer();
const drivers: SqlDriver[] = [];
let url = "";

beforeEach(() => {
  url = server().createDatabase();
});

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()));
});

async function opened(address = url): Promise<SqlDriver> {
  const driver = await openStore(address, { create: true });
  drivers.push(driver);
  return driver;
}

function psql(sql: string): string {
  return server().psql(url, sql);
}

const COUNT = "SELECT count(*) FROM platform";
const INSERT = 'INSERT INTO platform ("only", instance, canary) VALUES (1, ?, ?)';
const ACCOUNT = `
  INSERT INTO accounts (name, name_key, revision, live_keys, created_at, created_by, changed_at)
  VALUES (?, ?, 0, 0, '', '', '')`;

describe("opening", () => {
  test("a commit is on disk before it is answered, and nothing waits for ever, whatever the role says", async () => {
    psql("ALTER ROLE tester SET synchronous_commit = off; ALTER ROLE tester SET statement_timeout = 0");
    const driver = await opened();
    const settings = await driver.read(async (sql) => [
      await sql.get("SELECT current_setting('synchronous_commit')"),
      await sql.get("SELECT current_setting('statement_timeout')"),
      await sql.get("SELECT current_setting('idle_in_transaction_session_timeout')"),
      await sql.get("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"),
    ]);
    psql("ALTER ROLE tester RESET ALL");
    expect(settings).toEqual([["on"], ["5s"], ["10s"], ["repeatable read", "on"]]);
  });

  test("several processes that make one platform at once all succeed, with one instance and one pepper", async () => {
    const home = folder();
    const platforms = await Promise.all(Array.from({ length: 5 }, () => openShared(url, home)));
    const instances = await Promise.all(platforms.map(async ({ api }) => (await api.platform()).instance));
    expect(new Set(instances).size).toBe(1);
    await platforms[0]?.api.createAccount({ name: "acme", defaultKey: "none" });
    const { credential } = drawCredential();
    await platforms[1]?.api.commit("acme", sampleChangeSet([creation("web", { credential })]));
    const presented = { type: "digest", digest: credential.digest } as const;
    const request = { target: { type: "algorithm", call: "acme/echo" }, headers: [], now: Date.now() } as const;
    const effects = platforms.map(async ({ verify }) => (await verify(presented, request)).decision.effect);
    expect(await Promise.all(effects)).toEqual(Array(5).fill("allow"));
    await Promise.all(platforms.map(({ close }) => close()));
  });

  test("without leave to make one, an empty database is not found and stays empty", async () => {
    expect((await failure(openStore(url, { create: false }))).code).toBe("not-found");
    expect(psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).toBe("0");
  });

  test("a schema newer than ours is refused by its number and left as it is", async () => {
    await opened();
    psql("INSERT INTO schema_version VALUES (99)");
    const error = await failure(openStore(url, { create: true }));
    expect([error.code, error.retryable]).toEqual(["unavailable", false]);
    expect(error.message).toContain("newer algokeys (schema 99");
  });

  test("the database of something else is refused and left as it is", async () => {
    psql("CREATE TABLE recipes (name text)");
    const error = await failure(openStore(url, { create: true }));
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringContaining("of something else")]);
    expect(psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).toBe("1");
  });

  test("what is wrong with an address is said without its password", async () => {
    const { port } = server();
    const cases: readonly (readonly [string, boolean, string])[] = [
      [`postgres://tester:hunter2@127.0.0.1:${port}/nowhere`, false, `127.0.0.1:${port}/nowhere does not exist`],
      [`postgres://stranger:hunter2@127.0.0.1:${port}/postgres`, false, "refuses this user"],
      [`postgres://tester:hunter2@127.0.0.1:1/platform`, true, "is out of reach (ECONNREFUSED)"],
      [`postgres://tester:hunter2@127.0.0.1:${port}/postgres?sslmode=verify-full`, false, "is out of reach"],
    ];
    for (const [address, retryable, says] of cases) {
      const error = await failure(openStore(address, { create: true }));
      expect([error.code, error.retryable, error.message]).toEqual([
        "unavailable",
        retryable,
        expect.stringContaining(says),
      ]);
      expect(error.message).not.toContain("hunter2");
    }
  });

  test("an address that is none, and one of another kind of store, are refused", async () => {
    for (const address of ["postgres://a b:c", "mysql://localhost/x", "file:", "platform.db", ""]) {
      expect((await failure(openStore(address, { create: true }))).code).toBe("invalid");
    }
    const file = await openStore(`file:${join(folder(), "platform.db")}`, { create: true });
    expect(await file.read((sql) => sql.get(COUNT))).toEqual([0]);
    await file.close();
  });
});

describe("transactions", () => {
  test("what was written in a transaction that fails is gone, and the next one works", async () => {
    const driver = await opened();
    const bug = new Error("halfway");
    const failing = driver.write(async (sql) => {
      await sql.run(INSERT, "instance", "canary");
      throw bug;
    });
    await expect(failing).rejects.toBe(bug);
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([0]);
    await driver.write((sql) => sql.run(INSERT, "instance", "canary"));
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([1]);
  });

  test("a read sees one moment, however long it takes", async () => {
    const driver = await opened();
    const counts = await driver.read(async (sql) => {
      const before = await sql.get(COUNT);
      await driver.write((other) => other.run(INSERT, "instance", "canary"));
      return [before, await sql.get(COUNT)];
    });
    expect(counts).toEqual([[0], [0]]);
  });

  test("those that lock one row do not overlap, and each sees what the one before it wrote", async () => {
    const one = await opened();
    const two = await opened();
    await one.write((sql) => sql.run(ACCOUNT, "acme", "acme"));
    const counts = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : two).write(async (sql) => {
        const row = await sql.getLocked("SELECT revision FROM accounts WHERE name_key = ?", "acme");
        const revision = Number(row?.[0]);
        await sql.run("UPDATE accounts SET revision = ? WHERE name_key = ?", revision + 1, "acme");
        return revision;
      }),
    );
    const seen = await Promise.all(counts);
    expect(seen.sort((left, right) => left - right)).toEqual(Array.from(seen.keys()));
  });

  test("two that take one name at once: the second runs again and finds it", async () => {
    const home = folder();
    const [one, two] = await Promise.all([openShared(url, home), openShared(url, home)]);
    for (let round = 0; round < 10; round++) {
      const calls = [one, two, one, two].map(({ api }) =>
        api.createAccount({ name: `acme${round}`, defaultKey: "without-credential" }).then(
          () => "made",
          (error: unknown) => (error instanceof KeyApiError ? error.code : String(error)),
        ),
      );
      expect((await Promise.all(calls)).sort()).toEqual(["conflict", "conflict", "conflict", "made"]);
    }
    await Promise.all([one.close(), two.close()]);
  });

  test("two that block each other both come through: the one that the database gives up runs again", async () => {
    const driver = await opened();
    await driver.write((sql) =>
      sql.runAll(ACCOUNT, [
        ["a", "a"],
        ["b", "b"],
      ]),
    );
    let runs = 0;
    const lock = "SELECT seq FROM accounts WHERE name_key = ?";
    const both = [
      ["a", "b"],
      ["b", "a"],
    ].map(([first = "", second = ""]) =>
      driver.write(async (sql) => {
        runs++;
        await sql.getLocked(lock, first);
        await setTimeout(100);
        await sql.getLocked(lock, second);
      }),
    );
    await Promise.all(both);
    expect(runs).toBe(3);
  });

  test("our own bugs stay what they are, and an error that was passed over does not commit", async () => {
    const driver = await opened();
    const wrong = driver.read((sql) => sql.get("SELECT nothing FROM platform"));
    await expect(wrong).rejects.toMatchObject({ code: "42703" });
    const passedOver = driver.write(async (sql) => {
      await sql.run(INSERT, "instance", "canary");
      await sql.get("SELECT nothing FROM platform").catch(() => undefined);
    });
    await expect(passedOver).rejects.toThrow("passed over");
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([0]);
  });

  test("a list of any length goes in, in order, once each", async () => {
    const driver = await opened();
    for (const length of [0, 1, 4, 5, 557]) {
      const rows = Array.from({ length }, (_, index) => [`n${length}-${index}`, `n${length}-${index}`]);
      await driver.write((sql) => sql.runAll(ACCOUNT, rows));
      const found = await driver.read((sql) => sql.all("SELECT name FROM accounts ORDER BY seq"));
      expect(found.slice(-length || found.length).flat()).toEqual(rows.map(([name]) => name));
    }
  });

  test("whole numbers are told exactly, and one that is too large for that is an error", async () => {
    const driver = await opened();
    const most = Number.MAX_SAFE_INTEGER;
    expect(await driver.read((sql) => sql.get(`SELECT ?::bigint, count(*), 7, ${most} FROM platform`, most))).toEqual([
      most,
      0,
      7,
      most,
    ]);
    await expect(driver.read((sql) => sql.get("SELECT 9007199254740993"))).rejects.toThrow("larger");
    expect(await driver.read((sql) => sql.get("SELECT 1"))).toEqual([1]);
  });

  test("text that PostgreSQL cannot keep is found nowhere and breaks nothing", async () => {
    const { api, close } = await openShared(url, folder());
    await api.createAccount({ name: "acme", defaultKey: "none" });
    expect((await failure(api.getAccount("ac\0me"))).code).toBe("not-found");
    expect((await failure(api.getKey("acme", "\0"))).code).toBe("not-found");
    const changes = [{ action: "delete", id: "a\0b", revision: 1 }] as const;
    expect((await failure(api.commit("acme", sampleChangeSet(changes)))).code).toBe("stale");
    const description = "\u{1F511} \uFFFD \\x00 'quoted' ? $1";
    await api.commit("acme", sampleChangeSet([creation("web", { spec: sampleSpec({ description }) })]));
    expect((await allKeys(api))[0]?.spec.description).toBe(description);
    await close();
  });

  test("after closing, every call says so", async () => {
    const driver = await openStore(url, { create: true });
    await driver.close();
    expect((await failure(driver.read((sql) => sql.get(COUNT)))).message).toContain("was closed");
    expect((await failure(Promise.resolve(driver.generation()))).message).toContain("was closed");
    await driver.close();
  });

  test("closing waits for what is under way", async () => {
    const driver = await openStore(url, { create: true });
    const write = driver.write(async (sql) => {
      await setTimeout(50);
      await sql.run(INSERT, "instance", "canary");
    });
    await driver.close();
    await write;
    expect(psql(COUNT)).toBe("1");
  });
});

describe("a server that fails", () => {
  test("connections that broke unnoticed are replaced without anyone being told", async () => {
    const driver = await opened();
    await Promise.all(Array.from({ length: 10 }, () => driver.read(() => setTimeout(20))));
    psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'algokeys'");
    const counts = Array.from({ length: 20 }, () => driver.read((sql) => sql.get(COUNT)));
    expect(await Promise.all(counts)).toEqual(Array(20).fill([0]));
  });

  test("a connection that breaks in a transaction is unavailable and may be tried again; nothing is left of it", async () => {
    const driver = await opened();
    const error = await failure(
      driver.write(async (sql) => {
        await sql.run(INSERT, "instance", "canary");
        const [pid] = (await sql.get("SELECT pg_backend_pid()")) ?? [];
        psql(`SELECT pg_terminate_backend(${Number(pid)})`);
        await sql.get(COUNT);
      }),
    );
    expect([error.code, error.retryable]).toEqual(["unavailable", true]);
    expect(psql(COUNT)).toBe("0");
  });

  test("a connection that breaks over the commit leaves its outcome open, and the error says what to do", async () => {
    const wire = await startProxy(server().port);
    const through = new URL(url);
    through.port = String(wire.port);
    const driver = await opened(through.href);
    const error = await failure(
      driver.write(async (sql) => {
        await sql.run(INSERT, "instance", "canary");
        wire.freeze(); // the COMMIT is sent, and nothing comes back
        void setTimeout(100).then(wire.close);
      }),
    );
    expect([error.code, error.retryable]).toEqual(["unavailable", true]);
    expect(error.message).toContain("Repeat the same change set under its id");
  });

  test("a statement that takes too long is given up", async () => {
    const driver = await opened();
    const error = await failure(driver.read((sql) => sql.get("SELECT pg_sleep(30)::text")));
    expect([error.code, error.retryable, error.message]).toEqual([
      "unavailable",
      true,
      expect.stringContaining("took more than 5 seconds"),
    ]);
  });

  test("a copy that can only be read says so on the first write", async () => {
    const driver = await opened();
    psql(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`);
    const again = await opened();
    const error = await failure(again.write((sql) => sql.run(INSERT, "instance", "canary")));
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringContaining("can only be read")]);
    expect(await driver.read((sql) => sql.get(COUNT))).toEqual([0]);
  });
});

describe("what PostgreSQL says", () => {
  function said(code: string): Error {
    return Object.assign(new Error("words of the server"), { code });
  }

  test.each([
    ["08006", true],
    ["25006", true],
    ["28P01", false],
    ["3D000", false],
    ["42501", false],
    ["53100", true],
    ["53300", true],
    ["57014", true],
    ["57P01", true],
    ["58030", true],
    ["XX001", false],
    ["ECONNRESET", true],
    ["EPIPE", true],
    ["SELF_SIGNED_CERT_IN_CHAIN", false],
  ])("%s becomes an unavailable that names the database (retryable: %s)", (code, retryable) => {
    const cause = said(code);
    const error = postgresFailure(cause, "postgres://db:5432/platform");
    expect(error).toBeInstanceOf(KeyApiError);
    expect(error).toMatchObject({ code: "unavailable", retryable, cause });
    expect(String(error)).toContain("postgres://db:5432/platform");
  });

  test.each(["23502", "42703", "22P02", "25P02"])("%s is our own bug and stays what it is", (code) => {
    const bug = said(code);
    expect(postgresFailure(bug, "postgres://db/platform")).toBe(bug);
  });
});
