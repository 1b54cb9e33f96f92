import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWorkspace } from "./workspace.ts";

const PROVIDER = "registry.terraform.io/algokeys/algorithmia";

test("the provider goes into a folder that is made, without a home too", async () => {
  const at = makeWorkspace();
  const { stdout } = await at.runTo(0, "terraform install --dir a/mirror", { env: { HOME: undefined } });
  expect(stdout).toContain("filesystem_mirror");
  expect(existsSync(join(at.folder, "a/mirror", PROVIDER))).toBe(true);
  expect((await at.runTo(3, "terraform install", { env: { HOME: undefined } })).stderr).toContain("HOME is not set");
});

test.each([
  ["/proc/x", 1, "No folder can be made there.", "Name a folder"],
  ["f", 1, "A file is in its place", "Name a folder"],
  ["f/g", 1, "A file is in its place", "Name a folder"],
  ['""', 3, '--dir "" names no folder', "Name a folder"],
])("a folder that cannot be is told at once: %s", async (dir, exitCode, said, fix) => {
  const at = makeWorkspace({ f: "" });
  const { stderr } = await at.runTo(exitCode, `terraform install --dir ${dir}`);
  expect(stderr).toContain(said);
  expect(stderr).toContain(fix);
  expect(readdirSync(at.folder)).toEqual(["f"]);
});

test("no command runs for ever where no folder can be made", async () => {
  const at = makeWorkspace({
    "keys.yaml": "version: 1\naccount: acme\nproject: shop\nkeys:\n  a: { algorithms: [] }\n",
  });
  await at.runTo(1, "init --account acme --project shop /proc/x/keys.yaml");
  await at.runTo(1, "apply -y --platform file:/proc/x/p.db");
  await at.runTo(1, "plan --out /proc/x/plan.json");
  await at.runTo(0, "apply -y --platform file:p.db");
  await at.runTo(1, "export --account acme --project shop --platform file:p.db --out /proc/x/keys.yaml");
});
