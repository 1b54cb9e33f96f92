import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Caller, KeyApi } from "../../src/api/key-api.ts";
import { keyService } from "../../src/platform/service.ts";
import { openStore } from "../../src/platform/store/open-store.ts";
import type { SqlDriver } from "../../src/platform/store/sql-driver.ts";
import { unseal } from "../../src/platform/unseal.ts";
import { tokenVerifier, type VerifyToken } from "../../src/platform/verify.ts";
import { drawId } from "../contract/samples.ts";
import { startPostgres, type PostgresServer } from "../support/postgres.ts";

/** A PostgreSQL server for the tests of one file. */
export function postgresServer(): () => PostgresServer {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server?.remove();
  });
  return () => {
    if (server === undefined) throw new Error("the server has not been started");
    return server;
  };
}

/** A platform over a store that others may share. */
export interface SharedPlatform {
  readonly driver: SqlDriver;
  /** For an admin called `tester`. */
  readonly api: KeyApi;
  readonly as: (caller: Caller) => KeyApi;
  readonly verify: VerifyToken;
  readonly close: () => Promise<void>;
}

/** Opens a platform over the store at `url`; its pepper is in `folder`. */
export async function openShared(url: string, folder: string, clock?: () => number): Promise<SharedPlatform> {
  // A clock that is given counts for leases too, so that a test can move it.
  const driver = await openStore(url, { create: true, ...(clock === undefined ? {} : { time: "process" }) });
  const pepperFile = join(folder, "platform.pepper");
  const pepper = await unseal(driver, { pepperFile, random: randomBytes, randomId: drawId });
  const parts = { driver, pepper, clock: clock ?? Date.now, randomId: drawId, kind: "server" } as const;
  const as = (caller: Caller): KeyApi => keyService({ ...parts, caller });
  return {
    driver,
    api: as({ actor: "tester", role: "admin", account: null, keyId: null }),
    as,
    verify: tokenVerifier({ driver, pepper }),
    close: () => driver.close(),
  };
}
