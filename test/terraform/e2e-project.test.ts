import { afterEach, describe, expect, test } from "vitest";
import { acmeIds, acmeKey, acmeKeys, byHand } from "../support/acme-keys.ts";
import { terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

const open: TerraformWorkspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

async function applied(configuration: string): Promise<TerraformWorkspace> {
  const at = await terraformWorkspace(configuration);
  open.push(at);
  await at.runTo(0, "init");
  await at.runTo(0, "apply -auto-approve");
  return at;
}

function project(keys: string, rest = ""): string {
  return `
ephemeral "algorithmia_secret" "one" {}
ephemeral "algorithmia_secret" "two" {}
resource "algorithmia_api_keys" "all" {
  project = "shop"
  keys    = {
    ${keys}
  }
  ${rest}
}
`;
}

function secrets(...names: readonly (readonly [name: string, secret: string, version: number])[]): string {
  const given = names.map(([name, secret]) => `${name} = ephemeral.algorithmia_secret.${secret}.secret`);
  const versions = names.map(([name, , version]) => `${name} = ${String(version)}`);
  return `secrets_wo = { ${given.join(", ")} }\n  secrets_wo_versions = { ${versions.join(", ")} }`;
}

const FIVE = ["a", "b", "c", "d", "e"]
  .map((name) => `${name} = { algorithms = ["algo://demos/${name}"] }`)
  .join("\n    ");

describe("a key of a project that is renamed", () => {
  test("keeps its secret, whose version moves along with its name", async () => {
    const both = "one = { algorithms = [] }\n    two = { algorithms = [] }";
    const at = await applied(project(both, secrets(["one", "one", 1], ["two", "two", 1])));
    await at.runTo(0, "plan -detailed-exitcode");
    const { id, credentials } = await acmeKey(at, "one");
    const renamed = 'uno = { algorithms = [], renamed_from = "one" }\n    two = { algorithms = [] }';
    at.write("main.tf", project(renamed, secrets(["uno", "one", 1], ["two", "two", 1])));
    expect(await at.runTo(2, "plan -detailed-exitcode")).not.toContain("(known after apply)");
    await at.runTo(0, "apply -auto-approve");
    expect(await acmeKey(at, "uno")).toMatchObject({ id, credentials: [{ id: credentials[0]?.id }] });
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("gets another secret in the same apply if its version changes too", async () => {
    const at = await applied(project("one = { algorithms = [] }", secrets(["one", "one", 1])));
    const renamed = 'uno = { algorithms = [], renamed_from = "one" }';
    at.write("main.tf", project(renamed, secrets(["uno", "one", 2])));
    await at.runTo(0, "apply -auto-approve");
    expect((await acmeKey(at, "uno")).credentials).toHaveLength(2);
    await at.runTo(0, "plan -detailed-exitcode");
  });
});

test("the map of a project is spelled otherwise without a change", async () => {
  const at = await applied(
    project(`web = {
      algorithms = ["algo://A/b/*", "algo://demos/*"]
      origins    = { native = false, web = true, referrers = ["Shop.Example.com", "a.example.com"] }
      expires    = "2099-01-01"
      rotation   = { every = "90d", overlap = "24h" }
    }`),
  );
  at.write(
    "main.tf",
    project(`web = {
      algorithms = ["algo://demos/*", "algo://a/B"]
      origins    = { native = false, web = true, referrers = ["a.example.com", "shop.example.com"] }
      expires    = "2099-01-01T00:00:00Z"
      rotation   = { every = "2160h", overlap = "1440m" }
    }`),
  );
  expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("No changes.");
  at.write("main.tf", project(`web = { algorithms = ["algo://demos/*"] }`));
  expect(await at.runTo(2, "plan -detailed-exitcode")).toContain('- "algo://A/b/*"');
  await at.runTo(0, "apply -auto-approve");
  await at.runTo(0, "plan -detailed-exitcode");
});

describe("a key of a project that was deleted elsewhere", () => {
  test("is told with who did it and how to have it back, and restored it plans empty", async () => {
    const at = await applied(project(FIVE));
    const ids = await acmeIds(at);
    await byHand(at, "d", ({ id, revision }) => ({ action: "delete", id, revision }));
    const said = await at.runTo(2, "plan -detailed-exitcode");
    expect(said).toContain("Warning: The key d was deleted outside Terraform");
    expect(said).toContain("d: somebody deleted it at");
    expect(said).toContain("algokeys keys restore d");
    await at.withPlatform(async ({ api }) => {
      const { revision } = await api.getKey("acme", ids["d"] ?? "");
      const changes = [{ action: "restore", id: ids["d"] ?? "", revision }] as const;
      await api.commit("acme", { id: "restored-by-somebody", project: null, message: "", changes });
    });
    expect(await at.runTo(0, "plan -detailed-exitcode")).not.toContain("Warning");
    expect(await acmeIds(at)).toEqual(ids);
  });

  test("is told with those that were deleted beside it, and one that was renamed is none", async () => {
    const at = await applied(project(FIVE));
    await byHand(at, "a", ({ id, revision }) => ({ action: "delete", id, revision }));
    await byHand(at, "b", ({ id, revision }) => ({ action: "delete", id, revision }));
    await byHand(at, "c", ({ id, revision }) => ({ action: "update", id, revision, name: "other" }));
    const said = (await at.run("plan")).words;
    expect(said).toContain("Warning: 2 keys were deleted outside Terraform");
    expect(said).toContain("a: somebody deleted it");
    expect(said).not.toContain("c: ");
  });
});

test("what is to be written is told in the language of the declaration", async () => {
  const at = await applied(project("a = { algorithms = [], protect = true }\n    b = { algorithms = [] }"));
  at.write("main.tf", project("b = { algorithms = [] }"));
  expect(await at.runTo(1, "plan")).toContain("`protect = false`");
  expect(await at.runTo(1, "plan -destroy")).toContain("`protect = false`");
  at.write("main.tf", `resource "algorithmia_api_keys" "all" {\n  manifest = file("keys.yaml")\n}\n`);
  at.write("keys.yaml", "version: 1\naccount: acme\nproject: shop\nkeys:\n  b: { algorithms: [] }\n");
  expect(await at.runTo(1, "plan")).toContain("`protect: false`");
  expect(await acmeKeys(at)).toHaveLength(2);
});
