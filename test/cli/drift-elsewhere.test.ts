import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { KeyChange } from "../../src/api/change-set.ts";
import type { ApiKey } from "../../src/core/api-key.ts";
import { openEmbeddedPlatform } from "../../src/platform/embedded.ts";
import { applied, KEYS } from "./drift-workspace.ts";
import { declaring, makeWorkspace, PLAIN_KEY, type Workspace } from "./workspace.ts";

// What others do to keys beside their fields: names, lives, owners, secrets.

/** Changes keys of `acme` as somebody who knows nothing of the project; all of them in one change set. */
async function byHand(
  at: Workspace,
  names: readonly string[],
  change: (key: ApiKey, index: number) => KeyChange,
): Promise<void> {
  const { api, close } = await openEmbeddedPlatform({
    file: join(at.folder, ".algokeys/platform.db"),
    create: false,
    actor: "bob",
    clock: Date.now,
    random: randomBytes,
  });
  const { keys } = await api.listKeys("acme", { limit: 100 });
  const changes = names.map((name, index) => {
    const key = keys.find((one) => one.name === name);
    if (key === undefined) throw new Error(`no live key ${name}`);
    return change(key, index);
  });
  await api.commit("acme", { id: randomUUID(), project: null, message: "", changes });
  await close();
}

async function renamed(at: Workspace, names: Readonly<Record<string, string>>): Promise<void> {
  await byHand(at, Object.keys(names), ({ id, name, revision }) => {
    return { action: "update", id, revision, name: names[name] ?? "" };
  });
}

async function liveKeys(at: Workspace): Promise<readonly ApiKey[]> {
  const { stdout } = await at.runTo(0, "keys list --account acme --json");
  const { keys } = JSON.parse(stdout) as { keys: readonly ApiKey[] };
  return keys.filter(({ name }) => name !== "default-key").map((key) => ({ ...key, renamedFrom: null }));
}

const HELD = declaring({
  app: "{ algorithms: [algo://demos/hello], deliver: [{ to: dotenv, file: .env, name: APP }] }",
  web: PLAIN_KEY,
});

describe("a key that was renamed elsewhere", () => {
  test("gets its name back by revert and by apply, with its id and its secret", async () => {
    const at = await applied(HELD);
    const identities = async (): Promise<unknown> =>
      (await liveKeys(at)).map(({ id, name, credentials }) => [id, name, credentials]);
    const before = await identities();
    for (const command of ["drift revert -y", "drift revert APP-renamed -y", "apply -y"]) {
      await renamed(at, { app: "app-renamed" });
      const { stdout } = await at.runTo(2, "drift --detailed-exitcode");
      expect(stdout).toMatch(/app: by bob by hand/);
      expect(stdout).toContain("name app-renamed -> app");
      expect(stdout).toContain("1 finding. Keep them: algokeys drift accept; take them back: algokeys drift revert.");
      expect((await at.runTo(0, "plan")).stdout).toContain("Plan: 1 to rename. 1 unchanged.");
      expect((await at.runTo(0, command)).stdout).toContain("Plan: 1 to rename.");
      expect(await identities()).toEqual(before);
      expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
    }
    await renamed(at, { app: "app-renamed" });
    await at.runTo(0, "plan --out p.json");
    await renamed(at, { "app-renamed": "app-again" });
    expect((await at.runTo(6, "apply p.json")).stderr).toContain("was changed (name) by bob");
  });

  test("keeps its name by accept, in the block's key alone, and with what else drifted of it", async () => {
    const at = await applied();
    await renamed(at, { app: "app-renamed", web: "2" });
    await at.runTo(0, "keys set 2 data=read");
    const { stdout } = await at.runTo(0, "drift accept app-renamed");
    expect(stdout).toContain("Accepted: app (name).");
    const app = KEYS.replace(
      "app: { algorithms: [algo://demos/hello] }",
      "app-renamed: { algorithms: [algo://demos/hello], renamed_from: app }",
    );
    expect(at.read("keys.yaml")).toBe(app);
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toBe(
      app
        .replace("  web:            # the site", '  "2":            # the site')
        .replace("'none'  # careful\n", "read  # careful\n    renamed_from: web\n"),
    );
    await at.runTo(0, "plan --expect-no-changes");
    expect((await at.runTo(0, "drift")).stdout).not.toContain("algokeys");
  });

  test("is all that drifted where the author has edited the block meanwhile: accept leaves that edit", async () => {
    const at = await applied(HELD);
    at.write(
      "keys.yaml",
      HELD.replace("web: { algorithms: [algo://demos/hello] }", "web: { algorithms: [algo://mine/edit] }"),
    );
    await renamed(at, { web: "site" });
    const { stdout } = await at.runTo(0, "drift");
    expect(stdout).toContain("~ name");
    expect(stdout).not.toContain("algorithms");
    await at.runTo(0, "drift accept");
    expect(at.read("keys.yaml")).toContain("site: { algorithms: [algo://mine/edit], renamed_from: web }");
    expect((await at.runTo(0, "plan")).stdout).toContain("Plan: 1 to update.");
  });

  test("is told what to write where accept cannot", async () => {
    const json = JSON.stringify({ version: 1, account: "acme", project: "shop", keys: { app: { algorithms: [] } } });
    const at = makeWorkspace({ "keys.json": json });
    await at.runTo(0, "apply -y -f keys.json");
    await renamed(at, { app: "other" });
    const { stdout } = await at.runTo(0, "drift -f keys.json");
    expect(stdout).toContain("1 finding. Take them back: algokeys drift revert.");
    expect((await at.runTo(3, "drift accept -f keys.json")).stderr).toContain(
      "other in place of app, with renamed_from: app",
    );
  });

  test("is not guessed after two renames or a swap: each advice works", async () => {
    const at = await applied(HELD);
    const before = await liveKeys(at);
    await renamed(at, { app: "one" });
    await renamed(at, { one: "two" });
    const twice = await at.runTo(5, "drift revert");
    expect(twice.stderr).toContain("write `renamed_from: two` there to take its name back, or `two` in place of `app`");
    await at.runTo(5, "drift accept");
    const refused = await at.runTo(5, "apply -y");
    expect(refused.stdout.replaceAll(/\s+/g, " ")).toContain('"two" got that name elsewhere');
    at.write("keys.yaml", HELD.replace("app: {", "two: {"));
    await at.runTo(0, "plan --expect-no-changes");
    at.write("keys.yaml", HELD.replace("app: {", "app: { renamed_from: two,"));
    await at.runTo(0, "apply -y");
    expect((await liveKeys(at)).map(({ id, name }) => [id, name])).toEqual(before.map(({ id, name }) => [id, name]));
    await renamed(at, { app: "web", web: "app" });
    await at.runTo(5, "apply -y");
    const swapped = await at.runTo(0, "drift");
    const [, undo = ""] =
      /Take the rename back: algokeys (undo \S+)\./.exec(swapped.stdout.replaceAll(/\s+/g, " ")) ?? [];
    await at.runTo(0, `${undo} -y`);
    expect((await liveKeys(at)).map(({ id, name }) => [id, name])).toEqual(before.map(({ id, name }) => [id, name]));
  });
});

describe("what was done elsewhere", () => {
  test("is told until an apply of the whole declaration, whatever else the project did meanwhile", async () => {
    const at = await applied(declaring({ web: PLAIN_KEY, app: PLAIN_KEY, job: PLAIN_KEY, cron: PLAIN_KEY }));
    await byHand(at, ["job", "cron"], ({ id, revision }) => ({ action: "delete", id, revision }));
    await at.runTo(0, "keys set web data=read");
    await at.runTo(0, "drift revert web -y");
    await at.runTo(0, "restore job -y");
    const { stdout } = await at.runTo(2, "drift --detailed-exitcode");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("Bring it back with its secrets: algokeys restore cron.");
    await at.runTo(0, "apply -y");
    expect((await at.runTo(0, "drift --detailed-exitcode")).stdout).toContain("No drift.");
  });
});

describe("what neither accept nor revert can do", () => {
  const block = (name: string): string => `  ${name}: { algorithms: [] }\n`;

  test.each([
    [
      "deleted",
      async (at: Workspace) => {
        await byHand(at, ["job"], ({ id, revision }) => ({ action: "delete", id, revision }));
      },
      "deleted",
      "Bring it back with its secrets: algokeys restore job.",
      "restore job -y",
    ],
    [
      "let go of",
      async (at: Workspace) => {
        await at.runTo(0, "forget job");
      },
      "let go of",
      "Take it back, secrets untouched: algokeys apply --adopt.",
      "apply -y --adopt",
    ],
    [
      "taken over",
      async (at: Workspace) => {
        at.write("other.yaml", declaring({ job: "{ algorithms: [] }" }, "blog"));
        await at.runTo(0, "apply -y -f other.yaml --takeover shop");
      },
      "taken over by the project blog",
      "Take it back, once blog no longer declares it: algokeys apply --takeover blog.",
      "apply -y --takeover blog",
    ],
  ])("is told for a key that was %s, and works", async (_, act, what, advice, command) => {
    const at = await applied();
    const before = (await liveKeys(at)).map(({ id, managedBy }) => [id, managedBy]);
    await act(at);
    const { stdout } = await at.runTo(2, "drift --detailed-exitcode");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(advice);
    expect(stdout).toContain("1 finding.\n");
    for (const verb of ["accept", "revert", "accept job", "revert job -y"]) {
      const { stderr } = await at.runTo(5, `drift ${verb}`);
      expect(stderr).toContain(`job: ${what}. ${advice}`);
      expect(stderr).toContain("take its block away");
    }
    await at.runTo(0, command);
    expect((await liveKeys(at)).map(({ id, managedBy }) => [id, managedBy])).toEqual(before);
    await at.runTo(0, "plan --expect-no-changes");
    expect((await at.runTo(0, "drift revert")).stdout).toBe(
      "No field and no name drifted: there is nothing to revert.\n",
    );
    expect((await at.runTo(0, "drift accept")).stdout).toBe(
      "No field and no name drifted: there is nothing to accept.\n",
    );
    await act(at);
    at.write("keys.yaml", KEYS.replace(block("job"), ""));
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("is told beside what is reverted", async () => {
    const at = await applied();
    await at.runTo(0, "keys set web data=read");
    await at.runTo(0, "forget job");
    const { stdout } = await at.runTo(0, "drift");
    expect(stdout).toContain("2 findings. Keep what differs: algokeys drift accept; take what differs back:");
    const { stderr } = await at.runTo(0, "drift revert -y");
    expect(stderr).toContain("note: job: let go of. Take it back");
  });

  test("is told of secrets: what was revoked is issued again, what was issued can be revoked", async () => {
    const at = await applied(HELD);
    const [app] = await liveKeys(at);
    await at.runTo(0, "revoke app -y");
    expect((await at.runTo(5, "drift revert")).stderr).toContain("the next apply issues another");
    await at.runTo(0, "apply -y");
    await byHand(at, ["app", "web"], ({ id, revision }, index) => {
      const credential = { id: randomUUID(), digest: String(index).repeat(64), mask: "simAbcd*********************" };
      return { action: "add-credential", id, revision, credential };
    });
    const { stdout } = await at.runTo(0, "drift");
    for (const name of ["app", "web"]) {
      const issued = (await liveKeys(at)).find((key) => key.name === name)?.credentials.at(-1)?.fingerprint ?? "";
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(
        `If nobody should hold it: algokeys revoke ${name} --credential ${issued}.`,
      );
      await at.runTo(0, `revoke ${name} --credential ${issued} -y`);
    }
    expect((await liveKeys(at))[0]?.id).toBe(app?.id);
    expect((await at.runTo(5, "drift revert")).stderr).toContain("web: a secret was revoked.");
  });
});
