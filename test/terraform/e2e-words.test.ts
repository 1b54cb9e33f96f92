import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { PROVIDER_HCL, terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";
import { acmeKeys } from "../support/acme-keys.ts";

const open: TerraformWorkspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

async function workspace(configuration: string, head = PROVIDER_HCL): Promise<TerraformWorkspace> {
  const at = await terraformWorkspace(configuration, head);
  open.push(at);
  await at.runTo(0, "init");
  return at;
}

function key(fields: string): string {
  return `resource "algorithmia_api_key" "web" {\n  ${fields}\n}\n`;
}

describe("what turns or hides text is shown, not printed", () => {
  test.each([
    ["a name", key('name = "x\\u202ey"\n  algorithms = []'), "validate"],
    ["a pattern", key('name = "x"\n  algorithms = ["algo://\\u202e"]'), "validate"],
    [
      "a project's key",
      'resource "algorithmia_api_keys" "all" {\n  keys = { "x\\u202ey" = { algorithms = [] } }\n}\n',
      "validate",
    ],
    [
      "the name of a key that is looked for",
      'data "algorithmia_api_key" "x" {\n  name = "x\\u202e\\u001b[31my"\n}\n',
      "plan",
    ],
    [
      "a function's argument",
      'output "x" {\n  value = provider::algorithmia::manifest("version: 1\\naccount: acme\\nproject: p\\nkeys:\\n  \\"x\\u202ey\\": { algorithms: [] }\\n")\n}\n',
      "validate",
    ],
  ])("%s", async (_, configuration, command) => {
    const at = await workspace(configuration);
    await at.withPlatform(({ api }) => api.createAccount({ name: "acme", defaultKey: "none" }));
    const { output, exitCode } = await at.run(command);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/\\u\{?202e\}?/);
    expect(output).not.toMatch(/\u202e|\u001b/);
  });
});

describe("an error of a function", () => {
  test.each([
    ['covers("nope", "algo://*")', "algo://owner/name/version."],
    ['manifest("keys: [")', "The declaration cannot be used: -"],
  ])("%s ends with one period, and begins each mistake on a line of its own", async (call, said) => {
    const at = await workspace(`output "x" {\n  value = provider::algorithmia::${call}\n}\n`);
    const { words, output } = await at.run("validate");
    expect(words).toContain(said);
    expect(output).not.toContain("..");
  });

  test("tells each mistake of a declaration on its own line", async () => {
    const at = await workspace('output "x" {\n  value = provider::algorithmia::manifest(file("keys.yaml"))\n}\n');
    at.write(
      "keys.yaml",
      "version: 1\naccount: acme\nproject: p\nkeys:\n  a: { data: all, algorithms: [] }\n  b: { algorithms: [x] }\n",
    );
    const { output } = await at.run("validate");
    expect(output.match(/- line \d+, column \d+: /g)).toHaveLength(2);
  });
});

test("an origin that nobody may call from is told together with its empty list, in words that can be followed", async () => {
  const at = await workspace(
    key('name = "x"\n  algorithms = []\n  origins = { native = false, web = false, referrers = [] }'),
  );
  const said = await at.runTo(1, "validate");
  expect(said).toContain("Nobody may call with this key");
  expect(said).toContain("`referrers` lists no host");
  expect(said).not.toContain("or write `web = false`");
});

describe("a state that was damaged", () => {
  const PLAIN = key('name = "x"\n  algorithms = []');

  async function damaged(change: (instance: { attributes: Record<string, unknown>; private?: string }) => void) {
    const at = await workspace(PLAIN);
    await at.runTo(0, "apply -auto-approve");
    const state = JSON.parse(at.read("terraform.tfstate")) as {
      resources: { instances: { attributes: Record<string, unknown>; private?: string }[] }[];
    };
    const instance = state.resources[0]?.instances[0];
    if (instance === undefined) throw new Error("no instance");
    change(instance);
    at.write("terraform.tfstate", JSON.stringify(state));
    return at;
  }

  test.each([
    ["algorithms", "text", "`algorithms` is no list"],
    ["origins", { native: "yes" }, "`origins.native` is no bool"],
  ])("is told with the place: %s", async (name, value, said) => {
    const at = await damaged(({ attributes }) => {
      attributes[name] = value;
    });
    const output = await at.runTo(1, "plan");
    expect(output).toContain("The state of algorithmia_api_key is damaged");
    expect(output).toContain(said);
    expect(output).toContain("terraform state rm");
    expect(output).not.toContain("A bug in");
  });

  test.each(["bm9uc2Vuc2U=", "W10=", "bnVsbA==", ""])(
    "in what the provider keeps beside it heals by itself: %s",
    async (bytes) => {
      const at = await damaged((instance) => {
        instance.private = bytes;
      });
      await at.runTo(0, "plan -detailed-exitcode");
      await at.runTo(0, "apply -auto-approve -destroy -refresh=false");
      expect(await acmeKeys(at)).toEqual([]);
    },
  );
});

test("the example of for_each hands every field on", async () => {
  const at = await workspace("", "");
  const example = new URL("../../examples/terraform/for-each/main.tf", import.meta.url);
  at.write("main.tf", readFileSync(example, "utf8"));
  at.write(
    "keys.yaml",
    `version: 1
account: acme
project: storefront
keys:
  web:
    description: every field
    algorithms: [algo://demos/hello]
    origins: { native: false, web: true, referrers: [shop.example.com] }
    data: read
    management: true
    enabled: false
    expires: 2099-01-01
    protect: true
    labels: { team: web }
    rotation: { every: 90d, overlap: 1h }
`,
  );
  await at.runTo(0, "init");
  await at.runTo(0, "apply -auto-approve");
  expect((await acmeKeys(at))[0]?.spec).toEqual({
    description: "every field",
    algorithms: ["algo://demos/hello"],
    origins: { native: false, web: { hosts: ["shop.example.com"] } },
    data: "read",
    management: true,
    enabled: false,
    expires: "2099-01-01T00:00:00Z",
    protect: true,
    labels: { team: "web" },
    rotation: { every: "90d", overlap: "1h" },
  });
  await at.runTo(0, "plan -detailed-exitcode");
});
