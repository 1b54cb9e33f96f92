import { afterEach, describe, expect, test } from "vitest";
import { acmeIds, acmeKey, byHand } from "../support/acme-keys.ts";
import { PROVIDER_HCL, terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

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

const REFUSED = "Keys are never replaced";
const FIRST = "create_before_destroy = true";

interface Kind {
  readonly type: string;
  readonly body: string;
  readonly before?: string;
}

/** Blocks of every kind: with a secret of each way, without one, and a whole project. */
const KINDS: Readonly<Record<string, Kind>> = {
  "a key without a secret": { type: "algorithmia_api_key", body: `name = "web"\n  algorithms = []` },
  "a key with its secret in the state": {
    type: "algorithmia_api_key",
    body: `name = "web"\n  algorithms = []\n  keep_secret_in_state = true`,
  },
  "a key with a secret of its own": {
    type: "algorithmia_api_key",
    before: `ephemeral "algorithmia_secret" "web" {}\n`,
    body: `name = "web"\n  algorithms = []\n  secret_wo = ephemeral.algorithmia_secret.web.secret\n  secret_wo_version = 1`,
  },
  "a project": {
    type: "algorithmia_api_keys",
    before: `ephemeral "algorithmia_secret" "web" {}\n`,
    body: `project = "p2"
  keys = { m1 = { algorithms = [] }, m2 = { algorithms = ["algo://a/b"] } }
  secrets_wo = { m2 = ephemeral.algorithmia_secret.web.secret }`,
  },
};

function block({ type, body, before = "" }: Kind, label: string, lifecycle = ""): string {
  return `${before}resource "${type}" "${label}" {\n  ${body}\n  lifecycle {\n    ${lifecycle}\n  }\n}\n`;
}

describe.each(Object.entries(KINDS))("%s", (_, kind) => {
  test.each([
    ["-replace", "", "apply -auto-approve", ""],
    ["-replace without a refresh", "", "apply -auto-approve -refresh=false", ""],
    ["-replace, made before it is destroyed", FIRST, "apply -auto-approve", ""],
    ["-replace, made before it is destroyed, without a refresh", FIRST, "apply -auto-approve -refresh=false", ""],
    ["-replace, one block after the other", "", "apply -auto-approve -parallelism=1", ""],
  ])("is not replaced by %s", async (_how, lifecycle, command) => {
    const at = await applied(block(kind, "m", lifecycle));
    const ids = await acmeIds(at);
    expect(await at.runTo(1, `${command} -replace=${kind.type}.m`)).toContain(REFUSED);
    expect(await acmeIds(at)).toEqual(ids);
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("No changes.");
    expect(await acmeIds(at)).toEqual(ids);
  });

  test.each(["apply -auto-approve", "apply -auto-approve -refresh=false", "apply -auto-approve -parallelism=1"])(
    "is not made anew by a block of another name, whichever is planned first: %s",
    async (command) => {
      const at = await applied(block(kind, "m"));
      const ids = await acmeIds(at);
      for (const label of ["a", "z"]) {
        at.write("main.tf", block(kind, label));
        const said = await at.runTo(1, command);
        expect(said).toContain(REFUSED);
        expect(said).toContain("moved { from =");
        expect(await acmeIds(at)).toEqual(ids);
      }
      at.write("main.tf", `${block(kind, "z")}\nmoved {\n  from = ${kind.type}.m\n  to   = ${kind.type}.z\n}\n`);
      await at.runTo(0, "apply -auto-approve");
      expect(await acmeIds(at)).toEqual(ids);
      await at.runTo(0, "plan -detailed-exitcode");
    },
  );

  test("that is tainted is not replaced either", async () => {
    const at = await applied(block(kind, "m"));
    const ids = await acmeIds(at);
    await at.runTo(0, `taint ${kind.type}.m`);
    expect(await at.runTo(1, "apply -auto-approve")).toContain("terraform untaint");
    expect(await acmeIds(at)).toEqual(ids);
    await at.runTo(0, `untaint ${kind.type}.m`);
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("is not replaced where the provider's configuration is known only at the apply", async () => {
    const head = PROVIDER_HCL.replace(
      'platform = "file:platform.db"',
      'platform = "file:${terraform_data.place.output}"',
    );
    const place = (round: string): string =>
      `resource "terraform_data" "place" {\n  input = "platform.db"\n  triggers_replace = "${round}"\n}\n`;
    for (const lifecycle of ["", FIRST]) {
      const at = await terraformWorkspace(`${place("1")}${block(kind, "m", lifecycle)}`, head);
      open.push(at);
      await at.runTo(0, "init");
      await at.runTo(0, "apply -auto-approve");
      const ids = await acmeIds(at);
      at.write("main.tf", `${place("2")}${block(kind, "m", lifecycle)}`);
      expect(await at.runTo(1, `apply -auto-approve -replace=${kind.type}.m`)).toContain(REFUSED);
      expect(await acmeIds(at)).toEqual(ids);
    }
  });
});

describe("a key", () => {
  const named = (label: string, name: string): string =>
    block({ type: "algorithmia_api_key", body: `name = ${name}\n  algorithms = []` }, label);

  test("is not replaced while it is renamed", async () => {
    const at = await applied(named("m", '"web"'));
    const ids = await acmeIds(at);
    at.write("main.tf", named("m", '"shop"'));
    expect(await at.runTo(1, "apply -auto-approve -replace=algorithmia_api_key.m")).toContain(REFUSED);
    expect(await acmeIds(at)).toEqual(ids);
    await at.runTo(0, "apply -auto-approve");
    expect(await acmeIds(at)).toEqual({ shop: ids["web"] });
  });

  test("is not replaced while its name is known only at the apply", async () => {
    const name = (round: string): string =>
      `resource "terraform_data" "name" {\n  input = "web"\n  triggers_replace = "${round}"\n}\n`;
    const at = await applied(`${name("1")}${named("m", "terraform_data.name.output")}`);
    const ids = await acmeIds(at);
    at.write("main.tf", `${name("2")}${named("m", "terraform_data.name.output")}`);
    expect(await at.runTo(1, "apply -auto-approve -replace=algorithmia_api_key.m")).toContain(REFUSED);
    expect(await acmeIds(at)).toEqual(ids);
    await at.runTo(0, "apply -auto-approve");
    expect(await acmeIds(at)).toEqual(ids);
  });

  test("has one block: a second one of its name is refused when it is planned, and its state stays", async () => {
    const at = await applied(named("m", '"web"'));
    at.write("main.tf", named("m", '"web"') + named("b", '"WEB"'));
    expect(await at.runTo(1, "plan")).toContain("already");
    expect(await at.runTo(1, "plan -refresh=false")).toContain("already");
    at.write("main.tf", named("m", '"web"'));
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("whose account is known only at the apply stays, and is refused another account then", async () => {
    const account = (round: string, name: string): string =>
      `resource "terraform_data" "t" {\n  input = "${name}"\n  triggers_replace = "${round}"\n}\n`;
    const body = `name = "web"\n  algorithms = []\n  account = terraform_data.t.output`;
    const key = block({ type: "algorithmia_api_key", body }, "m");
    const at = await applied(account("1", "acme") + key);
    const ids = await acmeIds(at);
    at.write("main.tf", account("2", "acme") + key);
    expect((await at.run("plan")).output).not.toMatch(/account .*# forces replacement/);
    await at.runTo(0, "apply -auto-approve");
    expect(await acmeIds(at)).toEqual(ids);
    at.write("main.tf", account("3", "globex") + key);
    expect(await at.runTo(1, "apply -auto-approve")).toContain("The key web cannot change hands");
    expect(await acmeIds(at)).toEqual(ids);
  });

  test("that was deleted outside is made again, with or without -replace", async () => {
    const at = await applied(named("m", '"web"'));
    await byHand(at, "web", ({ id, revision }) => ({ action: "delete", id, revision }));
    await at.runTo(0, "apply -auto-approve -replace=algorithmia_api_key.m");
    await acmeKey(at, "web");
  });
});

test("a project whose account is known only at the apply stays, and is refused another account then", async () => {
  const account = (round: string, name: string): string =>
    `resource "terraform_data" "t" {\n  input = "${name}"\n  triggers_replace = "${round}"\n}\n`;
  const body = `project = "p2"\n  keys = { m1 = { algorithms = [] } }\n  account = terraform_data.t.output`;
  const keys = block({ type: "algorithmia_api_keys", body }, "m");
  const at = await applied(account("1", "acme") + keys);
  const ids = await acmeIds(at);
  at.write("main.tf", account("2", "acme") + keys);
  await at.runTo(0, "apply -auto-approve");
  expect(await acmeIds(at)).toEqual(ids);
  at.write("main.tf", account("3", "globex") + keys);
  expect(await at.runTo(1, "apply -auto-approve")).toContain("cannot change hands");
  expect(await acmeIds(at)).toEqual(ids);
});
