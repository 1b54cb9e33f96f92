import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { CLI } from "../support/run-cli.ts";
import { makeWorkspace } from "./workspace.ts";

/** What bash offers for the last of these words, as the script that `completion bash` prints decides it. */
function offers(script: string, cwd: string, words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${String(words.length - 1)}; _algokeys; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["--norc", "-c", program], { cwd, encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "");
}

function hasShell(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

describe("bash completion", () => {
  let script = "";
  beforeAll(() => {
    script = execFileSync(process.execPath, [CLI, "completion", "bash"], { encoding: "utf8" });
  });

  test.each([
    [["algokeys", "pl"], ["plan"]],
    [
      ["algokeys", "keys", ""],
      ["get", "list", "restore", "set"],
    ],
    [
      ["algokeys", "schema", ""],
      ["manifest", "plan", "report"],
    ],
    [["algokeys", "plan", "--expect"], ["--expect-no-changes"]],
    [["algokeys", "keys", "list", "--del"], ["--deleted"]],
    [["algokeys", "account", "create", "--no-cr"], ["--no-credential"]],
    [["algokeys", "dif"], ["diff"]],
    [["algokeys", "diff", "--expect"], ["--expect-no-changes"]],
    [
      ["algokeys", "plan", "--format", ""],
      ["json", "markdown", "text"],
    ],
    [["algokeys", "diff", "--format", "=", "ma"], ["markdown"]],
    [
      ["algokeys", "plan", "--format", "="],
      ["json", "markdown", "text"],
    ],
    [
      ["algokeys", "--color", "a"],
      ["always", "auto"],
    ],
    [["algokeys", "plan", "--max-deletes", ""], []],
    [["algokeys", "keys", "set", "app", ""], []],
  ])("offers for %j: %j", (words, expected) => {
    const at = makeWorkspace();
    const found = offers(script, at.folder, words).filter((word) => !word.startsWith("--") || expected.includes(word));
    expect(found.sort()).toEqual(expected);
  });

  test("offers files, by a name with a space too, where a file may stand", () => {
    const at = makeWorkspace({ "reviewed.json": "", "reviewed again.json": "" });
    expect(offers(script, at.folder, ["algokeys", "apply", "rev"]).sort()).toEqual([
      "reviewed again.json",
      "reviewed.json",
    ]);
    expect(offers(script, at.folder, ["algokeys", "version", "rev"])).toEqual([]);
    expect(offers(script, at.folder, ["algokeys", "export", "--out", "reviewed."])).toEqual(["reviewed.json"]);
    expect(offers(script, at.folder, ["algokeys", "plan", "--format", "rev"])).toEqual([]);
  });

  test("is fit to be sourced with every check of bash on", () => {
    const text = execFileSync("bash", ["--norc", "-euc", `${script}\ncomplete -p algokeys`], { encoding: "utf8" });
    expect(text).toContain("-F _algokeys algokeys");
  });
});

describe("the other shells", () => {
  test.each(["zsh", "fish"])("%s is given every command and option", (shell) => {
    const script = execFileSync(process.execPath, [CLI, "completion", shell], { encoding: "utf8" });
    for (const word of ["validate", "restore", "expect-no-changes", "allow-lockout", "diff", "text json markdown"]) {
      expect(script).toContain(word);
    }
    if (hasShell(shell)) {
      const checked = spawnSync(shell, ["--no-execute", "-c", script], { encoding: "utf8" });
      expect(checked).toMatchObject({ status: 0, stderr: "" });
    } else {
      console.log(`The ${shell} script was read but not run: ${shell} is not installed here.`);
    }
  });
});
