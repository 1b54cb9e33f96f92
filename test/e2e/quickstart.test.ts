import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../examples/yaml/quickstart.mjs", import.meta.url));

test("the quickstart does the whole main job within its 30 seconds and shows no secret", () => {
  const start = Date.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: "utf8" });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(Date.now() - start).toBeLessThan(30_000);
  for (const line of [
    "Valid: 3 keys of project storefront, account acme (keys.yaml).",
    "Plan: 3 to create.",
    "Apply complete! 3 created.",
    "No changes. Live keys match the declaration. 3 keys.",
    "Live keys changed outside of storefront:",
    "Apply complete! 1 updated.",
  ]) {
    expect(stdout).toContain(line);
  }
  expect(stdout.match(/^allowed: /gm)).toHaveLength(1);
  expect(stdout.match(/^refused: /gm)).toHaveLength(3);
  expect(stdout + stderr).not.toMatch(/sim[0-9A-Za-z]{25}/);
});
