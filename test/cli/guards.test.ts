import { describe, expect, test } from "vitest";
import { declaring, makeWorkspace, PLAIN_KEY, type Workspace } from "./workspace.ts";

/** A workspace whose keys are live. */
async function applied(keys: Readonly<Record<string, string>>): Promise<Workspace> {
  const at = makeWorkspace({ "keys.yaml": declaring(keys) });
  await at.runTo(0, "apply -y");
  return at;
}

async function liveNames(at: Workspace): Promise<string> {
  return (await at.runTo(0, "keys list --account acme")).stdout;
}

const FIVE = Object.fromEntries(["a1", "a2", "a3", "a4", "a5"].map((name) => [name, PLAIN_KEY]));

describe("a guard refuses with exit 5, in the plan and in the apply", () => {
  test("the deletion of a protected key, even after its block is gone", async () => {
    const at = await applied({ ...FIVE, safe: "{ algorithms: [], protect: true }" });
    at.write("keys.yaml", declaring(FIVE));
    const planned = await at.runTo(5, "plan --max-deletes 9");
    expect(planned.stdout).toContain("safe");
    expect(planned.stdout).toMatch(/protect/);
    const refused = await at.runTo(5, "apply -y --max-deletes 9");
    expect(refused.stderr).toContain("Nothing was applied");
    expect((await at.runTo(5, "destroy --confirm shop")).stdout).toMatch(/protect/);
    const markdown = await at.runTo(5, "destroy --confirm shop --format markdown");
    expect({ stdout: markdown.stdout, said: markdown.stderr.includes("protect") }).toEqual({ stdout: "", said: true });
    const json = await at.runTo(5, "destroy --confirm shop --json");
    expect(json.stderr).toContain("protect");
    expect(JSON.parse(json.stdout)).toMatchObject({ failure: { exitCode: 5 } });
    expect(await liveNames(at)).toContain("safe");
  });

  test("more than 30 % of deletes, until --max-deletes allows them", async () => {
    const at = await applied(FIVE);
    at.write("keys.yaml", declaring({ a1: PLAIN_KEY, a2: PLAIN_KEY, a3: PLAIN_KEY }));
    for (const args of ["apply -y", "apply -y --max-deletes 1", "apply -y --max-deletes 39%"]) {
      const { stdout } = await at.runTo(5, args);
      expect(stdout).toContain("--max-deletes");
    }
    expect((await at.runTo(5, "apply -y --json")).stderr).toContain("--max-deletes");
    expect(await liveNames(at)).toContain("a5");
    expect((await at.runTo(0, "apply -y --max-deletes 40%")).stdout).toContain("2 deleted");
  });

  test("and lets one delete of five pass", async () => {
    const at = await applied(FIVE);
    at.write("keys.yaml", declaring({ ...FIVE, a5: PLAIN_KEY }).replace(/ {2}a5.*\n/, ""));
    await at.runTo(0, "apply -y");
    expect(await liveNames(at)).not.toContain("a5");
  });

  test.each(["x", "-1", "101%", "1.5"])("but --max-deletes=%s is a mistake of the caller", async (value) => {
    const at = makeWorkspace({ "keys.yaml": declaring(FIVE) });
    expect((await at.runTo(3, `plan --max-deletes=${value}`)).stderr).toContain("neither a number nor a percentage");
  });

  test("another project's key, whatever the flags", async () => {
    const at = await applied({ app: PLAIN_KEY });
    at.write("other.yaml", declaring({ APP: "{ algorithms: [algo://*] }" }, "rival"));
    for (const args of ["plan other.yaml", "apply -y -f other.yaml", "apply -y --adopt -f other.yaml"]) {
      const { stdout } = await at.runTo(5, args);
      expect(stdout).toContain('managed by the project "shop"');
    }
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("a key that nobody manages, until --adopt", async () => {
    const at = await applied({ app: PLAIN_KEY });
    at.write("keys.yaml", declaring({ app: PLAIN_KEY, "default-key": "{ algorithms: [algo://acme/*] }" }));
    expect((await at.runTo(5, "apply -y")).stdout).toContain("--adopt");
    expect((await at.runTo(0, "apply -y --adopt")).stdout).toContain("1 adopted");
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("leaves keys of other projects out of a plan", async () => {
    const at = await applied({ app: PLAIN_KEY });
    at.write("other.yaml", declaring({ batch: PLAIN_KEY }, "rival"));
    await at.runTo(0, "apply -y -f other.yaml");
    await at.runTo(0, "plan --expect-no-changes");
    expect((await at.runTo(0, "destroy --confirm rival -f other.yaml")).stdout).toContain("1 deleted");
    expect(await liveNames(at)).toContain("app");
  });
});

describe("a declaration that says nothing deletes nothing (field row 20)", () => {
  test.each([
    ["an empty file", ""],
    ["only comments", "# keys: {}\n---\n"],
    ["no keys block", "version: 1\naccount: acme\nproject: shop\n"],
    ["an empty keys block", "version: 1\naccount: acme\nproject: shop\nkeys:\n"],
  ])("%s is an error", async (_, text) => {
    const at = await applied({ app: PLAIN_KEY });
    at.write("keys.yaml", text);
    const { stderr } = await at.runTo(3, "apply -y");
    expect(stderr).toContain("keys.yaml");
    expect(await liveNames(at)).toContain("app");
  });

  test("stating no keys at all is stopped by the brake", async () => {
    const at = await applied({ app: PLAIN_KEY });
    at.write("keys.yaml", "version: 1\naccount: acme\nproject: shop\nkeys: {}\n");
    expect((await at.runTo(5, "apply -y")).stdout).toContain("--max-deletes");
    await at.runTo(0, "apply -y --max-deletes 1");
    expect(await liveNames(at)).not.toContain("app");
  });
});
