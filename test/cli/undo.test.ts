import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { declaring, makeWorkspace, PLAIN_KEY, type Workspace } from "./workspace.ts";

interface Told {
  readonly complete: boolean;
  readonly changeSets: readonly {
    readonly id: string;
    readonly actor: string;
    readonly from: string | null;
    readonly project: string | null;
    readonly via: string;
    readonly plan: string | null;
    readonly message: string;
    readonly changes: readonly {
      readonly action: string;
      readonly name: string;
      readonly attributes: readonly object[];
    }[];
  }[];
}

async function historyOf(at: Workspace, args = ""): Promise<Told> {
  return JSON.parse((await at.runTo(0, `history --json ${args}`)).stdout) as Told;
}

async function lastId(at: Workspace): Promise<string> {
  return (await historyOf(at, "--limit 1")).changeSets[0]?.id ?? "";
}

async function specs(at: Workspace): Promise<unknown> {
  const { keys } = JSON.parse((await at.runTo(0, "keys list --json")).stdout) as { keys: Record<string, unknown>[] };
  return keys.map(({ id, name, spec, credentials, managedBy }) => ({ id, name, spec, credentials, managedBy }));
}

const WEB = "{ algorithms: [algo://demos/hello], deliver: [{ to: dotenv, file: .env, name: WEB }] }";

async function applied(): Promise<Workspace> {
  const at = makeWorkspace({ "keys.yaml": declaring({ web: WEB, app: PLAIN_KEY, job: PLAIN_KEY, cron: PLAIN_KEY }) });
  await at.runTo(0, "apply -y");
  return at;
}

describe("history", () => {
  test("tells who, when, how, which plan and which fields, and of one key through its names", async () => {
    const at = await applied();
    await at.runTo(0, "keys set app data=read");
    at.write(
      "keys.yaml",
      declaring({
        web: WEB,
        site: "{ algorithms: [algo://demos/hello], renamed_from: app }",
        job: PLAIN_KEY,
        cron: PLAIN_KEY,
      }),
    );
    await at.runTo(0, "plan --out plan.json");
    await at.runTo(0, "apply plan.json");
    const digest = (JSON.parse(at.read("plan.json")) as { digest: string }).digest;
    const { changeSets, complete } = await historyOf(at, "site");
    expect(complete).toBe(true);
    expect(changeSets.map(({ via, project }) => [via, project])).toEqual([
      ["apply", "shop"],
      ["hand", null],
      ["apply", "shop"],
    ]);
    expect(changeSets[0]?.plan).toBe(digest.slice("sha256:".length).slice(0, 16));
    expect(changeSets[0]?.changes).toMatchObject([
      { name: "site", nameBefore: "app", attributes: [{ path: "data", before: "read", after: "none" }] },
    ]);
    expect(changeSets[1]).toMatchObject({
      message: "keys set app data=read",
      changes: [{ attributes: [{ path: "data" }] }],
    });
    const { stdout } = await at.runTo(0, "history site --limit 1");
    expect(stdout).toContain("site: changed, renamed from app");
    expect(stdout).toContain("by algokeys apply, plan sha256:");
    expect((await historyOf(at, "--limit 2")).complete).toBe(false);
    expect((await at.runTo(3, "history --limit none")).stderr).toContain("--limit 20");
    await at.runTo(1, "history nosuchkey");
  });

  test("tells of a confirmation which apply it belongs to", async () => {
    const at = await applied();
    const [confirmed, made] = (await historyOf(at)).changeSets;
    expect(confirmed?.changes.map(({ action }) => action)).toEqual(["acknowledge"]);
    expect([confirmed?.via, confirmed?.plan]).toEqual(["apply", made?.plan]);
  });

  test("tells from where: the machine and its process, or the run in CI", async () => {
    const at = await applied();
    await at.runTo(0, "keys set app data=read", { env: { BUILD_URL: "https://ci.example.com/runs/12" } });
    const [inCi, byHand] = (await historyOf(at)).changeSets;
    expect(inCi?.from).toBe(`${hostname()}, https://ci.example.com/runs/12`);
    expect(byHand?.from).toMatch(/, process \d+$/);
    expect((await at.runTo(0, "history --limit 1")).stdout).toContain(
      `  from ${hostname()}, https://ci.example.com/runs/12\n`,
    );
  });

  test("shows no secret and no digest", async () => {
    const at = await applied();
    const secret = /WEB=(\S+)/.exec(at.read(".env"))?.[1] ?? "none";
    expect(secret).toMatch(/^sim/);
    expect((await at.runTo(0, "history --json")).stdout).not.toContain(secret);
  });
});

describe("undo", () => {
  test("asks, and without an answer writes nothing; saved, it is applied like any plan", async () => {
    const at = await applied();
    const before = await specs(at);
    await at.runTo(0, "keys set app data=readwrite enabled=false");
    const id = await lastId(at);
    const asked = await at.runTo(3, `undo ${id}`);
    expect(asked.stderr).toContain("--auto-approve");
    expect(await lastId(at)).toBe(id);
    const saved = await at.runTo(0, `undo ${id.slice(0, 10)} --out undo.json`);
    expect(saved.stdout).toContain("Plan: 1 to update.");
    expect(await lastId(at)).toBe(id);
    await at.runTo(0, "apply undo.json");
    expect(await specs(at)).toEqual(before);
    await at.runTo(0, "plan --expect-no-changes");
    expect((await historyOf(at, "--limit 1")).changeSets[0]?.message).toBe(`undo ${id}: 1 to update`);
    expect((await at.runTo(6, "apply undo.json")).stderr).toContain("algokeys plan --out undo.json");
    await at.runTo(0, "keys set app data=read");
    await at.runTo(0, `undo ${await lastId(at)} --out undo.json`);
    await at.runTo(0, "keys set app data=readwrite");
    expect((await at.runTo(6, "apply undo.json")).stderr).toMatch(/algokeys undo \S+ --out undo\.json/);
  });

  test("takes an apply back whole: what it made goes, what it deleted and renamed comes back with its credentials", async () => {
    const at = await applied();
    const before = await specs(at);
    at.write(
      "keys.yaml",
      declaring({
        web: "{ algorithms: [], data: read }",
        site: "{ algorithms: [], renamed_from: app }",
        job: PLAIN_KEY,
        fresh: PLAIN_KEY,
      }),
    );
    await at.runTo(0, "apply -y --max-deletes 1");
    const id = await lastId(at);
    const { stdout } = await at.runTo(0, `undo ${id} -y`);
    expect(stdout).toContain("Plan: 1 to restore, 1 to rename, 1 to update, 1 to delete.");
    expect(await specs(at)).toEqual(before);
  });

  test("a key that was changed since is a conflict, told with who did it", async () => {
    const at = await applied();
    await at.runTo(0, "keys set app data=read");
    const id = await lastId(at);
    await at.runTo(0, "keys set app enabled=false");
    const { stdout } = await at.runTo(5, `undo ${id} -y`);
    expect(stdout).toContain('"app" was changed since (enabled), last by');
    expect(stdout).toContain("changed-since");
    expect((await specs(at)) as object[]).toContainEqual(
      expect.objectContaining({ name: "app", spec: expect.objectContaining({ data: "read" }) as unknown }),
    );
  });

  test("the first apply is undone only with the delete brake open, and its secret is gone with the key", async () => {
    const at = await applied();
    const [made] = (await historyOf(at)).changeSets.filter(({ changes }) => changes.length === 4);
    const id = made?.id ?? "";
    expect((await at.runTo(5, `undo ${id} -y`)).stdout).toContain("--max-deletes 4");
    await at.runTo(0, `undo ${id} -y --max-deletes 4`);
    expect((await at.runTo(0, "keys list --json")).stdout).not.toContain('"name": "web"');
    await at.runTo(1, "undo nosuchchangeset");
  });

  test("says what stays: ownership and credentials are not undone", async () => {
    const at = await applied();
    await at.runTo(0, "forget job");
    const forgotten = await lastId(at);
    const { stdout, stderr } = await at.runTo(0, `undo ${forgotten}`);
    expect(stderr).toContain("the project shop takes it back with algokeys plan --adopt");
    expect(stdout).toContain("There is nothing to undo");
    await at.runTo(0, "apply -y --adopt");
    const adopted = await lastId(at);
    expect((await at.runTo(0, `undo ${adopted}`)).stderr).toContain("to let go of it, algokeys forget job");
  });
});

describe("restore", () => {
  test("plans a deleted key back under its id, and writes nothing unasked", async () => {
    const at = await applied();
    const before = await specs(at);
    at.write("keys.yaml", declaring({ app: PLAIN_KEY, job: PLAIN_KEY, cron: PLAIN_KEY }));
    await at.runTo(0, "apply -y --max-deletes 1");
    const id = await lastId(at);
    await at.runTo(3, "restore web");
    expect(await lastId(at)).toBe(id);
    const saved = await at.runTo(0, "restore web --out back.json");
    expect(saved.stdout).toContain("key web will be restored with its credentials");
    expect(saved.stderr).toContain("Declare web");
    await at.runTo(0, "apply back.json");
    expect(await specs(at)).toEqual(before);
    await at.runTo(6, "apply back.json");
    await at.runTo(1, "restore web");
  });

  test("finds the key that is spelled so before others of that name, and any by its id", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ web: PLAIN_KEY, app: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ app: PLAIN_KEY }));
    await at.runTo(0, "apply -y --max-deletes 1");
    at.write("keys.yaml", declaring({ app: PLAIN_KEY, WEB: PLAIN_KEY }));
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ app: PLAIN_KEY }));
    await at.runTo(0, "apply -y --max-deletes 1");
    expect((await at.runTo(0, "restore web --out web.json")).stdout).toContain("key web will be restored");
    expect((await at.runTo(0, "restore WEB --out WEB.json")).stdout).toContain("key WEB will be restored");
    const { changes } = JSON.parse(at.read("web.json")) as { changes: { id: string }[] };
    const id = changes[0]?.id ?? "";
    expect((await at.runTo(0, `restore ${id} --out id.json`)).stdout).toContain("key web will be restored");
    await at.runTo(0, `keys restore ${id}`);
    expect((await at.runTo(0, "keys list")).stdout).toMatch(/^web /m);
  });
});
