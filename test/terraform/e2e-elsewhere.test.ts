import { basename } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { acmeKey, acmeKeys, byHand } from "../support/acme-keys.ts";
import { PROVIDER_HCL, terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

const open: TerraformWorkspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

async function workspace(configuration: string, head: string = PROVIDER_HCL): Promise<TerraformWorkspace> {
  const at = await terraformWorkspace(configuration, head);
  open.push(at);
  await at.runTo(0, "init");
  return at;
}

async function applied(configuration: string): Promise<TerraformWorkspace> {
  const at = await workspace(configuration);
  await at.runTo(0, "apply -auto-approve");
  return at;
}

const SECRET = `variable "d" {
  default = "one"
}
ephemeral "algorithmia_secret" "w" {}
`;
const OWN = `${SECRET}
resource "algorithmia_api_key" "w" {
  name              = "w"
  algorithms        = []
  description       = var.d
  secret_wo         = ephemeral.algorithmia_secret.w.secret
  secret_wo_version = 1
}
`;
const PROJECT = `${SECRET}
resource "algorithmia_api_keys" "w" {
  project    = "shop"
  keys       = { w = { algorithms = [], description = var.d } }
  secrets_wo = { w = ephemeral.algorithmia_secret.w.secret }
}
`;

function kept(fields = "", label = "w", name = label): string {
  return `resource "algorithmia_api_key" "${label}" {
  name                 = "${name}"
  algorithms           = []
  keep_secret_in_state = true
  ${fields}
}
`;
}

async function secretIn(at: TerraformWorkspace): Promise<unknown> {
  const { output } = await at.run("show -json");
  const { values } = JSON.parse(output) as {
    values: { root_module: { resources: { values: Record<string, unknown> }[] } };
  };
  return values.root_module.resources[0]?.values["secret"];
}

async function rotateByHand(at: TerraformWorkspace, name: string, digit: string): Promise<void> {
  await byHand(at, name, ({ id, revision }) => {
    const credential = {
      id: `another-credential-${digit}`,
      digest: digit.repeat(64),
      mask: `sim0000${"*".repeat(21)}`,
    };
    return { action: "add-credential", id, revision, credential };
  });
}

test("a key that a second workspace takes up keeps the first one's secret until the further one is confirmed, and its overlap", async () => {
  const one = await applied(OWN);
  const before = await acmeKey(one, "w");
  const head = PROVIDER_HCL.replace("platform.db", `../${basename(one.folder)}/platform.db`);
  const other = await workspace(OWN, head);
  expect(await other.runTo(0, "apply -auto-approve")).toContain("The key w will be taken over");
  const taken = await acmeKey(one, "w");
  expect(taken.id).toBe(before.id);
  expect(taken.credentials).toMatchObject([
    { id: before.credentials[0]?.id, revokedAt: null, retiresAt: null },
    { revokedAt: null, retiresAt: null },
  ]);
  await other.runTo(0, "plan -detailed-exitcode");
  const [first, second] = (await acmeKey(one, "w")).credentials;
  expect(Date.parse(first?.retiresAt ?? "") - Date.now()).toBeGreaterThan(23 * 3_600_000);
  expect([first?.revokedAt, second?.retiresAt]).toEqual([null, null]);
  expect(await one.runTo(0, "plan")).toContain("was replaced outside Terraform");
});

describe.each([
  ["a key", OWN],
  ["a project", PROJECT],
])("what Terraform itself confirmed of %s", (_, configuration) => {
  test("is no change of somebody's: it is updated and destroyed without a refresh", async () => {
    const at = await applied(configuration);
    await at.runTo(0, "plan -detailed-exitcode");
    await at.runTo(0, "apply -auto-approve -refresh=false -var d=two");
    expect((await acmeKey(at, "w")).spec.description).toBe("two");
    await at.runTo(0, "plan -detailed-exitcode -var d=two");
    await at.runTo(0, "destroy -auto-approve -refresh=false");
    expect(await acmeKeys(at)).toEqual([]);
  });

  test("is another matter than what somebody changed: that is refused without a refresh, and nothing is written", async () => {
    const changes = [
      (at: TerraformWorkspace): Promise<void> => rotateByHand(at, "w", "b"),
      (at: TerraformWorkspace): Promise<void> =>
        byHand(at, "w", ({ id, revision, spec }) => ({
          action: "update",
          id,
          revision,
          spec: { ...spec, data: "read" },
        })),
      (at: TerraformWorkspace): Promise<void> =>
        byHand(at, "w", ({ id, revision }) => ({ action: "update", id, revision, name: "v" })),
    ];
    for (const change of changes) {
      const at = await applied(configuration);
      await at.runTo(0, "plan");
      await change(at);
      const said = await at.runTo(1, "apply -auto-approve -refresh=false -var d=two");
      expect(said).toMatch(/changed since (it was|they were) planned/);
      expect(said).toContain("-refresh=false");
      expect(await at.runTo(1, "destroy -auto-approve -refresh=false")).toMatch(
        /changed since (it was|they were) planned/,
      );
      expect((await acmeKeys(at)).map(({ spec }) => spec.description)).toEqual(["one"]);
    }
  });
});

describe("a secret that was replaced elsewhere", () => {
  test("is replaced by one of Terraform's as the warning says: by stating rotation_trigger, or by changing it", async () => {
    const at = await applied(kept());
    await at.runTo(0, "plan");
    await rotateByHand(at, "w", "c");
    const said = await at.runTo(0, "plan -detailed-exitcode");
    expect(said).toContain("State rotation_trigger, or change it");
    expect(said).toContain("`secret` is null");
    at.write("main.tf", kept('rotation_trigger = { a = "1" }'));
    await at.runTo(0, "apply -auto-approve");
    expect(await secretIn(at)).toEqual(expect.stringMatching(/^sim/));
    expect(await at.runTo(0, "plan -detailed-exitcode")).not.toContain("Warning");
    await rotateByHand(at, "w", "d");
    await at.runTo(0, "plan");
    at.write("main.tf", kept('rotation_trigger = { a = "2" }'));
    await at.runTo(0, "apply -auto-approve");
    expect(await secretIn(at)).toEqual(expect.stringMatching(/^sim/));
  });

  test("is told with the cure that holds for a secret of one's own", async () => {
    const at = await applied(OWN);
    await at.runTo(0, "plan");
    await rotateByHand(at, "w", "e");
    expect(await at.runTo(0, "plan")).toContain("Change secret_wo_version");
    at.write("main.tf", OWN.replace("version = 1", "version = 2"));
    await at.runTo(0, "apply -auto-approve");
    expect(await at.runTo(0, "plan -detailed-exitcode")).not.toContain("Warning");
  });
});

test("two names that are to be swapped are refused with the way to do it, and that way works", async () => {
  const at = await applied(kept("", "a") + kept("", "b"));
  const ids = [(await acmeKey(at, "a")).id, (await acmeKey(at, "b")).id];
  at.write("main.tf", kept("", "a", "b") + kept("", "b", "a"));
  expect(await at.runTo(1, "apply -auto-approve")).toContain("give one key a third name first");
  at.write("main.tf", kept("", "a", "c") + kept("", "b"));
  await at.runTo(0, "apply -auto-approve");
  at.write("main.tf", kept("", "a", "c") + kept("", "b", "a"));
  await at.runTo(0, "apply -auto-approve");
  at.write("main.tf", kept("", "a", "b") + kept("", "b", "a"));
  await at.runTo(0, "apply -auto-approve");
  expect([(await acmeKey(at, "b")).id, (await acmeKey(at, "a")).id]).toEqual(ids);
});

test("another project in the provider's configuration is told when it is planned", async () => {
  const at = await applied(kept());
  const head = PROVIDER_HCL.replace("account ", 'project = "newproj"\n  account ');
  at.write("head.tf", head);
  expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("Warning: The key w is another project's");
  at.write("main.tf", kept('data = "read"'));
  for (const options of ["", " -refresh=false", " -destroy"]) {
    expect(await at.runTo(1, `plan${options}`)).toContain("Error: The key w is another project's");
  }
  at.write("head.tf", PROVIDER_HCL);
  await at.runTo(0, "apply -auto-approve");
});
