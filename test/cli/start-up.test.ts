import { describe, expect, test } from "vitest";
import { makeWorkspace, declaring, PLAIN_KEY, type Workspace } from "./workspace.ts";

/** Writes the name of every file that a run loaded to standard error: modules, and bundles that are read as text. */
const RECORDER = `
const fs = require("node:fs");
const { Module } = require("node:module");
const bundles = [];
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
  if (String(file).endsWith(".cjs")) bundles.push(file);
  return readFileSync(file, ...rest);
};
process.on("exit", () => {
  fs.writeSync(2, "LOADED " + JSON.stringify([...Object.keys(Module._cache), ...bundles]) + "\\n");
});
`;

async function loadedBy(at: Workspace, args: string): Promise<string[]> {
  const { stderr } = await at.runTo(0, args, { node: ["--require", "./recorder.cjs"] });
  const [, list] = /^LOADED (.*)$/m.exec(stderr) ?? [];
  if (list === undefined) throw new Error(`no list of modules in ${stderr}`);
  return JSON.parse(list) as string[];
}

function loads(files: readonly string[], part: string): boolean {
  return files.some((file) => file.includes(part));
}

const FILES = { "recorder.cjs": RECORDER, "keys.yaml": declaring({ app: PLAIN_KEY }) };

describe("help", () => {
  const commands = [
    ...["init", "validate", "plan", "diff", "apply", "destroy", "export", "show", "try", "schema", "completion"],
    ...["keys", "keys list", "keys get", "keys set", "keys restore", "account", "account create", "version"],
  ];
  test("of every command ends with 0, and says what it does on standard output", async () => {
    const at = makeWorkspace();
    for (const command of commands) {
      const { stdout, stderr } = await at.runTo(0, `${command} --help`);
      expect(stdout).toContain(`Usage: algokeys ${command.replace("diff", "plan")}`);
      expect(stderr).toBe("");
    }
  });

  test("of the program names every command and exit code", async () => {
    const { stdout } = await makeWorkspace().runTo(0, "--help");
    for (const command of commands.filter((name) => !name.includes(" ") && name !== "diff")) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    for (const code of ["0 ok", "2 changes pending", "5 refused", "9 applied in part", "70"]) {
      expect(stdout).toContain(code);
    }
    expect((await makeWorkspace().runTo(0, "help plan")).stdout).toContain("Usage: algokeys plan");
  });

  test("loads nothing that does the work", async () => {
    const at = makeWorkspace(FILES);
    for (const args of ["--help", "plan --help", "completion bash"]) {
      const files = await loadedBy(at, args);
      expect(loads(files, "cli/main.cjs")).toBe(true);
      expect(files.filter((file) => file.includes("node_modules") || file.endsWith("run.cjs"))).toEqual([]);
    }
  });
});

describe("a command loads only what it needs", () => {
  test("validate opens no database, and reads YAML without the TypeScript loader or the exact reader", async () => {
    const files = await loadedBy(makeWorkspace(FILES), "validate");
    expect(loads(files, "cli/run.cjs")).toBe(true);
    for (const heavy of ["better-sqlite3", "jiti", "jsonc-parser"]) expect(loads(files, heavy)).toBe(false);
  });

  test("a plan without a platform opens no database, and with one does", async () => {
    const at = makeWorkspace(FILES);
    expect(loads(await loadedBy(at, "plan"), "better-sqlite3")).toBe(false);
    await at.runTo(0, "apply -y");
    expect(loads(await loadedBy(at, "plan"), "better-sqlite3")).toBe(true);
  });
});
