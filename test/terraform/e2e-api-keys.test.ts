import { afterEach, describe, expect, test } from "vitest";
import type { ApiKey } from "../../src/core/api-key.ts";
import { byHand } from "../support/acme-keys.ts";
import { terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

const open: TerraformWorkspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

function yaml(keys: string): string {
  return `version: 1\naccount: acme\nproject: shop\nkeys:\n${keys}`;
}

const FIVE = ["a", "b", "c", "d", "e"].map((name) => `  ${name}: { algorithms: [algo://demos/${name}] }\n`);
const ALL = `
resource "algorithmia_api_keys" "all" {
  manifest = file("keys.yaml")
  FIELDS
}
`;

async function workspace(configuration: string, keys?: string): Promise<TerraformWorkspace> {
  const at = await terraformWorkspace(configuration.replace("FIELDS", ""));
  open.push(at);
  if (keys !== undefined) at.write("keys.yaml", yaml(keys));
  await at.runTo(0, "init");
  return at;
}

async function live(at: TerraformWorkspace): Promise<readonly ApiKey[]> {
  return await at.withPlatform(async ({ api }) => (await api.listKeys("acme", { limit: 100 })).keys);
}

async function shop(at: TerraformWorkspace): Promise<readonly string[]> {
  return (await live(at)).filter(({ managedBy }) => managedBy?.project === "shop").map(({ name }) => name);
}

describe("a whole project", () => {
  test("is made, changed and destroyed by one change set each, and plans empty in between", async () => {
    const at = await workspace(ALL, FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    expect(await shop(at)).toEqual(["a", "b", "c", "d", "e"]);
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("No changes.");
    at.write("keys.yaml", yaml(`${FIVE.slice(1).join("")}  f: { algorithms: [], renamed_from: a }\n`));
    const plan = await at.runTo(2, "plan -detailed-exitcode");
    expect(plan).toContain('- "a"');
    expect(plan).toContain('+ "f"');
    const ids = new Map((await live(at)).map(({ name, id }) => [name, id]));
    await at.runTo(0, "apply -auto-approve");
    expect((await live(at)).find(({ name }) => name === "f")?.id).toBe(ids.get("a"));
    await at.runTo(0, "plan -detailed-exitcode");
    await at.runTo(0, "apply -auto-approve -destroy");
    expect(await shop(at)).toEqual([]);
    const { changeSets } = await at.withPlatform(({ api }) => api.listChangeSets("acme", { limit: 10 }));
    expect(changeSets.map(({ message }) => message)).toEqual([
      "terraform: destroy 5",
      "terraform: 1 to rename",
      "terraform: 5 to create",
      "Account made",
    ]);
  });

  test("may be stated as a map, with every field of a declaration", async () => {
    const at = await workspace(`
resource "algorithmia_api_keys" "all" {
  project = "shop"
  keys = {
    web   = { algorithms = ["algo://demos/hello"], origins = { native = false, web = true, referrers = ["shop.example.com"] } }
    batch = { algorithms = ["algo://acme/*"], data = "readwrite", labels = { team = "a" }, rotation = { every = "90d" } }
  }
}
`);
    await at.runTo(0, "apply -auto-approve");
    expect(await live(at)).toMatchObject([
      { name: "default-key", managedBy: null },
      { name: "batch", spec: { data: "readwrite", rotation: { every: "90d", overlap: "24h" } } },
      { name: "web", spec: { origins: { native: false, web: { hosts: ["shop.example.com"] } } } },
    ]);
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("hands out secrets by name, and another one when a version changes, each confirmed at the next plan", async () => {
    const configuration = (version: number): string => `
ephemeral "algorithmia_secret" "a" {}
resource "algorithmia_api_keys" "all" {
  manifest            = file("keys.yaml")
  secrets_wo          = { a = ephemeral.algorithmia_secret.a.secret }
  secrets_wo_versions = { a = ${String(version)} }
}
`;
    const at = await workspace(configuration(1), FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "plan -detailed-exitcode");
    at.write("main.tf", configuration(2));
    const plan = await at.runTo(2, "plan -detailed-exitcode");
    expect(plan).toMatch(/~ masks +=/);
    expect(plan).not.toMatch(/~ specs/);
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "plan -detailed-exitcode");
    const [a, b] = (await live(at)).filter(({ managedBy }) => managedBy !== null);
    expect(a?.credentials).toMatchObject([{ retiresAt: expect.any(String) as string }, { retiresAt: null }]);
    expect(a?.credentials.every(({ acknowledgedAt }) => acknowledgedAt !== null)).toBe(true);
    expect(b?.credentials).toEqual([]);
    // A key that somebody renamed is the same key: it gets its name back, and no other secret.
    await byHand(at, "a", ({ id, revision }) => ({ action: "update", id, revision, name: "a-renamed" }));
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "plan -detailed-exitcode");
    expect((await live(at)).find(({ id }) => id === a?.id)).toMatchObject({ name: "a", credentials: a?.credentials });
  });

  test("is not deleted by an empty or a shortened declaration, but with max_deletes", async () => {
    const at = await workspace(ALL, FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    at.write("keys.yaml", yaml(FIVE.slice(2).join("")));
    const refused = await at.runTo(1, "plan");
    expect(refused).toContain("2 of the project's 5 live keys would be deleted");
    expect(refused).toContain('set max_deletes = "2"');
    at.write("main.tf", ALL.replace("FIELDS", 'max_deletes = "50%"'));
    await at.runTo(0, "apply -auto-approve");
    expect(await shop(at)).toEqual(["c", "d", "e"]);
  });

  test("shows what was changed elsewhere key by key, and one key that is gone blocks no other", async () => {
    const at = await workspace(ALL, FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    const [a, b] = (await live(at)).filter(({ managedBy }) => managedBy !== null);
    if (a === undefined || b === undefined) throw new Error("no keys");
    await at.withPlatform(({ api }) =>
      api.commit("acme", {
        id: "changed-by-somebody",
        project: null,
        message: "",
        changes: [
          { action: "delete", id: a.id, revision: a.revision },
          { action: "update", id: b.id, revision: b.revision, spec: { ...b.spec, enabled: false } },
        ],
      }),
    );
    const plan = await at.runTo(2, "plan -detailed-exitcode");
    expect(plan).toContain('+ "a" = jsonencode(');
    expect(plan).toMatch(/- enabled +=? *= false|- enabled += false/);
    await at.runTo(0, "apply -auto-approve");
    expect(await shop(at)).toEqual(["b", "c", "d", "e", "a"]);
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("is refused as a whole if it has changed since it was planned, and nothing is written", async () => {
    const at = await workspace(ALL, FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    at.write(
      "keys.yaml",
      yaml(`${FIVE.slice(1).join("")}  a: { algorithms: [], data: read }\n  f: { algorithms: [] }\n`),
    );
    await at.runTo(0, "plan -out=plan");
    const [a] = (await live(at)).filter(({ name }) => name === "a");
    if (a === undefined) throw new Error("no key");
    const change = { action: "update", id: a.id, revision: a.revision, spec: { ...a.spec, description: "x" } } as const;
    await at.withPlatform(({ api }) =>
      api.commit("acme", { id: "in-between-the-two", project: null, message: "", changes: [change] }),
    );
    expect(await at.runTo(1, "apply plan")).toContain("The keys of shop have changed since they were planned");
    expect(await shop(at)).toEqual(["a", "b", "c", "d", "e"]);
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("is imported by account and project, with a configuration that plans empty", async () => {
    const at = await workspace(ALL, FIVE.join(""));
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "state rm algorithmia_api_keys.all");
    at.write("main.tf", 'import {\n  to = algorithmia_api_keys.all\n  id = "acme/shop"\n}\n');
    await at.runTo(0, "plan -generate-config-out=made.tf");
    expect(await at.runTo(0, "apply -auto-approve")).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
    await at.runTo(0, "plan -detailed-exitcode");
    at.write("main.tf", 'import {\n  to = algorithmia_api_keys.all\n  id = "acme"\n}\n');
  });

  test("never touches another project's keys, and a protected key stops its destruction", async () => {
    const at = await workspace(ALL, `  a: { algorithms: [], protect: true }\n`);
    await at.runTo(0, "apply -auto-approve");
    expect(await at.runTo(1, "plan -destroy")).toContain("is protected and would be deleted");
    at.write("keys.yaml", yaml("  a: { algorithms: [] }\n").replace("project: shop", "project: billing"));
    expect(await at.runTo(1, "plan")).toMatch(/managed by the project|is protected/);
  });

  test.each([
    ['manifest = "keys: ["', "manifest"],
    ['manifest = file("keys.yaml")\n  keys = {}', "The keys are declared twice"],
    ["adopt = true", "No keys are declared"],
    ['manifest = file("keys.yaml")\n  max_deletes = "many"', "max_deletes is no number and no percentage"],
    ['manifest = file("keys.yaml")\n  account = "globex"', "is not what the manifest states"],
    ['manifest = file("keys.yaml")\n  secrets_wo_versions = { z = 1 }', "names z, which is no declared key"],
    ['manifest = file("keys.yaml")\n  secrets_wo = { a = "abc" }', "That is no key's secret"],
    ['keys = { web = { algorithms = ["demos"] } }', 'Key "web"'],
  ])("%s is told at the place", async (fields, said) => {
    const at = await workspace(`resource "algorithmia_api_keys" "all" {\n  ${fields}\n}\n`, FIVE.join(""));
    expect(await at.runTo(1, "validate")).toContain(said);
  });
});

describe("data sources and functions", () => {
  const READING = `
resource "algorithmia_api_keys" "all" {
  manifest = file("keys.yaml")
}
data "algorithmia_api_key" "a" {
  name       = "A"
  depends_on = [algorithmia_api_keys.all]
}
data "algorithmia_api_keys" "labelled" {
  labels     = { team = "x" }
  depends_on = [algorithmia_api_keys.all]
}
data "algorithmia_access" "allowed" {
  name       = "a"
  call       = "algo://demos/a"
  depends_on = [algorithmia_api_keys.all]
}
data "algorithmia_access" "page" {
  name       = "a"
  call       = "algo://demos/a"
  origin     = "https://shop.example.com"
  depends_on = [algorithmia_api_keys.all]
}
output "found" {
  value = [
    data.algorithmia_api_key.a.name, data.algorithmia_api_key.a.project, tolist(data.algorithmia_api_key.a.algorithms)[0],
    join(",", keys(data.algorithmia_api_keys.labelled.keys)),
    data.algorithmia_access.allowed.allowed, data.algorithmia_access.allowed.reason,
    data.algorithmia_access.page.allowed, data.algorithmia_access.page.reason,
    provider::algorithmia::covers("algo://demos/*", "algo://demos/hello"), provider::algorithmia::covers("algo://demos/a", "algo://*"),
    provider::algorithmia::manifest(file("keys.yaml")).g.labels.team,
  ]
}
`;

  test("tell what is live, decide as the gateway does, and read declarations", async () => {
    const at = await workspace(READING, `${FIVE.join("")}  g: { algorithms: [], labels: { team: x } }\n`);
    await at.runTo(0, "apply -auto-approve");
    const found = JSON.parse((await at.run("output -json found")).output) as unknown[];
    expect(found).toEqual([
      ...["A", "shop", "algo://demos/a", "g", true, "algo", false, "web_not_allowed", true, false, "x"],
    ]);
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test.each([
    ['data "algorithmia_api_key" "x" { name = "storefront" }', "plan", "has no live key storefront"],
    ['data "algorithmia_api_key" "x" {}', "validate", "No key is named"],
    ['data "algorithmia_access" "x" { name = "a" }', "validate", "No call is stated"],
    [
      'data "algorithmia_access" "x" {\n  name = "a"\n  data = "write"\n  origin = "shop"\n}',
      "validate",
      "origin is no page's origin",
    ],
    [
      'output "x" { value = provider::algorithmia::covers("demos", "algo://*") }',
      "validate",
      "That is no algorithm pattern",
    ],
    ['output "x" { value = provider::algorithmia::manifest("keys: [") }', "validate", "The declaration cannot be used"],
  ])("%s is told", async (configuration, command, said) => {
    const at = await workspace(configuration);
    await at.withPlatform(({ api }) => api.createAccount({ name: "acme", defaultKey: "none" }));
    expect(await at.runTo(1, command)).toContain(said);
  });
});
