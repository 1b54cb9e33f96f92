import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../examples/self-hosted/run.mjs", import.meta.url));

test("run.mjs starts the whole platform with the built command, shows it, ends everything, and shows no secret", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: "utf8", timeout: 50_000 });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  for (const line of [
    "Apply complete! 4 created.",
    '-> "Hello HAL 9000"',
    '"sentiment":0.',
    "-> refused (403): algorithm algo://demos/sentiment_analysis not allowed",
    "-> refused (403): this API key works in web pages only",
    "Done.",
  ]) {
    expect(stdout).toContain(line);
  }
  expect(stdout + stderr).not.toMatch(/(?:sim|adm)[0-9A-Za-z]{25}/);
});
