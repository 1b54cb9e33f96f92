import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { terraformWorkspace } from "../support/terraform.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/terraform", import.meta.url));
const NAMES = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

test.each(NAMES)("the configuration %s is applied, plans empty and is destroyed", async (name) => {
  const at = await terraformWorkspace("", "");
  try {
    cpSync(join(EXAMPLES, name), at.folder, { recursive: true });
    await at.runTo(0, "init");
    expect(await at.runTo(0, "fmt -check -diff")).not.toContain("---");
    await at.withPlatform(({ api }) => api.createAccount({ name: "acme", defaultKey: "without-credential" }));
    const applied = await at.runTo(0, "apply -auto-approve");
    expect(applied).toContain("Apply complete!");
    expect(applied).not.toContain("Warning");
    // What a check reads is read in every plan: then there is a plan, and nothing in it.
    expect(await at.runTo(0, "plan")).toMatch(/No changes\.|0 to add, 0 to change, 0 to destroy/);
    await at.runTo(0, "apply -auto-approve -destroy");
  } finally {
    await at.close();
  }
});

test("the page of the examples names every one of them", () => {
  const page = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  expect(NAMES.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
