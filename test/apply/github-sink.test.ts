import { randomBytes } from "node:crypto";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DeliveryFailure } from "../../src/apply/delivery-failure.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import type { RunnerPorts } from "../../src/apply/github-sink.ts";
import { Secret } from "../../src/core/secret.ts";
import { tokenFingerprint } from "../../src/core/token.ts";
import { tempFolders } from "../platform/open.ts";
import { sha256, sleep } from "./world.ts";

const tempFolder = tempFolders();
const TOKEN = "simAAAAAAAAAAAAAAAAAAAAAAAA1";
const ENV = { to: "github-env", name: "API_KEY" } as const;
const OUTPUT = { to: "github-output", name: "api-key" } as const;

/** A job of a runner that has made its files. */
function setUp(more: Readonly<Record<string, string | undefined>> = {}, command?: RunnerPorts["command"]) {
  const folder = tempFolder();
  const files = { "github-env": join(folder, "set_env_1"), "github-output": join(folder, "set_output_1") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const env = {
    GITHUB_ACTIONS: "true",
    GITHUB_ENV: files["github-env"],
    GITHUB_OUTPUT: files["github-output"],
    ...more,
  };
  const lines: string[] = [];
  const listen = (line: string): Promise<void> => {
    // What is on disk when the runner hears of it shows the order.
    lines.push(`${line} after ${String(read("github-env").length)} bytes`);
    return Promise.resolve();
  };
  const runner = { random: randomBytes, command: command ?? listen };
  const sinks = deliverySinks({ root: tempFolder(), sha256, sleep, env, runner });
  const read = (to: keyof typeof files): string => readFileSync(files[to], "utf8");
  const put = async (delivery: typeof ENV | typeof OUTPUT, value = TOKEN): Promise<string | null> =>
    (await sinks[delivery.to].deliver([{ delivery, secret: new Secret(value) }])).get(delivery) ?? null;
  return { put, read, sinks, lines, files, folder };
}

test("the runner hides the secret before the file holds it, and reads it back as it is", async () => {
  const { put, read, sinks, lines } = setUp();
  expect(await put(ENV)).toBeNull();
  expect(lines).toEqual([`::add-mask::${TOKEN} after 0 bytes`]);
  expect(read("github-env")).toMatch(/^API_KEY<<(algokeys_[0-9a-f]{32})\nsimA{24}1\n\1\n$/);
  expect(await sinks["github-env"].readBack(ENV)).toBe(tokenFingerprint(sha256(TOKEN)));
  expect(await put(OUTPUT)).toBeNull();
  expect(read("github-output")).toMatch(/^api-key<</);
  expect(await sinks["github-output"].readBack(OUTPUT)).toBe(tokenFingerprint(sha256(TOKEN)));
});

test("what a step wrote before stays, and the last value counts", async () => {
  const { put, read, sinks, files } = setUp();
  writeFileSync(files["github-env"], "API_KEY=mine");
  expect(await put(ENV)).toBeNull();
  expect(read("github-env").startsWith("API_KEY=mine\nAPI_KEY<<")).toBe(true);
  expect(await sinks["github-env"].readBack(ENV)).toBe(tokenFingerprint(sha256(TOKEN)));
});

test("a secret of several lines is one command to the runner, not several", async () => {
  const { put, lines } = setUp();
  expect(await put(ENV, "100%\r\n::stop-commands::x")).toBeNull();
  expect(lines).toEqual(["::add-mask::100%25%0D%0A::stop-commands::x after 0 bytes"]);
});

test.each<[string, Readonly<Record<string, string | undefined>>, string]>([
  ["outside of a job", { GITHUB_ACTIONS: undefined }, "only in a GitHub Actions job"],
  ["with a variable that only looks like a job's", { GITHUB_ACTIONS: "1" }, "only in a GitHub Actions job"],
  ["without the file's name", { GITHUB_ENV: undefined }, "$GITHUB_ENV names no file"],
  ["with a name that is not absolute", { GITHUB_ENV: "x" }, "$GITHUB_ENV names no file"],
  ["with a file that is not there", { GITHUB_ENV: "/nowhere/x" }, "it is not there"],
  ["with a folder", { GITHUB_ENV: "/tmp" }, "$GITHUB_ENV cannot be written: EISDIR"],
  ["with a device", { GITHUB_ENV: "/dev/null" }, "does not name a regular file"],
])("%s it refuses, and tells the runner nothing", async (_, more, message) => {
  const { put, lines, read } = setUp(more);
  expect(await put(ENV)).toContain(message);
  expect(lines).toEqual([]);
  expect(read("github-env")).toBe("");
});

test("through a link it refuses", async () => {
  const { folder, files } = setUp();
  symlinkSync(files["github-env"], join(folder, "link"));
  const { put } = setUp({ GITHUB_ENV: join(folder, "link") });
  expect(await put(ENV)).toContain("symbolic link");
});

test("a file with a block that never ends is left as it is", async () => {
  const { put, read, files, lines } = setUp();
  writeFileSync(files["github-env"], "A<<EOF\nx\n");
  expect(await put(ENV)).toContain("a block without an end");
  expect(read("github-env")).toBe("A<<EOF\nx\n");
  expect(lines).toEqual([]);
});

test("a runner that cannot be told to hide it gets nothing", async () => {
  const { put, read } = setUp({}, () => Promise.reject(new DeliveryFailure("standard output goes into a file")));
  expect(await put(ENV)).toBe("standard output goes into a file");
  expect(read("github-env")).toBe("");
});
