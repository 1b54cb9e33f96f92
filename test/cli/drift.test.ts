import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applied, KEYS } from "./drift-workspace.ts";
import { makeWorkspace } from "./workspace.ts";

// Rows 11 and 12 of the field's failure catalogue: what is done outside shows as such, and changes no identity.

describe("drift", () => {
  test("is nothing after an apply, and tells who changed what since (row 11)", async () => {
    const at = await applied();
    expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
    await at.runTo(0, "keys set web data=read");
    await at.runTo(0, "forget job");
    const { stdout } = await at.runTo(2, "drift --detailed-exitcode");
    expect(stdout).toMatch(/web: by \S+ by hand/);
    expect(stdout).toContain("job: let go of");
    const told = JSON.parse((await at.runTo(0, "drift --json")).stdout) as unknown;
    expect(told).toMatchObject({
      project: "shop",
      drift: [{ name: "web", attributes: [{ path: "data", before: "read", after: "none" }] }],
      outside: [{ name: "job", what: "let go of", advice: expect.stringContaining("--adopt") as unknown }],
    });
  });

  test("accept writes the live values and leaves every other byte; the plan is then empty (row 12)", async () => {
    const at = await applied();
    await at.runTo(0, 'keys set web data=read algorithms=algo://demos/hello,algo://demos/bye "labels.team=a b"');
    await at.runTo(0, "keys set app enabled=false");
    await at.runTo(0, "drift accept web");
    const web = KEYS.replace("'none'", "read")
      .replace("# greeting\n", "# greeting\n      - algo://demos/bye\n")
      .replace("# careful\n", "# careful\n    labels: {team: a b}\n");
    expect(at.read("keys.yaml").replace(/\{ ?team: a b ?\}/, "{team: a b}")).toBe(web);
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toContain("app: { algorithms: [algo://demos/hello], enabled: false }");
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("accept refuses with words what it cannot write alone, and touches no file", async () => {
    const text = KEYS.replace("data:  'none'", "data: ${var.data}");
    const at = makeWorkspace({ "keys.yaml": text });
    await at.runTo(0, "apply -y --var data=none");
    await at.runTo(0, "keys set web data=read --var data=none");
    const { stderr } = await at.runTo(5, "drift accept --var data=none");
    expect(stderr).toContain("web.data cannot be accepted: it is written with a variable");
    expect(at.read("keys.yaml")).toBe(text);
  });

  test("accept writes each key into the file that declares it, links and modes kept, and leaves the others", async () => {
    const head = "version: 1\naccount: acme\nproject: shop\n";
    const at = makeWorkspace({
      "keys/a.yaml": `${head}keys:\n  # web\n  web: { algorithms: [] } # one\n`,
      "elsewhere/b.yaml": `${head}keys:\n  app:\n    algorithms: []   # two\n`,
      "keys/c.yaml": `${head}keys:\n  job: { algorithms: [] }\n`,
    });
    symlinkSync("../elsewhere/b.yaml", join(at.folder, "keys/b.yaml"));
    chmodSync(join(at.folder, "keys/a.yaml"), 0o640);
    expect((await at.runTo(3, "apply keys -y")).stderr).toContain("write: -f keys");
    await at.runTo(0, "apply -f keys -y");
    await at.runTo(0, "keys set web data=read -f keys");
    await at.runTo(0, "keys set app enabled=false -f keys");
    const untouched = statSync(join(at.folder, "keys/c.yaml")).mtimeMs;
    const { stdout } = await at.runTo(0, "drift accept -f keys");
    expect(stdout).toContain("Wrote keys/a.yaml.\nWrote keys/b.yaml.\n");
    expect(at.read("keys/a.yaml")).toBe(`${head}keys:\n  # web\n  web: { algorithms: [], data: read } # one\n`);
    expect(at.read("elsewhere/b.yaml")).toBe(`${head}keys:\n  app:\n    algorithms: []   # two\n    enabled: false\n`);
    expect(lstatSync(join(at.folder, "keys/b.yaml")).isSymbolicLink()).toBe(true);
    expect(statSync(join(at.folder, "keys/a.yaml")).mode & 0o777).toBe(0o640);
    expect(statSync(join(at.folder, "keys/c.yaml")).mtimeMs).toBe(untouched);
    expect(readdirSync(join(at.folder, "keys")).sort()).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
    await at.runTo(0, "plan keys --expect-no-changes");
  });

  test("accept overrides a default in the block alone, and refuses what an anchor shares", async () => {
    const head = "version: 1\naccount: acme\nproject: shop\n";
    const defaults = `${head}defaults: { data: read }\nkeys:\n  web: { algorithms: [] }\n  app: { algorithms: [] }\n`;
    const at = await applied(defaults);
    await at.runTo(0, "keys set web data=none");
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toBe(
      defaults.replace("web: { algorithms: [] }", "web: { algorithms: [], data: none }"),
    );
    await at.runTo(0, "plan --expect-no-changes");
    const shared = `${head}keys:\n  web: &web { algorithms: [], data: none }\n  app: *web\n`;
    at.write("keys.yaml", shared);
    await at.runTo(0, "apply -y");
    await at.runTo(0, "keys set web data=read");
    const { stderr } = await at.runTo(5, "drift accept");
    expect(stderr).toContain("is shared with other fields or keys (an anchor, a variable or `defaults`)");
    expect(at.read("keys.yaml")).toBe(shared);
  });

  test("accept keeps the comments of what stays, and takes those of what goes", async () => {
    const head = "version: 1\naccount: acme\nproject: shop\nkeys:\n  web:\n    algorithms: # list\n";
    const tail = "    # nobody's\n    data: none # yes\n";
    const at = await applied(
      `${head}      # prod\n      - algo://a/b # one\n      # test\n      - algo://a/c # two\n${tail}`,
    );
    await at.runTo(0, "keys set web algorithms=algo://a/c");
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toBe(`${head}      # test\n      - algo://a/c # two\n${tail}`);
    await at.runTo(0, "keys set web algorithms=");
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toBe(`${head.replace("s: #", "s: [] #")}${tail}`);
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("revert plans the declared values back, of what drifted alone", async () => {
    const at = await applied();
    await at.runTo(0, "keys set web data=read");
    at.write("keys.yaml", KEYS.replace("  job: { algorithms: [] }\n", ""));
    const { stdout } = await at.runTo(0, "drift revert -y");
    expect(stdout).toContain("Plan: 1 to update.");
    expect((await at.runTo(0, "keys list --json")).stdout).toContain('"name": "job"');
    expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
    await at.runTo(1, "drift revert app");
  });
});
