import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KeyChange } from "../../src/api/change-set.ts";
import { Secret } from "../../src/core/secret.ts";
import { makeToken } from "../../src/core/token.ts";
import type { AccessRequest } from "../../src/core/authorize.ts";
import type { EmbeddedPlatform } from "../../src/platform/embedded.ts";
import { pepperOf } from "../../src/platform/pepper.ts";
import { tokenVerifier } from "../../src/platform/verify.ts";
import { keyNamed } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "../contract/samples.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();
const clock = { now: 0 };
let platform: EmbeddedPlatform;
const drawn = drawCredential();
const { credential } = drawn;

beforeEach(async () => {
  clock.now = Date.parse("2026-03-01T12:00:00.000Z");
  platform = await openPlatform(join(folder(), "platform.db"), { clock: () => clock.now });
  await platform.api.createAccount({ name: "acme", defaultKey: "none" });
  await platform.api.commit("acme", sampleChangeSet([creation("web", { credential })]));
});

afterEach(async () => {
  await platform.close();
});

function request(call = "acme/echo"): AccessRequest {
  return { target: { type: "algorithm", call }, headers: [], now: clock.now };
}

async function reasonFor(token: Secret, call?: string): Promise<string> {
  const { decision } = await platform.verify({ type: "token", token }, request(call));
  return decision.effect === "allow" ? `allow ${decision.reason}` : `${decision.status} ${decision.reason}`;
}

async function change(make: (on: { id: string; revision: number }) => KeyChange): Promise<void> {
  const key = await keyNamed(platform.api, "web");
  await platform.api.commit("acme", sampleChangeSet([make({ id: key.id, revision: key.revision })]));
}

const INVALID = { decision: { effect: "deny", reason: "invalid_key", status: 401 }, key: null, credential: null };

describe("a presented token", () => {
  test("opens its key: the key's spec decides, and key and credential are told", async () => {
    const allowed = await platform.verify({ type: "token", token: drawn.token }, request());
    expect(allowed.decision).toEqual({ effect: "allow", reason: "owner" });
    expect(allowed.key).toMatchObject({ account: "acme", name: "web", spec: sampleSpec(), deletedAt: null });
    expect(allowed.credential).toMatchObject({ id: credential.id });
    expect(await reasonFor(drawn.token, "other/echo")).toBe("403 not_in_list");
  });

  test("may be presented by its digest", async () => {
    const { decision } = await platform.verify({ type: "digest", digest: credential.digest }, request());
    expect(decision).toEqual({ effect: "allow", reason: "owner" });
  });

  test("unknown, malformed, mistyped and foreign tokens get one and the same answer", async () => {
    const text = drawn.token.reveal();
    const last = text.at(-5) === "a" ? "b" : "a";
    const tokens = [
      drawCredential().token,
      makeToken("admin", (count) => Buffer.alloc(count, 9)),
      ...["", "sim", `${text}1`, text.toLowerCase(), `${text.slice(0, -5)}${last}${text.slice(-4)}`, "' OR 1=1 --"].map(
        (wrong) => new Secret(wrong),
      ),
    ];
    for (const token of tokens) expect(await platform.verify({ type: "token", token }, request())).toEqual(INVALID);
    for (const digest of ["0".repeat(64), "", credential.digest.toUpperCase()]) {
      expect(await platform.verify({ type: "digest", digest }, request())).toEqual(INVALID);
    }
  });

  test("of an admin opens no key, even if its digest was registered for one", async () => {
    const token = makeToken("admin", (count) => Buffer.alloc(count, 9));
    const digest = createHash("sha256").update(token.reveal()).digest("hex");
    await change((on) => ({ action: "add-credential", ...on, credential: { ...drawCredential().credential, digest } }));
    expect(await platform.verify({ type: "token", token }, request())).toEqual(INVALID);
  });

  test("that is malformed costs no read of the database", async () => {
    const driver = {
      read: () => Promise.reject(new Error("the database was read")),
      write: () => Promise.reject(new Error("the database was written")),
      generation: () => 0,
      close: () => Promise.resolve(),
    };
    const verify = tokenVerifier({ driver, pepper: pepperOf(Buffer.alloc(32)) });
    expect(await verify({ type: "token", token: new Secret("simnonsense") }, request())).toEqual(INVALID);
    await expect(verify({ type: "token", token: drawn.token }, request())).rejects.toThrow("was read");
  });

  test("is refused at once when it is revoked", async () => {
    const { id } = await keyNamed(platform.api, "web");
    await change(() => ({ action: "revoke-credential", id, credential: credential.id }));
    expect(await reasonFor(drawn.token)).toBe("401 credential_revoked");
  });

  test("works through the overlap after another was acknowledged, then no more", async () => {
    const next = drawCredential();
    await change((on) => ({ action: "add-credential", ...on, credential: next.credential }));
    expect([await reasonFor(drawn.token), await reasonFor(next.token)]).toEqual(["allow owner", "allow owner"]);
    await change(({ id }) => ({ action: "acknowledge", id, credential: next.credential.id }));
    clock.now += 24 * 3_600_000 - 1;
    expect(await reasonFor(drawn.token)).toBe("allow owner");
    clock.now += 1;
    expect(await reasonFor(drawn.token)).toBe("401 credential_retired");
    expect(await reasonFor(next.token)).toBe("allow owner");
  });

  test("follows its key: disabled, expired, deleted and restored", async () => {
    await change((on) => ({ action: "update", ...on, spec: sampleSpec({ enabled: false }) }));
    expect(await reasonFor(drawn.token)).toBe("401 key_disabled");
    await change((on) => ({ action: "update", ...on, spec: sampleSpec({ expires: "2026-03-01T12:00:00Z" }) }));
    expect(await reasonFor(drawn.token)).toBe("401 key_expired");
    await change((on) => ({ action: "update", ...on, spec: sampleSpec() }));
    const { id, revision } = await keyNamed(platform.api, "web");
    await change((on) => ({ action: "delete", ...on }));
    expect(await reasonFor(drawn.token)).toBe("401 key_deleted");
    const restore = { action: "restore", id, revision: revision + 1 } as const;
    await platform.api.commit("acme", sampleChangeSet([restore]));
    expect(await reasonFor(drawn.token)).toBe("allow owner");
  });
});
