import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyWorkspace, declaring, makeWorkspace, PLAIN_KEY, removeWorkspace, type Workspace } from "./workspace.ts";

const APP = declaring({ app: PLAIN_KEY, web: PLAIN_KEY });
const WIDER = declaring({ app: "{ algorithms: [algo://demos/*] }", web: PLAIN_KEY });

let planned: Workspace;
beforeAll(async () => {
  planned = makeWorkspace({ "keys.yaml": APP }, "keep");
  await planned.runTo(0, "apply -y");
  planned.write("keys.yaml", WIDER);
  await planned.runTo(0, "plan --out change.json");
});
afterAll(() => {
  removeWorkspace(planned);
});

async function algorithmsOfApp(at: Workspace): Promise<string> {
  return (await at.runTo(0, "keys get app")).stdout;
}

describe("a saved plan", () => {
  test("is readable by its owner only, and says how to apply it", async () => {
    const at = copyWorkspace(planned);
    const { stdout } = await at.runTo(2, "plan --out again.json --detailed-exitcode");
    expect(stdout).toContain("algokeys apply again.json");
    expect(statSync(join(at.folder, "again.json")).mode & 0o777).toBe(0o600);
  });

  test.each([".algokeys", "no/such/folder.json"])("that cannot be saved to %s says so", async (file) => {
    const { stderr } = await copyWorkspace(planned).runTo(1, `plan --out ${file}`);
    expect(stderr).toContain(`the plan cannot be saved to ${file}`);
  });

  test("is applied without a question, once", async () => {
    const at = copyWorkspace(planned);
    expect((await at.runTo(0, "apply change.json")).stdout).toContain("1 updated");
    expect(await algorithmsOfApp(at)).toContain("algo://demos/*");
    const { stderr } = await at.runTo(6, "apply change.json");
    expect(stderr).toContain("change.json has been applied already");
    expect(stderr).toMatch(/By \S+ at \d{4}-\d\d-\d\dT\S+, as change set plan-/);
    expect(stderr).toContain("fix: For what is left to do");
  });

  test("is shown in every format as the plan was", async () => {
    const at = copyWorkspace(planned);
    for (const format of ["text", "json", "markdown"]) {
      const fresh = await at.runTo(0, `plan --format ${format}`);
      const saved = await at.runTo(0, `show change.json --format ${format}`);
      const timeless = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "");
      expect(timeless(saved.stdout)).toBe(timeless(fresh.stdout));
    }
  });

  test("that holds no change is applied as nothing to do", async () => {
    const at = copyWorkspace(planned);
    at.write("keys.yaml", APP);
    await at.runTo(0, "plan --out empty.json");
    expect((await at.runTo(0, "apply empty.json")).stdout).toMatch(/no changes|nothing/i);
  });

  test("is told to be applied already, too, when its declaration or its key has changed since", async () => {
    const at = copyWorkspace(planned);
    await at.runTo(0, "apply change.json");
    await at.runTo(0, "keys set app data=read");
    at.write("keys.yaml", APP);
    expect((await at.runTo(6, "apply change.json")).stderr).toContain("has been applied already");
  });

  test("whose work was undone by another plan is stale again in the ordinary way, and says so", async () => {
    const at = copyWorkspace(planned);
    at.write("fresh.yaml", declaring({ app: PLAIN_KEY, web: PLAIN_KEY, more: PLAIN_KEY }));
    await at.runTo(0, "plan fresh.yaml --out more.json");
    await at.runTo(0, "apply more.json");
    at.write("keys.yaml", APP);
    await at.runTo(0, "apply -y --max-deletes 1");
    expect((await at.runTo(0, "apply more.json")).stdout).toContain("1 created");
    expect((await at.runTo(6, "apply more.json")).stderr).toContain("has been applied already");
  });

  test("made before the platform is applied in its place", async () => {
    const at = makeWorkspace({ "keys.yaml": APP });
    await at.runTo(0, "plan --out first.json");
    expect((await at.runTo(0, "apply first.json")).stdout).toContain("2 created");
  });
});

describe("a saved plan is refused", () => {
  test("when a key that it touches was changed, and says who changed what (field row 17)", async () => {
    const at = copyWorkspace(planned);
    await at.runTo(0, "keys set app data=read");
    const { stderr, stdout } = await at.runTo(6, "apply change.json");
    expect(stderr).toContain("key app was changed");
    expect(stderr).toMatch(/\(data\) by \S+ at \d{4}-/);
    expect(stderr).toContain("Nothing was written");
    expect(stdout).toBe("");
    expect(await algorithmsOfApp(at)).not.toContain("algo://demos/*");
  });

  test("but not when another key was changed", async () => {
    const at = copyWorkspace(planned);
    await at.runTo(0, "keys set web data=read");
    await at.runTo(0, "apply change.json");
  });

  test("when its declaration changed or is gone, unless it is to be applied without", async () => {
    const at = copyWorkspace(planned);
    at.write("keys.yaml", `${WIDER}# reviewed\n`);
    const changed = await at.runTo(6, "apply change.json");
    expect(changed.stderr).toContain("has changed since (keys.yaml)");
    const away = makeWorkspace({ "change.json": planned.read("change.json") });
    const platform = `--platform file:${join(at.folder, ".algokeys/platform.db")}`;
    expect((await away.runTo(6, `apply change.json ${platform}`)).stderr).toContain("is not here (keys.yaml)");
    await at.runTo(0, "apply change.json --no-declaration");
  });

  test("when it was made from standard input, unless it is to be applied without", async () => {
    const at = copyWorkspace(planned);
    await at.runTo(0, "plan - --out piped.json", { stdin: WIDER });
    expect((await at.runTo(6, "apply piped.json")).stderr).toContain("--no-declaration");
    await at.runTo(0, "apply piped.json --no-declaration");
  });

  test("on another platform", async () => {
    const at = copyWorkspace(planned);
    const other = makeWorkspace({ "keys.yaml": APP });
    await other.runTo(0, "apply -y");
    const { stderr } = await at.runTo(6, `apply change.json --platform file:${other.folder}/.algokeys/platform.db`);
    expect(stderr).toContain("is not the platform that the plan was made for");
  });

  test("when it was edited by hand", async () => {
    const at = copyWorkspace(planned);
    at.write("change.json", planned.read("change.json").replace("algo://demos/*", "algo://*"));
    const { stderr } = await at.runTo(6, "apply change.json");
    expect(stderr).toContain("change.json");
    expect(stderr).toContain("algokeys plan --out");
    await at.runTo(6, "show change.json");
    expect(await algorithmsOfApp(at)).not.toContain("algo://*");
  });

  test("when it is no plan: a declaration, half a file, a folder, nothing", async () => {
    const at = copyWorkspace(planned);
    at.write("half.json", planned.read("change.json").slice(0, 300));
    at.write("list.json", "[1, 2]");
    expect((await at.runTo(3, "apply keys.yaml")).stderr).toContain("algokeys apply -f keys.yaml");
    expect((await at.runTo(3, "apply half.json")).stderr).toContain("half.json");
    expect((await at.runTo(3, "show list.json")).stderr).toContain("list.json");
    expect((await at.runTo(3, "apply .algokeys")).stderr).toContain("is a folder");
    expect((await at.runTo(3, "show nothing.json")).stderr).toContain("there is no file nothing.json");
  });

  test.each(["-f keys.yaml", "--var a=b", "--var-file keys.yaml", "--adopt", "--max-deletes 3", "--allow-lockout"])(
    "beside %s, which would be ignored",
    async (flag) => {
      const at = copyWorkspace(planned);
      const { stderr } = await at.runTo(3, `apply change.json ${flag}`);
      expect(stderr).toContain("has no place beside a saved plan");
      expect(await algorithmsOfApp(at)).not.toContain("algo://demos/*");
    },
  );

  test("when a guard refused it as it was made", async () => {
    const at = copyWorkspace(planned);
    at.write("keys.yaml", "version: 1\naccount: acme\nproject: shop\nkeys: {}\n");
    await at.runTo(5, "plan --out gone.json");
    expect((await at.runTo(5, "apply gone.json")).stderr).toContain("--max-deletes");
  });
});
