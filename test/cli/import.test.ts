import { describe, expect, test } from "vitest";
import { makeWorkspace, type Workspace } from "./workspace.ts";

const HEAD = "version: 1\naccount: acme\nproject: shop\n";

/** A platform with the key `console` that nobody manages and `app` of the project `shop`, and their declaration. */
async function workspace(): Promise<Workspace> {
  const at = makeWorkspace({
    "old.yaml": `version: 1\naccount: acme\nproject: old\nkeys:\n  console:\n    algorithms: [algo://demos/hello]\n    origins: { native: false, web: true, referrers: [shop.example.com] }\n    deliver: [{ to: dotenv, file: .env, name: KEY }]\n`,
    "keys.yaml": `# ours\n${HEAD}keys:\n  # the app\n  app: { algorithms: [algo://demos/hello] } # stays\n`,
  });
  await at.runTo(0, "apply -f old.yaml --auto-approve");
  await at.runTo(0, "forget console --account acme");
  await at.runTo(0, "apply -f keys.yaml --auto-approve");
  return at;
}

describe("what was made in a console is imported", () => {
  test("into a declaration, comments and layout untouched; then it is adopted with its secret (field row 12)", async () => {
    const at = await workspace();
    const secret = at.read(".env");
    const before = at.read("keys.yaml");
    const { stdout } = await at.runTo(0, "import console --into keys.yaml");
    expect(stdout).toContain("Added console to keys.yaml.");
    const after = at.read("keys.yaml");
    expect(after.startsWith(before.trimEnd())).toBe(true);
    expect((await at.runTo(5, "plan")).stdout).toContain("--adopt");
    const { stdout: planned } = await at.runTo(0, "plan --adopt --json");
    expect(JSON.parse(planned)).toMatchObject({
      changes: [{ action: "adopt", name: "console", attributes: [], credential: null }],
    });
    await at.runTo(0, "apply --adopt --auto-approve");
    await at.runTo(0, "plan --expect-no-changes");
    expect(at.read(".env")).toBe(secret);
  });

  test.each([
    ["yaml", "console:"],
    ["hcl", 'id = "acme/console"'],
    ["typescript", 'importFrom("acme/console")'],
  ])("as %s", async (format, told) => {
    const at = await workspace();
    const { stdout } = await at.runTo(0, `import --all-unmanaged --format ${format} --project shop`);
    expect(stdout).toContain(told);
    expect(stdout).not.toContain("app:");
  });

  test.each([
    ["import", 3, "say which keys to import"],
    ["import console --all-unmanaged", 3, "say which keys to import"],
    ["import app", 5, "the project shop manages the key app"],
    ["import consle", 1, "Did you mean console?"],
    ["import console --into keys.yaml --format hcl", 3, "--into adds to a YAML file"],
    ["import console --into nothing.yaml --account acme", 1, "nothing.yaml"],
  ])("%s is refused with words", async (command, exitCode, told) => {
    const at = await workspace();
    const { stderr } = await at.run(command);
    expect(stderr).toContain(told);
    expect((await at.run(command)).exitCode).toBe(exitCode);
  });

  test("not into a declaration whose defaults would make it another key", async () => {
    const at = await workspace();
    const text = `${HEAD}defaults: { data: read }\nkeys:\n  app: { algorithms: [algo://demos/hello], data: none }\n`;
    at.write("keys.yaml", text);
    const { stderr } = await at.runTo(5, "import console --into keys.yaml");
    expect(stderr).toContain("`defaults` of the file reach it");
    expect(at.read("keys.yaml")).toBe(text);
  });
});
