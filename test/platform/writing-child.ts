import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { argv } from "node:process";
import type { KeyChange } from "../../src/api/change-set.ts";
import { MAX_PAGE } from "../../src/api/key-api.ts";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { openEmbeddedPlatform } from "../../src/platform/embedded.ts";

/**
 * Commits change sets one after another and prints the id of each once it is acknowledged. An id tells what its change
 * set holds, so that a half one is seen: `set-<who>-<number>-<creates>-<deletes>-...`. Arguments: file, who, how many.
 */
const [, , file = "", who = "", count = "0"] = argv;
const { api, close } = await openEmbeddedPlatform({ file, actor: who, clock: Date.now, random: randomBytes });
await api.createAccount({ name: "acme", defaultKey: "none" }).catch(() => undefined); // made by a run before
for (let number = 0; number < Number(count); number++) {
  const { keys } = await api.listKeys("acme", { limit: MAX_PAGE });
  const own = keys.filter(({ name }) => name.startsWith(`${who}-`));
  const deletes = own.slice(0, number % 5).map(({ id, revision }): KeyChange => ({ action: "delete", id, revision }));
  const creates = Array.from({ length: 1 + (number % 4) }, (_, index): KeyChange => {
    const mask = `simAbcd${"*".repeat(21)}`;
    const credential = { id: randomBytes(12).toString("hex"), digest: randomBytes(32).toString("hex"), mask };
    const name = `${who}-${number}-${index}-${randomBytes(4).toString("hex")}`;
    return { action: "create", name, spec: DEFAULT_SPEC, managedBy: null, credential };
  });
  const unique = randomBytes(8).toString("hex");
  const id = `set-${who}-${number}-${creates.length}-${deletes.length}-${unique}`;
  await api.commit("acme", { id, project: null, message: "", changes: [...deletes, ...creates] });
  writeSync(1, `${id}\n`);
}
await close();
