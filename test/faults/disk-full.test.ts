import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { expect, test } from "vitest";
import { declaring, makeWorkspace, type Workspace } from "../cli/workspace.ts";
import { CLI, cleanEnv } from "../support/run-cli.ts";

const APP = "{ algorithms: [algo://a/b], deliver: [{ to: dotenv, file: .env, name: APP_KEY }] }";

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the command where no file can grow past so many kibibytes; the signal that says so is ignored, as an errno comes too. */
async function runWithin(kibibytes: number, at: Workspace, args: string): Promise<Ended> {
  const script = `trap '' XFSZ; ulimit -f ${String(kibibytes)}; exec "${execPath}" "${CLI}" ${args}`;
  const child = spawn("bash", ["-c", script], { cwd: at.folder, env: cleanEnv(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += String(part)));
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, output };
}

test("a file of secrets that has no room: it is as it was, nothing is left beside it, and the next run delivers", async () => {
  const before = `OTHER=${"x".repeat(700 * 1024)}\n`;
  const at = makeWorkspace({ "keys.yaml": declaring({ app: APP }), ".env": before });
  await at.runTo(0, "account create acme --no-credential");
  const full = await runWithin(600, at, "apply -y");
  expect(full.exitCode, full.output).toBe(9);
  expect(full.output).toContain(".env cannot be written");
  expect(at.read(".env")).toBe(before);
  expect(readdirSync(at.folder).sort()).toEqual([".algokeys", ".env", "keys.yaml"]);
  await at.runTo(0, "apply -y");
  await at.runTo(0, "plan --expect-no-changes");
  expect(at.read(".env")).toMatch(/x\nAPP_KEY=sim[0-9A-Za-z]{24}1\n$/);
});

test.each([
  ["drift accept", "what would be written cannot be checked"],
  ["import default-key --into keys.yaml", "cannot be added to keys.yaml"],
])(
  "a declaration that has no room for what %s writes is as it was, and nothing is left beside it",
  async (args, said) => {
    const keys = `${declaring({ app: "{ algorithms: [algo://a/b] }" })}# ${"x".repeat(300 * 1024)}\n`;
    const at = makeWorkspace({ "keys.yaml": keys });
    await at.runTo(0, "apply -y");
    await at.runTo(0, "keys set app data=read");
    const full = await runWithin(200, at, args);
    expect(full.exitCode, full.output).toBe(1);
    expect(full.output).toContain(said);
    expect(at.read("keys.yaml")).toBe(keys);
    expect(readdirSync(at.folder).sort()).toEqual([".algokeys", "keys.yaml"]);
    await at.runTo(0, args);
  },
);

test("a platform that has no room commits nothing, says so, and goes on once there is room", async () => {
  const at = makeWorkspace({ "keys.yaml": declaring({ app: APP }) });
  await at.runTo(0, "account create acme --no-credential");
  const many = Array.from({ length: 400 }, (_, index) => [`app-${String(index)}`, "{ algorithms: [algo://a/b] }"]);
  at.write("keys.yaml", declaring({ app: APP, ...(Object.fromEntries(many) as Record<string, string>) }));
  const full = await runWithin(200, at, "apply -y");
  expect(full.exitCode, full.output).toBe(1);
  expect(full.output).not.toContain("internal error");
  expect(existsSync(join(at.folder, ".env"))).toBe(false);
  expect((await at.runTo(2, "plan --detailed-exitcode")).stdout).toContain("401 to create");
  await at.runTo(0, "apply -y");
  await at.runTo(0, "plan --expect-no-changes");
});
