import { describe, expect, test } from "vitest";
import { declaring, makeWorkspace, PLAIN_KEY, type Workspace } from "./workspace.ts";

// Rows 2, 3, 12 and 19 of the field's failure catalogue: whose a key is, and what becomes of it.

interface Told {
  readonly keys: readonly {
    readonly name: string;
    readonly id: string;
    readonly managedBy: { readonly project: string } | null;
    readonly credentials: readonly { readonly fingerprint: string }[];
  }[];
}

async function keysOf(at: Workspace, args = ""): Promise<Told["keys"]> {
  const { stdout } = await at.runTo(0, `keys list --account acme --json ${args}`);
  return (JSON.parse(stdout) as Told).keys;
}

/** Two projects on one account: `shop` has web and app, `blog` has feed. */
async function twoProjects(): Promise<Workspace> {
  const deliver = "{ algorithms: [algo://demos/hello], deliver: [{ to: dotenv, file: .env, name: WEB_KEY }] }";
  const at = makeWorkspace({
    "shop.yaml": declaring({ web: deliver, app: PLAIN_KEY }),
    "blog.yaml": declaring({ feed: PLAIN_KEY }, "blog"),
  });
  await at.runTo(0, "apply -y -f shop.yaml");
  await at.runTo(0, "apply -y -f blog.yaml");
  return at;
}

describe("ownership", () => {
  test("two projects of one account never see each other's keys (row 2)", async () => {
    const at = await twoProjects();
    for (const file of ["shop.yaml", "blog.yaml"]) await at.runTo(0, `plan -f ${file} --expect-no-changes`);
    at.write("blog.yaml", declaring({ other: PLAIN_KEY }, "blog"));
    const { stdout } = await at.runTo(0, "plan -f blog.yaml --max-deletes 1");
    expect(stdout).toContain("Plan: 1 to create, 1 to delete.");
    expect(stdout).not.toMatch(/key (?:web|app)\b/);
  });

  test("a key of another project is refused with its owner's name, and taken over by --takeover of that one alone (row 3)", async () => {
    const at = await twoProjects();
    const [before] = (await keysOf(at)).filter(({ name }) => name === "web");
    at.write(
      "blog.yaml",
      declaring({ feed: PLAIN_KEY, web: "{ algorithms: [algo://demos/hello], data: read }" }, "blog"),
    );
    const refused = await at.runTo(5, "apply -y -f blog.yaml");
    expect(refused.stdout).toContain('managed by the project "shop"');
    expect(refused.stdout).toContain("--takeover shop");
    for (const flag of ["--adopt", "--takeover other", "--max-deletes 100%"]) {
      await at.runTo(5, `apply -y -f blog.yaml ${flag}`);
    }
    const saved = await at.runTo(0, "plan -f blog.yaml --takeover shop --out plan.json");
    expect(saved.stdout).toContain("key web will be taken over from the project shop");
    expect(saved.stdout).toContain("Plan: 1 to take over. 1 unchanged.");
    await at.runTo(0, "apply plan.json");
    const [after] = (await keysOf(at)).filter(({ name }) => name === "web");
    expect(after).toMatchObject({ id: before?.id, managedBy: { project: "blog" }, credentials: before?.credentials });
    await at.runTo(0, "plan -f blog.yaml --expect-no-changes");
    const told = await at.runTo(0, "history web --account acme --limit 1");
    expect(told.stdout).toContain("web: changed, taken over from shop by blog");
    expect(told.stdout).toContain('"apply: 1 to take-over from shop"');
    // Whose it was asks for it in turn, and does not delete it.
    const asked = await at.runTo(5, "plan -f shop.yaml");
    expect(asked.stdout).toContain("--takeover blog");
    expect(asked.stdout).not.toContain("to delete");
  });

  test("a takeover that somebody else's came before is stale and writes nothing", async () => {
    const at = await twoProjects();
    at.write("blog.yaml", declaring({ feed: PLAIN_KEY, app: PLAIN_KEY }, "blog"));
    at.write("news.yaml", declaring({ app: PLAIN_KEY }, "news"));
    await at.runTo(0, "plan -f blog.yaml --takeover shop --out plan.json");
    await at.runTo(0, "apply -y -f news.yaml --takeover shop");
    const late = await at.runTo(6, "apply plan.json");
    expect(late.stderr).toContain("managedBy");
    expect((await keysOf(at)).find(({ name }) => name === "app")?.managedBy).toEqual({ project: "news" });
  });

  test("forget lets go of a key, which a declaration without it then leaves alone", async () => {
    const at = await twoProjects();
    const before = await keysOf(at, "--project shop");
    const told = await at.runTo(0, "forget web --account acme -f shop.yaml");
    expect(told.stdout).toContain("web is managed by no project now (it was shop)");
    expect(told.stderr).toContain("web is still declared");
    const orphans = await keysOf(at, "--unmanaged");
    expect(orphans.map(({ name }) => name).sort()).toEqual(["default-key", "web"]);
    expect(orphans.find(({ name }) => name === "web")?.credentials).toEqual(
      before.find(({ name }) => name === "web")?.credentials,
    );
    await at.runTo(5, "plan -f shop.yaml");
    at.write("shop.yaml", declaring({ app: PLAIN_KEY }));
    await at.runTo(0, "plan -f shop.yaml --expect-no-changes");
    const again = await at.runTo(1, "forget app web --account acme -f shop.yaml");
    expect(again.stderr).toContain("no project manages web already");
    expect((await keysOf(at, "--project shop")).map(({ name }) => name)).toEqual(["app"]);
  });

  test("a protected block that is gone is shown, refused, and the other changes stay visible (row 19)", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ web: "{ algorithms: [], protect: true }", app: PLAIN_KEY, job: PLAIN_KEY }),
    });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ app: "{ algorithms: [] }", job: PLAIN_KEY }));
    const { stdout } = await at.runTo(5, "apply -y");
    expect(stdout).toContain("key web will be deleted");
    expect(stdout).toContain("key app will be updated in place");
    expect(stdout).toContain("protected and would be deleted");
    await at.runTo(0, "forget web");
    await at.runTo(0, "apply -y");
    expect((await keysOf(at)).map(({ name }) => name)).toContain("web");
  });
});
