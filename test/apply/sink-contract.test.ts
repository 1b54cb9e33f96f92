import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { dotenvFormat } from "../../src/apply/dotenv-sink.ts";
import { guaranteesOf } from "../../src/core/delivery-guarantees.ts";
import type { AgeDelivery, FileDelivery } from "../../src/core/delivery.ts";
import { Secret } from "../../src/core/secret.ts";
import { tokenFingerprint } from "../../src/core/token.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { tempFolders } from "../platform/open.ts";
import { sha256, sleep } from "./world.ts";

const tempFolder = tempFolders();
const childFolder = mkdtempSync(join(tmpdir(), "algokeys-child-"));
const KILLS = env["ALGOKEYS_LONG"] === "1" ? 200 : 6;
const TOKENS = ["simAAAAAAAAAAAAAAAAAAAAAAAA1", "simBBBBBBBBBBBBBBBBBBBBBBBB1"] as const;

let child = "";
let identity = "";
let recipient = "";
beforeAll(async () => {
  child = await bundleChild(fileURLToPath(new URL("writing-child.ts", import.meta.url)), childFolder);
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});
afterAll(() => {
  rmSync(childFolder, { recursive: true, force: true });
});

async function decrypt(bytes: Buffer): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return await decrypter.decrypt(armor.decode(bytes.toString()), "text");
}

/** A kind of place that is a file below the folder of the run. */
interface FileKind {
  readonly kind: "dotenv" | "json" | "age";
  readonly delivery: (file: string) => FileDelivery | AgeDelivery;
  /** A file of that kind with so many bytes around a secret. */
  readonly content: (size: number) => string;
  /** What whoever may read the file finds in it. */
  readonly secretIn: (bytes: Buffer) => Promise<string | undefined>;
  /** What is not the secret. */
  readonly rest: (bytes: Buffer) => string;
}

const KINDS: readonly FileKind[] = [
  {
    kind: "dotenv",
    delivery: (file) => ({ to: "dotenv", file, name: "KEY" }),
    content: (size) => `# ${"x".repeat(size)}\nKEY=before\nB=2\n`,
    secretIn: (bytes) => Promise.resolve(dotenvFormat.get(bytes, "KEY")),
    rest: (bytes) => bytes.toString().replace(/^KEY=.*$/m, ""),
  },
  {
    kind: "json",
    delivery: (file) => ({ to: "json", file, name: "/a/key" }),
    content: (size) => `{"x": "${"x".repeat(size)}", "a": {"key": "before"}}\n`,
    secretIn: (bytes) => Promise.resolve((JSON.parse(bytes.toString()) as { a: { key: string } }).a.key),
    rest: (bytes) => bytes.toString().replace(/"key": ".*?"/, ""),
  },
  {
    kind: "age",
    delivery: (file) => ({ to: "age", file, recipients: [recipient] }),
    content: () => "whatever stood here before",
    secretIn: decrypt,
    rest: () => "",
  },
];

describe.each(KINDS)("$kind files", ({ kind, delivery: deliveryTo, content, secretIn, rest }) => {
  const setUp = () => {
    const root = tempFolder();
    const sinks = deliverySinks({ root, sha256, sleep });
    const sink = sinks[kind];
    const put = async (file: string, value: string = TOKENS[0], seen?: string | null) => {
      const delivery = deliveryTo(file);
      return (await sink.deliver([{ delivery, secret: new Secret(value), seen }])).get(delivery) ?? null;
    };
    return { root, sink, put };
  };

  test("hold the secret, for their owner only, with nothing beside them", async () => {
    const { root, sink, put } = setUp();
    expect(await put("a/secret")).toBeNull();
    expect(await put("secret")).toBeNull();
    expect(await secretIn(readFileSync(join(root, "a/secret")))).toBe(TOKENS[0]);
    expect(statSync(join(root, "a/secret")).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(["a", "a/secret", "secret"]);
    const readable = guaranteesOf(deliveryTo("secret")).readBack;
    expect(await sink.readBack(deliveryTo("secret"))).toBe(readable ? tokenFingerprint(sha256(TOKENS[0])) : undefined);
  });

  test("that others may read are closed", async () => {
    const { root, put } = setUp();
    writeFileSync(join(root, "secret"), content(1), { mode: 0o644 });
    expect(await put("secret")).toBeNull();
    expect(statSync(join(root, "secret")).mode & 0o777).toBe(0o600);
  });

  test("are not written outside of the folder, nor through links", async () => {
    const { root, put } = setUp();
    const outside = tempFolder();
    symlinkSync(outside, join(root, "link"));
    symlinkSync(join(outside, "file"), join(root, "file"));
    for (const file of ["../x", "/tmp/x", "link/x", "file", "a//b"]) expect(await put(file)).not.toBeNull();
    expect(readdirSync(outside)).toEqual([]);
  });

  test("that another run has written since are left to it", async () => {
    const { root, sink, put } = setUp();
    const delivery = deliveryTo("secret");
    const seen = await sink.look?.(delivery);
    expect(seen).toBeNull();
    expect(await put("secret", TOKENS[1])).toBeNull();
    expect(await put("secret", TOKENS[0], seen)).toContain("than when this run began");
    expect(await secretIn(readFileSync(join(root, "secret")))).toBe(TOKENS[1]);
    expect(readdirSync(root)).toEqual(["secret"]);
    expect(await put("secret", TOKENS[0], await sink.look?.(delivery))).toBeNull();
    expect(await secretIn(readFileSync(join(root, "secret")))).toBe(TOKENS[0]);
  });

  // A limit on the size of files stands for a disk that fills up: the write fails at once, or in its middle.
  test.each([0, 4])("on a disk that is full after %i blocks stay as they were", (blocks) => {
    const { root } = setUp();
    const before = content(8_000);
    writeFileSync(join(root, "secret"), before);
    const limit = kind === "age" ? 0 : blocks;
    const script = `trap '' XFSZ; ulimit -f ${String(limit)}; exec "$@"`;
    const place = JSON.stringify(deliveryTo("secret"));
    const run = spawnSync("dash", ["-c", script, "dash", execPath, child, root, place, "once"], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toBe("secret cannot be written: the file may not grow that large");
    expect(readFileSync(join(root, "secret"), "utf8")).toBe(before);
    expect(readdirSync(root)).toEqual(["secret"]);
  });

  test(
    `killed at ${String(KILLS)} moments are whole, and the next run leaves nothing behind`,
    { timeout: 600_000 },
    async () => {
      const root = tempFolder();
      const before = content(500_000);
      writeFileSync(join(root, "secret"), before);
      // Nobody waits in this clock: a lock that a dead run left is found out at once.
      const sinks = deliverySinks({ root, sha256, sleep: () => Promise.resolve() });
      const delivery = deliveryTo("secret");
      let left = 0;
      // On until one kill met a write, which is likely each time: else this would test nothing.
      for (let round = 0; round < KILLS || (left === 0 && round < 20 * KILLS); round++) {
        const running = spawn(execPath, [child, root, JSON.stringify(delivery), "forever"], { stdio: "pipe" });
        await once(running.stdout, "data");
        await sleep(Math.random() * 40);
        const gone = once(running, "exit");
        running.kill("SIGKILL");
        await gone;
        const bytes = readFileSync(join(root, "secret"));
        expect(await secretIn(bytes)).toMatch(/^sim[0-9A-Za-z]{24}1$/);
        expect(rest(bytes)).toBe(rest(Buffer.from(before)));
        for (const name of readdirSync(root)) expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
        left += readdirSync(root).length - 1;
        expect((await sinks[kind].deliver([{ delivery, secret: new Secret(TOKENS[0]) }])).size).toBe(0);
        expect(await secretIn(readFileSync(join(root, "secret")))).toBe(TOKENS[0]);
        expect(readdirSync(root)).toEqual(["secret"]);
      }
      expect(left).toBeGreaterThan(0);
    },
  );
});

test("an age file is read by each of its recipients, and not without", async () => {
  const other = await generateX25519Identity();
  const delivery = { to: "age", file: "x.age", recipients: [await identityToRecipient(other), recipient] } as const;
  const root = tempFolder();
  mkdirSync(join(root, "x"));
  expect(
    (await deliverySinks({ root, sha256, sleep }).age.deliver([{ delivery, secret: new Secret("é☃\n'") }])).size,
  ).toBe(0);
  const bytes = readFileSync(join(root, "x.age"));
  expect(await decrypt(bytes)).toBe("é☃\n'");
  expect(bytes.toString().startsWith("-----BEGIN AGE ENCRYPTED FILE-----\n")).toBe(true);
  const stranger = new Decrypter();
  stranger.addIdentity(await generateX25519Identity());
  await expect(stranger.decrypt(armor.decode(bytes.toString()))).rejects.toThrow();
});

test.each([0, 2])("a GitHub file on a disk that is full after %i blocks stays as it was", (blocks) => {
  const root = tempFolder();
  const before = `A=${"x".repeat(1_000)}\n`;
  writeFileSync(join(root, "env"), before);
  const script = `trap '' XFSZ; ulimit -f ${String(blocks)}; exec "$@"`;
  const run = spawnSync(
    "dash",
    ["-c", script, "dash", execPath, child, root, JSON.stringify({ to: "github-env", name: "KEY" }), "once"],
    { encoding: "utf8", env: { GITHUB_ACTIONS: "true", GITHUB_ENV: join(root, "env") } },
  );
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toBe("$GITHUB_ENV cannot be written: the file may not grow that large");
  expect(readFileSync(join(root, "env"), "utf8")).toBe(before);
});
