import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { openPlatform, tempFolders } from "../platform/open.ts";
import { env, key } from "./world.ts";

const tempFolder = tempFolders();
const childFolder = mkdtempSync(join(tmpdir(), "algokeys-child-"));
let child = "";
beforeAll(async () => {
  child = await bundleChild(fileURLToPath(new URL("dying-child.ts", import.meta.url)), childFolder);
});
afterAll(() => {
  rmSync(childFolder, { recursive: true, force: true });
});

const json = { to: "json", file: "s.json", name: "/web" } as const;
const before = [key("a", { deliver: [env("A")] }), key("b", { deliver: [env("B")] }), key("gone")];
const after = [
  key("b", { renamedFrom: "a", deliver: [env("A")], spec: { data: "read" } }),
  key("a", { renamedFrom: "b", deliver: [env("B")] }),
  key("web", { deliver: [json, env("WEB")] }),
  key("other", { deliver: [env("OTHER", "x/.env")] }),
];

/** Runs an apply in a process of its own; true if it was killed. */
function applyIn(home: { file: string; root: string }, boundary: number, keys: unknown): boolean {
  const run = spawnSync(execPath, [child, home.file, home.root, String(boundary), JSON.stringify(keys)], {
    encoding: "utf8",
  });
  if (run.signal === null) expect(run.stderr).toBe("");
  return run.signal === "SIGKILL";
}

const tokensIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").match(/sim[0-9A-Za-z]{24}1/g) ?? []);

test("killed at any step boundary, the next apply ends with every secret held, accepted and confirmed (field row 16)", async () => {
  let killed = 0;
  for (let boundary = 0; ; boundary++) {
    const home = { file: join(tempFolder(), "platform.db"), root: tempFolder() };
    expect(applyIn(home, -1, before)).toBe(false);
    const held = tokensIn(home.root);
    const died = applyIn(home, boundary, after);
    const platform = await openPlatform(home.file);
    const accepts = async (token: string): Promise<boolean> => {
      const request = { headers: [], target: { type: "algorithm" as const, call: "acme/x" }, now: Date.now() };
      return (await platform.verify({ type: "token", token: new Secret(token) }, request)).decision.effect === "allow";
    };
    // Whatever stood in a file before the crash goes on working: changes of specs and names touch no secret.
    for (const token of held) expect(await accepts(token)).toBe(true);
    expect(applyIn(home, -1, after)).toBe(false);
    const { keys } = await platform.api.listKeys("acme", { limit: 1000 });
    expect(keys.map(({ name }) => name).sort()).toEqual(["a", "b", "default-key", "other", "web"]);
    const tokens = tokensIn(home.root);
    expect(tokens).toHaveLength(5);
    for (const token of tokens) expect(await accepts(token)).toBe(true);
    const unconfirmed = keys.flatMap(({ credentials }) =>
      // What one of two places held may be in use, and retires.
      credentials.filter((one) => one.acknowledgedAt === null && one.revokedAt === null && one.retiresAt === null),
    );
    expect(unconfirmed).toEqual([]);
    const { changeSets } = await platform.api.listChangeSets("acme", { limit: 1000 });
    expect(applyIn(home, -1, after)).toBe(false);
    expect((await platform.api.listChangeSets("acme", { limit: 1000 })).changeSets).toHaveLength(changeSets.length);
    await platform.close();
    if (!died) break;
    killed++;
  }
  // Before and after: the commit, three files, the acknowledgement.
  expect(killed).toBe(10);
});
