import Database from "better-sqlite3";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyNamed } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();

test("the audit record has a row for each change, with the key before and after it and nothing secret", async () => {
  const file = join(folder(), "platform.db");
  const { api, close } = await openPlatform(file);
  await api.createAccount({ name: "acme", defaultKey: "none" });
  const { credential } = drawCredential();
  await api.commit("acme", sampleChangeSet([creation("web", { credential }), creation("app")]));
  const { id } = await keyNamed(api, "web");
  const changes = [
    { action: "update", id, revision: 1, name: "site" },
    { action: "update", id, revision: 1, spec: sampleSpec({ data: "read" }) },
    { action: "revoke-credential", id, credential: credential.id },
    { action: "delete", id, revision: 1 },
  ] as const;
  const second = sampleChangeSet(changes, { message: "clean up" });
  await api.commit("acme", second);
  await close();

  const database = new Database(file, { readonly: true });
  const rows = database.prepare("SELECT * FROM changes WHERE revision = 2 ORDER BY position").all() as Record<
    string,
    string
  >[];
  const everything = JSON.stringify([rows, database.prepare("SELECT * FROM change_sets").all()]);
  database.close();

  const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");
  expect(rows.map(({ position, action, key_id: key }) => [position, action, key])).toEqual([
    [0, "update", id],
    [1, "update", id],
    [2, "revoke-credential", id],
    [3, "delete", id],
  ]);
  expect(parsed(rows[0]?.["before"])).toMatchObject({ name: "web", deletedAt: null });
  expect(parsed(rows[0]?.["after"])).toMatchObject({ name: "site", spec: { data: "none" } });
  expect(parsed(rows[1]?.["after"])).toMatchObject({ name: "site", spec: { data: "read" } });
  expect(rows[2]?.["credential"]).toBe(credential.id);
  expect(parsed(rows[3]?.["after"])).toMatchObject({ deletedAt: expect.any(String) as unknown });
  expect(everything).toContain("clean up");
  expect(everything).not.toContain(credential.digest);
});
