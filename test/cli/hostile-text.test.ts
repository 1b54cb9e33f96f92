import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";
import { makeToken } from "../../src/core/token.ts";
import { CI_COMMAND, HOSTILE_TEXTS } from "../support/hostile-texts.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

/** What a key may be described by; the others are refused, and told in an error. */
const DESCRIBING = HOSTILE_TEXTS.filter(
  (text) => text.isWellFormed() && !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text),
);

function declaring(texts: readonly string[]): string {
  const keys = texts.map((text, index) => {
    const shown = JSON.stringify(text);
    return `  key-${String(index)}: { algorithms: [], description: ${shown}, labels: { team: ${shown} } }\n`;
  });
  return `version: 1\naccount: acme\nproject: shop\nkeys:\n${keys.join("")}`;
}

/** Runs commands one after the other and checks each line of each output. */
async function allSafe(at: Workspace, commands: readonly string[], env: Record<string, string>): Promise<string> {
  let all = "";
  for (const command of commands) {
    const { exitCode, stdout, stderr } = await at.run(command, { env });
    expect([0, 3, 5], `${command}: ${stderr}`).toContain(exitCode);
    for (const line of (stdout + stderr).split("\n")) {
      expect(printable(`.${line}`), command).toBe(`.${line}`);
      expect(line, command).not.toMatch(CI_COMMAND);
    }
    all += stdout + stderr;
  }
  return all;
}

test("hostile text is printed by no command as it is", async () => {
  const at = makeWorkspace({ "keys.yaml": declaring(DESCRIBING) });
  const env = { USER: "\u001b[2Jevil", LOGNAME: "::error::evil", BUILD_URL: "::warning::\u202eevil\u001b[1m" };
  const said = await allSafe(
    at,
    [
      "validate",
      "plan --full",
      "plan --json",
      "plan --format markdown",
      "plan --out plan.json",
      "show plan.json",
      "apply plan.json",
      "keys list",
      "keys list --json",
      "keys get key-1",
      'keys set key-1 "description=::error::x" labels.a=##[error]gone',
      'keys set key-2 "description=\u001b[31mred"',
      'keys set key-2 "labels.a=<img src=x onerror=alert(1)>"',
      "drift",
      "drift --json",
      "plan --format markdown",
      "history",
      "history --json",
      "history key-1",
      "export --format yaml --all",
      "export --format hcl --all",
      "export --format typescript --all",
      "disable key-3",
      "drift accept key-1",
      "drift revert --out revert.json",
      "show revert.json --format markdown",
      "apply revert.json --format markdown",
      "revoke key-4 --auto-approve",
      "keys list --unmanaged",
    ],
    env,
  );
  expect(said).toContain("evil"); // it was printed, and made harmless
});

test("hostile text in a declaration is told in errors that do no harm, in every format", async () => {
  const at = makeWorkspace({ "keys.yaml": declaring(HOSTILE_TEXTS) });
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    if (!text.isWellFormed()) continue;
    const named = `keys:\n  ${JSON.stringify(text)}: { algorithms: [${JSON.stringify(text)}], ${JSON.stringify(text)}: 1 }\n`;
    at.write(`bad-${String(index)}.yaml`, `version: 1\naccount: acme\nproject: shop\n${named}`);
  }
  const files = HOSTILE_TEXTS.flatMap((text, index) => (text.isWellFormed() ? [`bad-${String(index)}.yaml`] : []));
  await allSafe(
    at,
    ["", " --json", " --format markdown"].map((format) => `validate ${files.join(" ")}${format}`),
    {},
  );
});

test("a file's name does no harm where a scan tells of it", async () => {
  const at = makeWorkspace({});
  const token = makeToken("caller", (count) => Uint8Array.from(randomBytes(count))).reveal();
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    if (text.isWellFormed() && !/[\u0000/]/.test(text))
      writeFileSync(join(at.folder, `${String(index)}${text}`), token);
  }
  const said = await allSafe(at, ["scan . --offline", "scan . --offline --json"], {});
  expect(said.match(/was not looked up/g)?.length).toBeGreaterThan(20);
  expect(said).not.toContain(token);
});

test("an argument that is wrong does no harm where an error tells of it", async () => {
  const at = makeWorkspace({});
  const wrong = HOSTILE_TEXTS.filter((text) => !text.includes("\u0000") && !text.includes('"') && text.trim() !== "");
  for (const text of wrong.slice(0, 8)) {
    await allSafe(at, [`"x${text}"`, `plan --format "${text}"`, `schema "${text}"`], {});
  }
  expect((await at.run("aply")).stderr).toContain("\n(Did you mean apply?)\n");
});
