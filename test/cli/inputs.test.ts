import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { declaring, makeWorkspace, PLAIN_KEY } from "./workspace.ts";

const APP = declaring({ app: PLAIN_KEY });
const keys = (data: string): string =>
  `const data: string = ${JSON.stringify(data)};\n` +
  `export default { version: 1, account: "acme", project: "shop", keys: { app: { algorithms: ["algo://a/b"], data } } };\n`;
const OPEN = { stdin: { open: true } } as const;

describe("where the declaration comes from", () => {
  test("standard input, several files, a folder and keys/ without being asked", async () => {
    const at = makeWorkspace({ "keys/a.yaml": APP, "keys/b.yml": declaring({ web: PLAIN_KEY }) });
    expect((await at.runTo(0, "validate")).stdout).toContain("Valid: 2 keys");
    expect((await at.runTo(0, "validate keys")).stdout).toContain("Valid: 2 keys");
    expect((await at.runTo(0, "validate keys/b.yml keys/a.yaml")).stdout).toContain("(keys/a.yaml, keys/b.yml)");
    expect((await at.runTo(0, "validate -", { stdin: APP })).stdout).toContain("Valid: 1 key of");
  });

  test("a TypeScript module, its values checked like any other", async () => {
    const at = makeWorkspace({
      "keys.ts": keys("read"),
      "wrong.ts": keys("all"),
      "broken.ts": "throw new Error('no')",
    });
    expect((await at.runTo(0, "validate keys.ts")).stdout).toContain("Valid: 1 key");
    expect((await at.runTo(3, "validate wrong.ts")).stderr).toContain("all");
    expect((await at.runTo(3, "validate broken.ts")).stderr).toContain("broken.ts");
  });

  test("a TypeScript module that uses defineManifest", async () => {
    const library = new URL("../../dist/index.js", import.meta.url).pathname;
    const text =
      `import { defineManifest } from ${JSON.stringify(library)};\n` +
      'export default defineManifest({ version: 1, account: "acme", project: "shop", keys: { app: { algorithms: [] } } });\n';
    const at = makeWorkspace({ "keys.ts": text });
    await at.runTo(0, "apply -y -f keys.ts");
    at.write("keys.yaml", declaring({ app: "{ algorithms: [] }" }));
    await at.runTo(0, "plan --expect-no-changes");
    await at.runTo(0, "plan keys.ts --expect-no-changes");
  });

  test("what a module prints is no result, and one that never ends is ended by an interrupt", async () => {
    const at = makeWorkspace({
      "loud.ts": `console.log("hello from the module");\n${keys("read")}`,
      "loop.ts": `console.error("begun"); for (;;);\n${keys("read")}`,
    });
    const { stdout, stderr } = await at.runTo(0, "plan loud.ts --json");
    expect(JSON.parse(stdout)).toMatchObject({ changes: [{ action: "create" }] });
    expect(stderr).toContain("hello from the module");
    const child = spawn(process.execPath, [CLI, "plan", "loop.ts"], { cwd: at.folder, env: cleanEnv() });
    child.stderr.once("data", () => child.kill("SIGINT"));
    const [exitCode, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect({ exitCode, signal }).toEqual({ exitCode: null, signal: "SIGINT" });
  });

  test("nothing, a missing file, an empty folder and a file of another kind are errors that name it", async () => {
    const at = makeWorkspace({ "keys.txt": APP });
    mkdirSync(join(at.folder, "empty"));
    expect((await at.runTo(3, "plan")).stderr).toContain("algokeys init");
    for (const path of ["missing.yaml", "empty", "keys.txt"]) {
      expect((await at.runTo(3, `plan ${path}`)).stderr).toContain(path);
    }
  });

  test("variables come from --var, --var-file and the environment; one that is not set is an error", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ app: '{ algorithms: ["algo://${var.owner}/*"], description: "${env.STAGE}" }' }),
      "vars.yaml": "owner: demos\n",
    });
    const unset = await at.runTo(3, "plan");
    expect(unset.stderr).toContain("owner");
    expect(unset.stderr).toContain("STAGE");
    const env = { STAGE: "beta" };
    expect((await at.runTo(0, "plan --var owner=nlp", { env })).stdout).toContain("algo://nlp/*");
    const { stdout } = await at.runTo(0, "plan --var-file vars.yaml", { env });
    expect(stdout).toContain("algo://demos/*");
    expect(stdout).toContain("beta");
    expect((await at.runTo(3, "plan --var owner", { env })).stderr).toContain("--var owner is not name=value");
    expect((await at.runTo(3, "plan --var-file none.yaml", { env })).stderr).toContain("there is no file none.yaml");
  });
});

describe("where the platform is", () => {
  test("must be stated in CI, by option or variable", async () => {
    const at = makeWorkspace({ "keys.yaml": APP });
    const ci = { CI: "true" };
    for (const args of ["plan", "apply -y", "keys list", "account create x --reveal"]) {
      const { stderr } = await at.runTo(3, args, { env: ci });
      expect(stderr).toContain("no platform is stated, and this is a CI job");
      expect(stderr).toContain("ALGOKEYS_PLATFORM");
    }
    expect(existsSync(join(at.folder, ".algokeys"))).toBe(false);
    await at.runTo(0, "validate", { env: ci });
    await at.runTo(0, "apply -y --platform file:here/p.db", { env: ci });
    await at.runTo(0, "plan --expect-no-changes", { env: { ...ci, ALGOKEYS_PLATFORM: "file:here/p.db" } });
    await at.runTo(0, "plan", { env: { CI: "false" } });
  });

  test("may stand before or after the verb, and only a known kind is taken", async () => {
    const at = makeWorkspace({ "keys.yaml": APP });
    await at.runTo(0, "--platform file:p.db apply -y");
    await at.runTo(0, "plan --platform file:p.db --expect-no-changes");
    await at.runTo(7, "plan --platform file:p.db --expect-no-changes -f keys.yaml --platform file:q.db");
    for (const url of ["ftp://x", "p.db", "file:"]) {
      expect((await at.runTo(3, `plan --platform ${url}`)).stderr).toContain(`--platform ${url}`);
    }
  });

  test.each(["file:.", "file:keys.yaml/p.db"])("%s, where no database can be, is a plain error", async (url) => {
    const at = makeWorkspace({ "keys.yaml": APP });
    for (const args of ["apply -y", "keys list"]) {
      const { stderr } = await at.runTo(1, `${args} --platform ${url}`);
      expect(stderr).toMatch(/^error: /);
      expect(stderr).not.toContain("internal error");
    }
  });

  test("a file that is no database is left alone", async () => {
    const at = makeWorkspace({ "keys.yaml": APP, "p.db": "not a database, but somebody's file\n".repeat(50) });
    const { stderr } = await at.runTo(1, "apply -y --platform file:p.db");
    expect(stderr).toContain("p.db");
    expect(stderr).not.toContain("internal error");
    expect(at.read("p.db")).toContain("somebody's file");
  });
});

describe("a call that cannot be understood ends with 3 and a way on", () => {
  test.each([
    ["paln", "Did you mean plan?"],
    ["frobnicate", "unknown command 'frobnicate'"],
    ["plan --jsn", "--json"],
    ["plan --format xml", "text, json, markdown"],
    ["keys lst", "list"],
    ["show", "missing required argument"],
    ["keys set app", "missing required argument"],
    ["schema nothing", "manifest, plan, report"],
    ["completion tcsh", "bash, zsh, fish"],
    ["--color blue plan", "auto, always, never"],
    ["validate --adopt", "--adopt"],
    ["init a.yaml b.yaml", "too many arguments"],
    ["apply a.json b.json", "too many arguments"],
    ["version extra", "too many arguments"],
  ])("%s", async (args, said) => {
    const { stderr, stdout } = await makeWorkspace().runTo(3, args);
    expect(stderr).toContain(said);
    expect(stderr).toContain("--help");
    expect(stdout).toBe("");
  });

  test.each(["", "keys", "account"])("%s alone shows the ways to go on", async (args) => {
    expect((await makeWorkspace().runTo(3, args)).stderr).toContain("Usage: algokeys");
  });
});

describe("nobody at the keyboard", () => {
  test.each([
    ["apply", "--auto-approve"],
    ["destroy", "--confirm shop"],
  ])("%s never waits: it names the flag to add (field row 26)", async (args, flag) => {
    const at = makeWorkspace({ "keys.yaml": APP });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ app: PLAIN_KEY, web: PLAIN_KEY }));
    for (const options of [{}, OPEN, { stdin: "yes\nshop\n" }]) {
      const started = Date.now();
      const { stderr } = await at.runTo(3, args, options);
      expect(stderr).toContain("there is no terminal to ask on");
      expect(stderr).toContain(flag);
      expect(Date.now() - started).toBeLessThan(5_000);
    }
    expect((await at.runTo(0, "keys list")).stdout).toContain("2 keys.");
  });

  test("one interrupt ends a run that waits for its standard input", async () => {
    const at = makeWorkspace();
    const child = spawn(process.execPath, [CLI, "plan", "-"], { cwd: at.folder, env: cleanEnv() });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const early = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 600, "waiting"))]);
    expect(early).toBe("waiting");
    child.kill("SIGINT");
    const gaveUp = setTimeout(() => child.kill("SIGKILL"), 5_000);
    expect(await ended).toBe(8);
    clearTimeout(gaveUp);
  });

  test("a reader that has seen enough makes no error", async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key-${String(index)}`, PLAIN_KEY]));
    const at = makeWorkspace({ "keys.yaml": declaring(many) });
    const line = `"${process.execPath}" "${CLI}" plan | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn("bash", ["-c", line], { cwd: at.folder, env: cleanEnv() });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (said += part.toString()));
    await new Promise((resolve) => child.on("close", resolve));
    expect(said).toMatch(/^Account acme.*\n0\n$/);
  });
});
