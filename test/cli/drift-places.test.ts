import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretsIn } from "../support/secrets-in.ts";
import { declaring, makeWorkspace, type Workspace } from "./workspace.ts";

// A plan is pure and cannot see that a delivered secret is gone: drift looks.

const DOTENV = "{ to: dotenv, file: .env, name: APP }";
const JSON_FILE = "{ to: json, file: conf/app.json, name: /keys/app }";
const COMMAND = '{ to: command, command: [sh, -c, "cat > held"], read: [cat, held] }';
const AGE = `{ to: age, file: app.age, recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p] }`;

function keys(...deliver: readonly string[]): string {
  return declaring({ app: `{ algorithms: [], deliver: [${deliver.join(", ")}] }`, web: "{ algorithms: [] }" });
}

async function applied(text: string): Promise<Workspace> {
  const at = makeWorkspace({ "keys.yaml": text });
  await at.runTo(0, "apply -y");
  return at;
}

async function places(at: Workspace): Promise<unknown> {
  const { stdout } = await at.runTo(0, "drift --json");
  return (JSON.parse(stdout) as { places: unknown }).places;
}

test("tells each place that holds nothing or no working secret, and what it advises mends that", async () => {
  const at = await applied(keys(DOTENV, JSON_FILE, COMMAND, AGE));
  const [dotenv, json, held] = [".env", "conf/app.json", "held"].map((file) => at.read(file));
  expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
  expect(await places(at)).toEqual([]);
  rmSync(join(at.folder, ".env"));
  rmSync(join(at.folder, "conf"), { recursive: true });
  rmSync(join(at.folder, "held"));
  rmSync(join(at.folder, "app.age"));
  const before = readdirSync(at.folder);
  const { stdout } = await at.runTo(2, "drift --detailed-exitcode");
  for (const line of [
    "~ app: dotenv .env#APP holds nothing\n    Deliver another secret: algokeys rotate app.\n",
    "~ app: json conf/app.json#/keys/app holds nothing\n",
    "cannot be read\n    See that it can be read; if it is lost, deliver another secret: algokeys rotate app.\n",
    "\n3 findings.\n",
  ]) {
    expect(stdout).toContain(line);
  }
  expect(readdirSync(at.folder)).toEqual(before);
  await at.runTo(0, "plan --expect-no-changes");
  const without = await at.runTo(0, "drift --detailed-exitcode --no-places --json");
  expect(JSON.parse(without.stdout)).toMatchObject({ places: null });
  await at.runTo(0, "rotate app -y");
  expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
  // What retires works on for the overlap; what was revoked does not.
  at.write("held", held ?? "");
  at.write(".env", dotenv ?? "");
  expect(await places(at)).toEqual([]);
  await at.runTo(0, "revoke app --all-but-newest -y");
  const ended = (await at.runTo(0, "drift")).stdout;
  expect(ended).toContain("dotenv .env#APP holds a secret that no longer works");
  for (const text of [dotenv, json, held])
    for (const secret of secretsIn(text ?? "")) expect(ended).not.toContain(secret);
});

test("tells what holds something else, shows none of it, and does not follow links", async () => {
  const at = await applied(keys(DOTENV, JSON_FILE));
  at.write(".env", "APP=oops\n");
  at.write("conf/app.json", '{ "keys": { "app": "" } }\n');
  const { stdout } = await at.runTo(0, "drift");
  expect(stdout).toContain("dotenv .env#APP holds something else than a secret of this key");
  expect(stdout).toContain("json conf/app.json#/keys/app holds nothing");
  expect(stdout).not.toContain("oops");
  rmSync(join(at.folder, ".env"));
  symlinkSync("conf/app.json", join(at.folder, ".env"));
  expect(await places(at)).toEqual([
    {
      key: "app",
      delivery: { to: "dotenv", file: ".env", name: "APP" },
      holds: "unreadable",
      advice: expect.stringContaining("algokeys rotate app") as unknown,
    },
    expect.objectContaining({ holds: "nothing" }),
  ]);
});

test("tells of a takeover into another place, and of a place that was added, but not of what the plan issues anyway", async () => {
  const at = await applied(keys(DOTENV));
  at.write("other.yaml", keys("{ to: dotenv, file: other.env, name: APP }").replace("project: shop", "project: blog"));
  await at.runTo(0, "apply -y -f other.yaml --takeover shop");
  expect((await at.runTo(2, "drift -f other.yaml --detailed-exitcode")).stdout).toContain(
    "dotenv other.env#APP holds nothing",
  );
  // The key is the other project's now: its places are not this one's to look into.
  rmSync(join(at.folder, ".env"));
  expect(await places(at)).toEqual([]);
  await at.runTo(0, "rotate app -y -f other.yaml");
  await at.runTo(0, "drift -f other.yaml --detailed-exitcode");
  rmSync(join(at.folder, "other.env"));
  await at.runTo(0, "revoke app -y -f other.yaml");
  expect((await at.runTo(0, "drift -f other.yaml")).stdout).not.toContain("holds nothing");
  await at.runTo(0, "apply -y -f other.yaml");
  await at.runTo(0, "drift -f other.yaml --detailed-exitcode");
});
