import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Secret } from "../../src/core/secret.ts";
import { serve, type Serving } from "../platform/http/serving.ts";
import { terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

let serving: Serving;
let tokens: Readonly<Record<"admin" | "writer" | "reader" | "bound" | "revoked", Secret>>;
const open: TerraformWorkspace[] = [];

beforeAll(async () => {
  serving = await serve();
  tokens = {
    admin: await serving.adminToken({ name: "ops", role: "admin" }),
    writer: await serving.adminToken({ name: "deployer", role: "writer" }),
    reader: await serving.adminToken({ name: "planner", role: "reader" }),
    bound: await serving.adminToken({ name: "bound", role: "writer", account: null }),
    revoked: await serving.adminToken({ name: "revoked", role: "admin" }),
  };
  for (const name of ["acme", "globex"]) {
    await serving.send("POST", "/v2/accounts", { token: tokens.admin, body: { name, defaultKey: "none" } });
  }
  const bound = await serving.adminToken({ name: "of-globex", role: "writer", account: "globex" });
  tokens = { ...tokens, bound };
  const listed = await serving.send("GET", "/v2/admin-keys", { token: tokens.admin });
  const { adminKeys } = listed.json as { adminKeys: { id: string; name: string }[] };
  const revoked = adminKeys.find(({ name }) => name === "revoked")?.id ?? "";
  await serving.send("DELETE", `/v2/admin-keys/${revoked}`, { token: tokens.admin });
});
afterAll(async () => {
  await serving.end();
});
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

let number = 0;

/** A workspace with a key of a name of its own, on the server. */
async function workspace(configuration?: string): Promise<TerraformWorkspace & { readonly name: string }> {
  const name = `key-${String(++number)}`;
  const at = await terraformWorkspace(configuration ?? key(name), head());
  open.push(at);
  await at.runTo(0, "init");
  return { ...at, name };
}

function head(url = serving.url, account = "acme"): string {
  return `
terraform {
  required_providers {
    algorithmia = { source = "algokeys/algorithmia" }
  }
}
variable "token" {
  sensitive = true
}
provider "algorithmia" {
  url     = "${url}"
  token   = var.token
  account = "${account}"
}
`;
}

function key(name: string, fields = ""): string {
  return `
resource "algorithmia_api_key" "web" {
  name                 = "${name}"
  algorithms           = ["algo://demos/hello"]
  keep_secret_in_state = true
  ${fields}
}
`;
}

function as(token: Secret): Readonly<Record<string, string>> {
  return { TF_VAR_token: token.reveal() };
}

describe("over a server", () => {
  test("a writer applies, a reader plans and may not apply, and the reader's plan confirms nothing and loses nothing", async () => {
    const at = await workspace();
    await at.runTo(0, "apply -auto-approve", as(tokens.writer));
    expect(await at.runTo(0, "plan -detailed-exitcode", as(tokens.reader))).toContain("No changes.");
    at.write("main.tf", key(at.name, 'data = "read"'));
    expect(await at.runTo(2, "plan -detailed-exitcode", as(tokens.reader))).toContain('"none" -> "read"');
    const refused = await at.runTo(1, "apply -auto-approve", as(tokens.reader));
    expect(refused).toContain("The token may not do this");
    expect(refused).toContain("role writer");
    await at.runTo(0, "apply -auto-approve", as(tokens.writer));
    await at.runTo(0, "plan -detailed-exitcode", as(tokens.reader));
  });

  test("a wrong, a revoked and a foreign token end with what to do, and nothing is told of the keys", async () => {
    const at = await workspace();
    const wrong = { TF_VAR_token: "adm0000000000000000000000001" };
    expect(await at.runTo(1, "plan", wrong)).toContain("The platform does not know the token");
    expect(await at.runTo(1, "plan", as(tokens.revoked))).toContain("The platform does not know the token");
    const foreign = await at.runTo(1, "plan", as(tokens.bound));
    expect(foreign).toContain("of-globex is bound to the account globex, and the declaration is for acme");
  });

  test("a platform that is not there, or is none, ends with words, and the state stays", async () => {
    const at = await workspace();
    await at.runTo(0, "apply -auto-approve", as(tokens.writer));
    const state = at.read("terraform.tfstate");
    at.write("head.tf", head("http://127.0.0.1:1"));
    expect(await at.runTo(1, "plan", as(tokens.writer))).toContain("The platform cannot be reached");
    expect(at.read("terraform.tfstate")).toBe(state);
    at.write("head.tf", head("http://keys.example.com"));
    expect(await at.runTo(1, "validate", as(tokens.writer))).toContain("Use https://keys.example.com instead");
    at.write("head.tf", head("ftp://keys.example.com"));
    expect(await at.runTo(1, "validate", as(tokens.writer))).toContain("url is no platform's address");
  });

  test("a configuration that is known only at the apply is planned all the same", async () => {
    const at = await workspace();
    const unknown = head("unknown").replace('url     = "unknown"', "url     = terraform_data.url.output");
    const url = `resource "terraform_data" "url" {\n  input = "${serving.url}"\n}\n`;
    at.write("head.tf", unknown + url);
    expect(await at.runTo(0, "plan", as(tokens.writer))).toContain("2 to add");
    expect(await at.runTo(0, "apply -auto-approve", as(tokens.writer))).toContain("2 added");
    await at.runTo(0, "plan -detailed-exitcode", as(tokens.writer));
  });

  test.each([1, 50])("sixty keys with parallelism %i are read by one listing, not one by one", async (parallelism) => {
    const many = `
resource "algorithmia_api_key" "each" {
  count                = 60
  name                 = "many-${String(parallelism)}-\${count.index}"
  algorithms           = ["algo://demos/hello"]
  keep_secret_in_state = true
}
`;
    const at = await workspace(many);
    await at.runTo(0, `apply -auto-approve -parallelism=${String(parallelism)}`, as(tokens.writer));
    await at.runTo(0, "plan", as(tokens.writer));
    const before = serving.lines("request").length;
    await at.runTo(0, `plan -detailed-exitcode -parallelism=${String(parallelism)}`, as(tokens.reader));
    expect(serving.lines("request").length - before).toBeLessThan(20);
  });

  test("-target makes what is named and nothing else, and a variable may hold the token's file", async () => {
    const at = await workspace();
    at.write("main.tf", `${key(at.name)}\n${key(`${at.name}-b`).replace('"web"', '"other"')}`);
    const output = await at.runTo(0, "apply -auto-approve -target=algorithmia_api_key.web", as(tokens.writer));
    expect(output).toContain("1 added");
    at.write("token", `${tokens.reader.reveal()}\n`);
    at.write("head.tf", head().replace("token   = var.token", 'token_file = "token"'));
    expect(await at.runTo(2, "plan -detailed-exitcode", { TF_VAR_token: "x" })).toContain("1 to add");
    at.write("head.tf", head().replace("token   = var.token", 'token_file = "none"'));
    expect(await at.runTo(1, "plan", { TF_VAR_token: "x" })).toContain("The token file cannot be read");
  });
});
