import { createHmac } from "node:crypto";
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { embeddedPlatformExists } from "../../src/platform/embedded.ts";
import { pepperOf } from "../../src/platform/pepper.ts";
import { failure } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet } from "../contract/samples.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();

async function madePlatform(): Promise<string> {
  const file = join(folder(), "platform.db");
  const platform = await openPlatform(file);
  await platform.close();
  return file;
}

describe("the pepper", () => {
  test("what is stored of a token is HMAC-SHA-256 of its digest's bytes", () => {
    const bytes = Buffer.alloc(32, 7);
    const digest = "0123456789abcdef".repeat(4);
    const expected = createHmac("sha256", bytes).update(Buffer.from(digest, "hex")).digest("hex");
    expect(pepperOf(bytes).seal(digest)).toBe(expected);
    expect(pepperOf(Buffer.alloc(32, 8)).seal(digest)).not.toBe(expected);
  });

  test("is made with the platform: 32 bytes in hexadecimal, for the owner alone, and no draft is left", async () => {
    const file = await madePlatform();
    expect(readFileSync(`${file}.pepper`, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(`${file}.pepper`).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file)).sort()).toEqual(["platform.db", "platform.db.pepper"]);
  });

  test("stays the same from one opening to the next, and so does the instance", async () => {
    const file = await madePlatform();
    const pepper = readFileSync(`${file}.pepper`, "utf8");
    const instances = [];
    for (let opening = 0; opening < 2; opening++) {
      const platform = await openPlatform(file, { create: opening === 0 });
      instances.push((await platform.api.platform()).instance);
      await platform.close();
    }
    expect(instances[0]).toBe(instances[1]);
    expect(readFileSync(`${file}.pepper`, "utf8")).toBe(pepper);
  });

  test("without it the platform is sealed, and none is made in its place", async () => {
    const file = await madePlatform();
    rmSync(`${file}.pepper`);
    const error = await failure(openPlatform(file));
    expect([error.code, error.retryable]).toEqual(["unavailable", false]);
    expect(error.message).toContain(`sealed: its pepper file ${file}.pepper is missing`);
    expect(statSync(`${file}.pepper`, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("that of another platform seals it too", async () => {
    const [file, other] = [await madePlatform(), await madePlatform()];
    copyFileSync(`${other}.pepper`, `${file}.pepper`);
    expect((await failure(openPlatform(file))).message).toContain("belongs to another database");
  });

  test.each(["", "short", "Z".repeat(64)])("a file that holds %j seals it, and the file stays", async (content) => {
    const file = await madePlatform();
    writeFileSync(`${file}.pepper`, content);
    expect((await failure(openPlatform(file))).message).toContain("holds no pepper");
    expect(readFileSync(`${file}.pepper`, "utf8")).toBe(content);
  });

  test.runIf(platform() !== "win32").each([0o640, 0o604, 0o660, 0o644])(
    "one that others may use (mode %o) seals it and says how to cure that, made or not yet made",
    async (mode) => {
      const file = await madePlatform();
      chmodSync(`${file}.pepper`, mode);
      const error = await failure(openPlatform(file));
      expect([error.code, error.retryable]).toEqual(["unavailable", false]);
      expect(error.message).toContain(`(mode 0${mode.toString(8)}). Run: chmod 600 ${file}.pepper`);
      chmodSync(`${file}.pepper`, 0o600);
      await (await openPlatform(file)).close();
      const unmade = join(folder(), "it's new.db");
      writeFileSync(`${unmade}.pepper`, `${"5".repeat(64)}\n`);
      chmodSync(`${unmade}.pepper`, mode);
      expect((await failure(openPlatform(unmade))).message).toContain("it'\\''s new.db.pepper'");
    },
  );

  test("a database that others may read is opened: without its pepper it opens no key", async () => {
    const file = await madePlatform();
    chmodSync(file, 0o644);
    await (await openPlatform(file)).close();
  });

  test("one that a crash left behind before the platform was made is used", async () => {
    const file = join(folder(), "platform.db");
    writeFileSync(`${file}.pepper`, `${"5".repeat(64)}\n`, { mode: 0o600 });
    await (await openPlatform(file)).close();
    await (await openPlatform(file)).close();
    expect(readFileSync(`${file}.pepper`, "utf8")).toBe(`${"5".repeat(64)}\n`);
  });

  test("two that make one platform at once agree on one", async () => {
    const file = join(folder(), "platform.db");
    const platforms = await Promise.all([openPlatform(file), openPlatform(file), openPlatform(file)]);
    const instances = await Promise.all(platforms.map(({ api }) => api.platform()));
    expect(new Set(instances.map(({ instance }) => instance)).size).toBe(1);
    await Promise.all(platforms.map(({ close }) => close()));
    await (await openPlatform(file)).close();
  });
});

describe("an embedded platform", () => {
  test("is there once it was made; opening without leave to make it makes nothing", async () => {
    const file = join(folder(), "below", "platform.db");
    expect(embeddedPlatformExists(file)).toBe(false);
    expect((await failure(openPlatform(file, { create: false }))).code).toBe("not-found");
    expect(embeddedPlatformExists(file)).toBe(false);
    expect(statSync(`${file}.pepper`, { throwIfNoEntry: false })).toBeUndefined();
    await (await openPlatform(file)).close();
    expect(embeddedPlatformExists(file)).toBe(true);
  });

  test("keeps nothing of a token in its files but the mask and the fingerprint", async () => {
    const file = join(folder(), "platform.db");
    const platform = await openPlatform(file);
    await platform.api.createAccount({ name: "acme", defaultKey: "none" });
    const drawn = Array.from({ length: 20 }, drawCredential);
    const changes = drawn.map(({ credential }, index) => creation(`key-${index}`, { credential }));
    await platform.api.commit("acme", sampleChangeSet(changes));
    const secrets = drawn.flatMap(({ token, credential: { digest } }) => {
      const text = token.reveal();
      const sha256 = Buffer.from(digest, "hex");
      const forms = [Buffer.from(text), Buffer.from(text.slice(8)), sha256, sha256.subarray(8)];
      return forms.flatMap((bytes) => [bytes.toString("latin1"), bytes.toString("hex"), bytes.toString("base64")]);
    });
    const searched = (): string[] => {
      const files = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name), "latin1"));
      return secrets.filter((secret) => files.some((content) => content.includes(secret)));
    };
    expect(readdirSync(dirname(file))).toContain("platform.db-wal");
    expect(searched()).toEqual([]);
    await platform.close();
    expect(searched()).toEqual([]);
    const [first] = drawn;
    expect(readFileSync(file, "latin1")).toContain(first?.credential.digest.slice(0, 16));
  });
});
