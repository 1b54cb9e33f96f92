import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { keyService } from "../../src/platform/service.ts";
import { openSqlite } from "../../src/platform/store/sqlite-driver.ts";
import { unseal } from "../../src/platform/unseal.ts";
import { describeKeyApi } from "../contract/key-api.ts";
import { drawId } from "../contract/samples.ts";
import { tempFolders } from "./open.ts";

const folder = tempFolders();

describeKeyApi("the service over SQLite", async (clock) => {
  const file = join(folder(), "platform.db");
  const driver = await openSqlite({ file, create: true });
  const pepper = await unseal(driver, { pepperFile: `${file}.pepper`, random: randomBytes, randomId: drawId });
  const parts = { driver, pepper, clock, randomId: drawId, kind: "embedded" } as const;
  return {
    api: keyService({ ...parts, caller: { actor: "tester", role: "admin", account: null, keyId: null } }),
    as: (caller) => keyService({ ...parts, caller }),
    close: () => driver.close(),
  };
});
