import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawAdminKey, makeAdminKey, serve, type Serving } from "../platform/http/serving.ts";
import { makeFolder } from "./self-hosted-world.ts";

let folder: ReturnType<typeof makeFolder>;
let serving: Serving | undefined;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(async () => {
  await serving?.end();
  serving = undefined;
  folder.remove();
});

/** A store whose pepper lies elsewhere, as the README says. */
function addressIn(name: string): { readonly store: string; readonly pepperFile: string; readonly home: string } {
  const home = join(folder.path, name);
  mkdirSync(home, { recursive: true });
  return { store: `file:${join(home, "platform.db")}`, pepperFile: join(folder.path, "pepper"), home };
}

test("a copy of a stopped server's folder, with its pepper, is the same platform again", async () => {
  const { home, ...address } = addressIn("live");
  const { token, key } = drawAdminKey({ role: "admin" });
  serving = await serve(address);
  await makeAdminKey(address.store, address.pepperFile, key);
  const made = await serving.send("POST", "/v2/accounts", { token, body: { name: "acme", defaultKey: "none" } });
  expect(made.status).toBe(201);
  await serving.end();
  cpSync(home, join(folder.path, "restored"), { recursive: true });

  const restored = addressIn("restored");
  serving = await serve({ store: restored.store, pepperFile: restored.pepperFile });
  expect(serving.server.sealed).toBe(false);
  expect(await serving.send("GET", "/v2/accounts/acme", { token })).toMatchObject({ status: 200 });
});

test("a copy without its pepper is sealed, says so in the log, and gets no other pepper", async () => {
  const { home, ...address } = addressIn("live");
  serving = await serve(address);
  await serving.end();
  cpSync(home, join(folder.path, "restored"), { recursive: true });

  const pepperFile = join(folder.path, "lost");
  serving = await serve({ store: addressIn("restored").store, pepperFile });
  expect(serving.server.sealed).toBe(true);
  expect((await serving.send("GET", "/v2/health/live")).status).toBe(200);
  expect((await serving.send("GET", "/v2/health/ready")).status).toBe(503);
  expect((await serving.send("POST", "/v1/algo/demo/Hello")).status).toBe(503);
  expect(serving.lines("sealed")).toHaveLength(1);
  expect(existsSync(pepperFile)).toBe(false);
});
