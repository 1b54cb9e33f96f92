import { KeyApiError } from "../api/errors.ts";
import type { Account, CallOptions, Caller, KeyApi, NewAccount, PlatformInfo } from "../api/key-api.ts";
import { ACCOUNT_PATTERN, nameKey } from "../core/key-name.ts";
import { DEFAULT_KEY_NAME, DEFAULT_KEY_SPEC } from "../core/key-spec.ts";
import { holdsToken } from "../core/token.ts";
import { accountExists, findAccount, noAccount } from "./accounts.ts";
import { checkCredential } from "./check-change-set.ts";
import { commitChangeSet, commitWithin, type ServiceParts } from "./commit.ts";
import { readChangePage, readChangeSetPage } from "./history.ts";
import { releaseLease, renewLease, takeLease } from "./leases.ts";
import { readKey, readKeyPage } from "./listings.ts";
import { text } from "./store/columns.ts";
import type { SqlReader, SqlWriter } from "./store/sql-driver.ts";

/** The service with what it tells of itself. */
export interface ServiceOptions extends ServiceParts {
  readonly kind: PlatformInfo["kind"];
}

/**
 * The platform's service: a {@link KeyApi} over a database, for one caller, whose role it enforces. It trusts no value
 * that it is given, because a server hands it what came over the wire.
 */
export function keyService(options: ServiceOptions): KeyApi {
  const { driver, caller, clock } = options;

  async function read<T>(call: CallOptions | undefined, work: (sql: SqlReader) => Promise<T>): Promise<T> {
    call?.signal?.throwIfAborted();
    return await driver.read((sql) => {
      call?.signal?.throwIfAborted(); // the wait for a turn can be long
      return work(sql);
    });
  }

  /** Reads of an account: any role may, but a caller that is bound to another account learns nothing of this one. */
  async function readAccount<T>(
    name: string,
    call: CallOptions | undefined,
    work: (sql: SqlReader) => Promise<T>,
  ): Promise<T> {
    requireAccount(caller, name);
    return await read(call, work);
  }

  /** Writes to an account: whoever may not see it is told what readers of it are told. */
  async function writeAccount<T>(name: string, call: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    call?.signal?.throwIfAborted();
    requireAccount(caller, name);
    requireRole(caller, ["writer", "admin"], "change keys");
    return await work();
  }

  return {
    platform: (call) => read(call, async (sql) => ({ instance: await readInstance(sql), kind: options.kind })),
    whoami: (call) => read(call, () => Promise.resolve(caller)),
    createAccount: async (account, call) => {
      call?.signal?.throwIfAborted();
      requireRole(caller, ["admin"], "make an account");
      if (caller.account !== null) {
        const message = `${caller.actor} may not make an account: it is bound to the account ${caller.account}.`;
        throw new KeyApiError("forbidden", message);
      }
      return await createAccount(options, account);
    },
    getAccount: (name, call) => readAccount(name, call, async (sql) => toldAccount(await findAccount(sql, name))),
    listKeys: (account, query, call) => readAccount(account, call, (sql) => readKeyPage(sql, account, query, clock())),
    getKey: (account, id, call) => readAccount(account, call, (sql) => readKey(sql, account, id, clock())),
    commit: (account, changeSet, call) =>
      writeAccount(account, call, () => commitChangeSet(options, account, changeSet, call)),
    listChangeSets: (account, query, call) =>
      readAccount(account, call, (sql) => readChangeSetPage(sql, account, query)),
    listChanges: (account, changeSet, query, call) =>
      readAccount(account, call, (sql) => readChangePage(sql, account, changeSet, query)),
    takeLease: (account, request, call) => writeAccount(account, call, () => takeLease(options, account, request)),
    renewLease: (account, grip, call) => writeAccount(account, call, () => renewLease(options, account, grip)),
    releaseLease: (account, grip, call) => writeAccount(account, call, () => releaseLease(options, account, grip)),
  };
}

/** Makes an account; its default-key comes with its first change set, so that history begins with it. */
async function createAccount(parts: ServiceParts, { name, defaultKey }: NewAccount): Promise<Account> {
  if (typeof name !== "string" || !ACCOUNT_PATTERN.test(name)) {
    const form = "1 to 30 letters, digits or underscores, beginning with a letter";
    throw new KeyApiError("invalid", `An account's name must be ${form}.`);
  }
  if (holdsToken(name)) throw new KeyApiError("invalid", "An account's name must not look like a key's secret.");
  const credential = typeof defaultKey === "string" ? null : checkCredential(defaultKey);
  if (typeof credential === "string") throw new KeyApiError("invalid", `${DEFAULT_KEY_NAME}: ${credential}.`);
  return await parts.driver.write(async (sql) => {
    if (await accountExists(sql, name)) throw new KeyApiError("conflict", `The account ${name} exists already.`);
    await insertAccount(sql, parts, name);
    const account = await findAccount(sql, name);
    if (defaultKey === "none") return toldAccount(account);
    const change = {
      action: "create",
      name: DEFAULT_KEY_NAME,
      spec: DEFAULT_KEY_SPEC,
      managedBy: null,
      credential,
    } as const;
    const id = `account-${parts.randomId()}`;
    const message = "Account made";
    await commitWithin(sql, parts, account, { id, project: null, message, changes: [change], problems: [] });
    return toldAccount(await findAccount(sql, name));
  });
}

async function insertAccount(sql: SqlWriter, parts: ServiceParts, name: string): Promise<void> {
  const now = new Date(parts.clock()).toISOString();
  const insert = `
    INSERT INTO accounts (name, name_key, revision, live_keys, created_at, created_by, changed_at)
    VALUES (?, ?, 0, 0, ?, ?, ?)`;
  await sql.run(insert, name, nameKey(name), now, parts.caller.actor, now);
}

async function readInstance(sql: SqlReader): Promise<string> {
  const row = await sql.get("SELECT instance FROM platform");
  if (row === undefined)
    throw new KeyApiError("unavailable", "The platform has not been set up.", { retryable: false });
  return text(row[0]);
}

function toldAccount({ name, revision, createdAt }: Account): Account {
  return { name, revision, createdAt };
}

/** An account that the caller is not bound to is not there for it. Comes before the role, which would tell. */
function requireAccount(caller: Caller, name: string): void {
  if (caller.account !== null && nameKey(caller.account) !== nameKey(name)) throw noAccount(name);
}

function requireRole(caller: Caller, roles: readonly Caller["role"][], what: string): void {
  if (roles.includes(caller.role)) return;
  throw new KeyApiError("forbidden", `${caller.actor} may not ${what}: that needs the role ${roles.join(" or ")}.`);
}
