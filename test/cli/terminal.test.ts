import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tokenFingerprint, tokenKind } from "../../src/core/token.ts";
import { KEYS, runOnTerminal, type TerminalRun, type Typing } from "../support/run-terminal.ts";
import { declaring, makeWorkspace, PLAIN_KEY, type Workspace } from "./workspace.ts";

const DECLARATION = { "keys.yaml": declaring({ app: PLAIN_KEY }) };
const PROMPT = "will be accepted: ";
const ESCAPE = "\u001b[";

async function at(workspace: Workspace, args: string, keys?: string, env = {}): Promise<TerminalRun> {
  const typing: Typing | undefined = keys === undefined ? undefined : { prompt: PROMPT, keys };
  const options = { cwd: workspace.folder, env };
  return await runOnTerminal(args.split(" "), typing === undefined ? options : { ...options, typing });
}

/** Every text on the screen that has the form of a secret. */
function secretsIn(text: string): string[] {
  return (text.match(/[0-9A-Za-z]{28,}/g) ?? []).filter((word) => tokenKind(word) !== undefined);
}

describe("a question on a terminal", () => {
  test("lets an apply go on with yes", async () => {
    const here = makeWorkspace(DECLARATION);
    const { exitCode, screen } = await at(here, "apply", "yes\r");
    expect(screen).toContain("Do you want to perform these actions on shop");
    expect(screen).toContain("Apply complete!");
    expect(exitCode).toBe(0);
  });

  test.each([
    ["another answer", "y\r"],
    ["an empty line", "\r"],
    ["the end of input", KEYS.endOfInput],
    ["Ctrl-C", KEYS.interrupt],
  ])("is cancelled by %s, and nothing is written", async (_, keys) => {
    const here = makeWorkspace(DECLARATION);
    const { exitCode, screen } = await at(here, "apply", keys);
    expect(screen).toContain("cancelled: nothing was written");
    expect(screen).not.toContain("internal error");
    expect(exitCode).toBe(8);
    expect(existsSync(join(here.folder, ".algokeys"))).toBe(false);
  });

  test("of destroy wants the project's name, not a yes", async () => {
    const here = makeWorkspace(DECLARATION);
    await here.runTo(0, "apply -y");
    expect((await at(here, "destroy", "yes\r")).exitCode).toBe(8);
    const { exitCode, screen } = await at(here, "destroy", "shop\r");
    expect(screen).toContain("1 deleted");
    expect(exitCode).toBe(0);
  });

  test("is not asked when there is nothing to do", async () => {
    const here = makeWorkspace(DECLARATION);
    await here.runTo(0, "apply -y");
    const { exitCode, screen } = await at(here, "apply");
    expect(screen).toContain("No changes.");
    expect(exitCode).toBe(0);
  });
});

describe("colour", () => {
  test("is on the terminal and nowhere else", async () => {
    const here = makeWorkspace(DECLARATION);
    expect((await at(here, "plan")).screen).toContain(ESCAPE);
    const piped = await here.runTo(0, "plan");
    expect(piped.stdout + piped.stderr).not.toContain(ESCAPE);
    expect((await here.runTo(0, "plan --color always")).stdout).toContain(ESCAPE);
  });

  test.each([
    ["NO_COLOR", "plan", { NO_COLOR: "1" }],
    ["--no-color", "plan --no-color", {}],
    ["--color never before the verb", "--color never plan", {}],
    ["a dumb terminal", "plan", { TERM: "dumb" }],
  ])("is off with %s", async (_, args, env) => {
    const { screen, exitCode } = await at(makeWorkspace(DECLARATION), args, undefined, env);
    expect(screen).toContain("1 to create");
    expect(screen).not.toContain(ESCAPE);
    expect(exitCode).toBe(0);
  });
});

describe("a secret on a terminal", () => {
  test("of an applied key is shown once with --reveal, and is the key's", async () => {
    const here = makeWorkspace(DECLARATION);
    const { exitCode, screen } = await at(here, "apply -y --reveal");
    expect(exitCode).toBe(0);
    const [secret = "", ...more] = secretsIn(screen);
    expect(more).toEqual([]);
    const digest = createHash("sha256").update(secret).digest("hex");
    expect((await here.runTo(0, "keys get app --json")).stdout).toContain(tokenFingerprint(digest));
    const { screen: second } = await at(here, "apply -y --reveal");
    expect(second).toContain("No changes.");
    expect(secretsIn(second)).toEqual([]);
  });

  test("of an account is shown without a flag", async () => {
    const { exitCode, screen } = await at(makeWorkspace(), "account create globex");
    expect(exitCode).toBe(0);
    expect(secretsIn(screen)).toHaveLength(1);
  });
});
