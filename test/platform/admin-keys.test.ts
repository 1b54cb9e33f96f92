import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../../src/api/key-api.ts";
import { Secret } from "../../src/core/secret.ts";
import { makeToken } from "../../src/core/token.ts";
import {
  adminAuthenticator,
  adminKeys,
  hasAdminKey,
  type AdminKeyParts,
  type AdminKeys,
  type NewAdminKey,
} from "../../src/platform/admin-keys.ts";
import { keyService } from "../../src/platform/service.ts";
import { openSqlite } from "../../src/platform/store/sqlite-driver.ts";
import { unseal } from "../../src/platform/unseal.ts";
import { failure } from "../contract/expectations.ts";
import { creation, drawCredential, drawId, sampleChangeSet } from "../contract/samples.ts";
import { drawAdminKey, OWNER } from "./http/serving.ts";
import { tempFolders } from "./open.ts";

const folder = tempFolders();
const clock = { now: 0 };
let parts: AdminKeyParts;
let file = "";

beforeEach(async () => {
  clock.now = Date.parse("2026-03-01T12:00:00.000Z");
  file = join(folder(), "platform.db");
  const driver = await openSqlite({ file, create: true });
  const pepper = await unseal(driver, { pepperFile: `${file}.pepper`, random: randomBytes, randomId: drawId });
  parts = { driver, pepper, clock: () => clock.now, randomId: drawId };
  const service = keyService({ ...parts, caller: OWNER, kind: "server" });
  for (const name of ["Acme", "other"]) await service.createAccount({ name, defaultKey: "none" });
});

afterEach(async () => {
  await parts.driver.close();
});

function as(fields: Partial<Caller> = {}): AdminKeys {
  return adminKeys(parts, { ...OWNER, ...fields });
}

async function reasonFor(token: Secret): Promise<string> {
  const error = await failure(adminAuthenticator(parts)(token));
  return `${error.code}: ${error.message}`;
}

const UNKNOWN = "unauthenticated: No admin key was shown, or one that this platform does not know.";

describe("an admin key", () => {
  test("lets its holder in under its name, with its role and account, and is told without its digest", async () => {
    expect(await hasAdminKey(parts.driver)).toBe(false);
    const { token, key } = drawAdminKey({ name: "ci", role: "writer", account: "acme" });
    const made = await as().create(key);
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      name: "ci",
      role: "writer",
      account: "Acme",
      mask: key.mask,
      createdAt: "2026-03-01T12:00:00.000Z",
      createdBy: "owner",
      expiresAt: null,
      revokedAt: null,
    });
    expect(await as().list()).toEqual([made]);
    expect(await hasAdminKey(parts.driver)).toBe(true);
    const caller = { actor: "ci", role: "writer", account: "Acme", keyId: null };
    expect(await adminAuthenticator(parts)(token)).toEqual(caller);
  });

  test("is refused from its revocation on, and revoking it again changes nothing", async () => {
    const { token, key } = drawAdminKey({ name: "ci" });
    const { id } = await as().create(key);
    const revoked = await as().revoke(id);
    expect(revoked.revokedAt).toBe("2026-03-01T12:00:00.000Z");
    expect(await reasonFor(token)).toContain("The admin key ci was revoked on 2026-03-01T12:00:00.000Z.");
    clock.now += 60_000;
    expect(await as().revoke(id)).toEqual(revoked);
    expect((await failure(as().revoke("nobody"))).code).toBe("not-found");
  });

  test("is refused from the moment that it expires", async () => {
    const { token, key } = drawAdminKey({ name: "ci", expires: "2026-03-01T12:00:10Z" });
    await as().create(key);
    clock.now += 9_999;
    expect((await adminAuthenticator(parts)(token)).actor).toBe("ci");
    clock.now += 1;
    expect(await reasonFor(token)).toContain("expired on 2026-03-01T12:00:10Z");
  });

  test("unknown, malformed and callers' tokens get one and the same answer", async () => {
    const { key, token } = drawAdminKey();
    await as().create(key);
    const mistyped = new Secret(token.reveal().replace(/.(?=.{3}$)/, (digit) => (digit === "a" ? "b" : "a")));
    const tokens = [
      makeToken("admin", randomBytes),
      drawCredential().token,
      mistyped,
      new Secret(""),
      new Secret("adm"),
    ];
    for (const wrong of tokens) expect(await reasonFor(wrong)).toBe(UNKNOWN);
  });

  test("and a caller's token never stand for each other, whichever is registered first", async () => {
    const service = keyService({ ...parts, caller: OWNER, kind: "server" });
    const { credential } = drawCredential();
    const { key } = drawAdminKey();
    await service.commit("Acme", sampleChangeSet([creation("web", { credential })], { project: null }));
    await as().create(key);
    const asAdmin = await failure(as().create({ ...drawAdminKey().key, digest: credential.digest }));
    expect([asAdmin.code, asAdmin.message]).toEqual(["conflict", "This token is registered already. Draw another."]);
    const asCaller = creation("other", { credential: { ...drawCredential().credential, digest: key.digest } });
    expect((await failure(service.commit("Acme", sampleChangeSet([asCaller], { project: null })))).code).toBe(
      "conflict",
    );
  });

  test("that is a caller's by its digest lets nobody in", async () => {
    const token = makeToken("caller", randomBytes);
    const digest = createHash("sha256").update(token.reveal()).digest("hex");
    await as().create({ ...drawAdminKey().key, digest });
    expect(await reasonFor(token)).toBe(UNKNOWN);
  });

  test("bears a name that no other live one bears, ignoring case; a revoked one gives it free", async () => {
    const first = await as().create(drawAdminKey({ name: "ci" }).key);
    const taken = await failure(as().create(drawAdminKey({ name: "CI" }).key));
    expect([taken.code, taken.message]).toEqual(["conflict", "The name CI is taken."]);
    await as().revoke(first.id);
    const { key } = drawAdminKey({ name: "CI" });
    expect((await as().create(key)).name).toBe("CI");
    expect((await failure(as().create({ ...key, name: "another" }))).message).toContain("registered already");
  });

  test.each<[string, Partial<Record<keyof NewAdminKey, unknown>>]>([
    ["a name that is none", { name: "not a name" }],
    ["a name that looks like a token", { name: makeToken("caller", randomBytes).reveal() }],
    ["a role that is none", { role: "root" }],
    ["an account that is no text", { account: 7 }],
    ["a digest in capitals", { digest: "A".repeat(64) }],
    ["a caller's mask", { mask: `simA1b2${"*".repeat(21)}` }],
    ["more of the token than a mask shows", { mask: `admA1b2c${"*".repeat(20)}` }],
    ["an expiry that has passed", { expires: "2020-01-01T00:00:00Z" }],
    ["an expiry that is no moment", { expires: "2026-02-30T00:00:00Z" }],
    ["an expiry in another form", { expires: "2026-03-01" }],
  ])("with %s is not made", async (_, fields) => {
    const key = { ...drawAdminKey().key, ...fields } as NewAdminKey; // as it may come over a wire
    expect((await failure(as().create(key))).code).toBe("invalid");
    expect(await as().list()).toEqual([]);
  });

  test("is managed by admins only", async () => {
    for (const role of ["reader", "writer"] as const) {
      const calls = [as({ role }).create(drawAdminKey().key), as({ role }).list(), as({ role }).revoke("x")];
      for (const call of calls) expect((await failure(call)).code).toBe("forbidden");
    }
  });

  test("of an account that is not there is not made", async () => {
    const error = await failure(as().create(drawAdminKey({ account: "nobody" }).key));
    expect([error.code, error.message]).toEqual(["not-found", "There is no account nobody."]);
  });

  test("leaves neither its token nor its digest in the platform's files", async () => {
    const { token, key } = drawAdminKey();
    await as().create(key);
    const files = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name), "latin1"));
    expect(files.some((content) => content.includes(key.mask))).toBe(true);
    for (const secret of [token.reveal(), token.reveal().slice(8), key.digest]) {
      expect(files.some((content) => content.includes(secret))).toBe(false);
    }
  });
});

describe("an admin that is bound to an account", () => {
  test("sees, makes and revokes that account's admin keys only", async () => {
    const all = await as().create(drawAdminKey({ name: "all" }).key);
    const theirs = await as().create(drawAdminKey({ name: "theirs", account: "other" }).key);
    const ours = await as().create(drawAdminKey({ name: "ours", account: "acme" }).key);
    const bound = as({ account: "ACME" });
    expect(await bound.list()).toEqual([ours]);
    const missing = await failure(bound.revoke("0".repeat(24)));
    for (const { id } of [all, theirs]) {
      const error = await failure(bound.revoke(id));
      expect([error.code, error.message.replace(id, "ID")]).toEqual([
        "not-found",
        missing.message.replace("0".repeat(24), "ID"),
      ]);
    }
    expect((await bound.create(drawAdminKey({ account: "Acme" }).key)).account).toBe("Acme");
    const foreign = await failure(bound.create(drawAdminKey({ account: "other" }).key));
    expect([foreign.code, foreign.message]).toEqual(["not-found", "There is no account other."]);
    const wide = await failure(bound.create(drawAdminKey({ account: null }).key));
    expect(wide.code).toBe("forbidden");
    expect((await bound.revoke(ours.id)).revokedAt).not.toBeNull();
  });
});
