import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makeWorkspace, type Workspace } from "./workspace.ts";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const CONSTRUCTS = fileURLToPath(new URL("../../dist/constructs/index.js", import.meta.url));

/** An app of CDKTF with these statements, `stack` at hand, and a folder to run it in. */
function appWorkspace(statements: string, files: Readonly<Record<string, string>> = {}): Workspace {
  const at = makeWorkspace({
    ...files,
    "app.mjs": `import cdktf from "cdktf";
import { AlgorithmiaProvider, ApiKey, ApiKeys, KeysFromManifest } from ${JSON.stringify(CONSTRUCTS)};
const app = new cdktf.App();
const stack = new cdktf.TerraformStack(app, "storefront");
new AlgorithmiaProvider(stack, "algorithmia", { account: "acme", project: "shop" });
${statements}
app.synth();
`,
  });
  symlinkSync(MODULES, join(at.folder, "node_modules"));
  return at;
}

const APP = '--app "node app.mjs"';

describe("an app of CDKTF", () => {
  test("is synthesized, planned, applied and then planned empty, without terraform", async () => {
    const at = appWorkspace(`
console.log("what an app prints");
new ApiKey(stack, "web", {
  name: "web", description: "costs \${5}", algorithms: ["algo://demos/hello"],
  deliver: [{ to: "dotenv", file: ".env", name: "API_KEY" }],
});
new ApiKeys(stack, "more", { keys: { batch: { algorithms: ["algo://acme/*"] } } });
new ApiKeys(stack, "text", { manifest: "version: 1\\naccount: acme\\nproject: shop\\nkeys:\\n  cron: { algorithms: [] }\\n" });`);
    const env = { PATH: "/usr/bin:/bin", NODE: process.execPath };
    const app = `--app "${process.execPath} app.mjs"`;
    const planned = await at.runTo(0, `plan ${app} --json --out plan.json`, { env });
    expect(planned.stderr).toContain("what an app prints");
    const plan = JSON.parse(planned.stdout) as { changes: { name: string }[]; declaration: { files: string[] } };
    expect(plan.changes.map(({ name }) => name)).toEqual(["batch", "cron", "web"]);
    expect(plan.declaration.files).toEqual(["cdktf.out/stacks/storefront/cdk.tf.json"]);
    await at.runTo(0, "apply plan.json", { env });
    expect(at.read(".env")).toMatch(/^API_KEY=sim/);
    await at.runTo(0, `plan ${app} --expect-no-changes`, { env });
    await at.runTo(0, "plan --cdktf-out cdktf.out --expect-no-changes", { env });
    await at.runTo(0, "plan cdktf.out/stacks/storefront/cdk.tf.json --expect-no-changes", { env });
  });

  test("is planned as the declaration in YAML that it reads", async () => {
    const yaml = `version: 1
account: acme
project: shop
keys:
  web: { algorithms: [algo://demos/hello], deliver: [{ to: json, file: s.json, name: /a }], tests: [{ data: read, expect: deny }] }
  batch: { algorithms: [algo://acme/*], labels: { a.b: "\${var.x}" }, rotation: { every: 30d } }
`;
    const at = appWorkspace(`new KeysFromManifest(stack, "keys", { files: "keys.yaml", variables: { x: "%{y}" } });`, {
      "keys.yaml": yaml,
    });
    const changesOf = async (args: string): Promise<unknown> =>
      (JSON.parse((await at.runTo(0, `plan ${args} --json`)).stdout) as { changes: unknown }).changes;
    expect(await changesOf(APP)).toEqual(await changesOf("keys.yaml --var x=%{y}"));
  });

  test("takes variables from outside, else their defaults", async () => {
    const at = appWorkspace(`
const team = new cdktf.TerraformVariable(stack, "team", { type: "string" });
const on = new cdktf.TerraformVariable(stack, "on", { type: "bool", default: false });
new ApiKey(stack, "web", { name: "web", algorithms: [], enabled: on.booleanValue, labels: { team: \`a-\${team.stringValue}\` } });`);
    const missing = await at.runTo(3, `validate ${APP}`);
    expect(missing.stderr).toContain("the variable `team` has no value");
    expect(missing.stderr).toContain("Add --var team=VALUE");
    const { stdout } = await at.runTo(0, `plan ${APP} --var team=shop --json`);
    expect(JSON.parse(stdout)).toMatchObject({ changes: [{ after: { enabled: false, labels: { team: "a-shop" } } }] });
    const given = await at.runTo(0, `plan ${APP} --var team=shop --var on=true --json`);
    expect(JSON.parse(given.stdout)).toMatchObject({
      changes: [{ after: { enabled: true, labels: { team: "a-shop" } } }],
    });
  });

  test("names what only Terraform can know, each with its construct and its place", async () => {
    const at = appWorkspace(`
const other = new cdktf.TerraformDataSource(stack, "other", { terraformResourceType: "random_pet" });
new ApiKey(stack, "web", { name: other.getStringAttribute("id"), algorithms: [] });
new ApiKey(stack, "batch", {
  name: "batch", algorithms: ["algo://acme/*"], description: \`of \${other.getStringAttribute("id")}\`, count: 2,
});
new ApiKey(stack, "cron", { name: "cron", algorithms: ["algo://acme/*"], labels: { a: other.getStringAttribute("x") } });`);
    const { stderr } = await at.runTo(3, `validate ${APP}`);
    expect(stderr).toContain("`${data.random_pet.other.id}` is known to Terraform alone [terraform-only]");
    expect(stderr).toContain("The construct is storefront/web.");
    expect(stderr).toContain("`count` makes keys that only Terraform can count");
    expect(stderr).toContain("`${data.random_pet.other.x}` is known to Terraform alone");
    expect(stderr).toMatch(
      /on cdktf\.out\/stacks\/storefront\/cdk\.tf\.json:\d+:\d+, resource\.algorithmia_api_key\.cron\.labels\.a/,
    );
  });

  test("whose keys are an expression is no app without keys", async () => {
    const at = appWorkspace(`
new ApiKey(stack, "web", { name: "web", algorithms: [] });
const keys = new ApiKeys(stack, "more", { keys: { z: { algorithms: [] } } });
if (process.env.LATER) keys.addOverride("keys", '\${yamldecode(file("keys.yaml"))}');`);
    await at.runTo(0, `apply ${APP} --auto-approve`);
    const { stderr } = await at.runTo(3, `plan ${APP}`, { env: { LATER: "1" } });
    expect(stderr).toContain('`${yamldecode(file("keys.yaml"))}` is known to Terraform alone');
    const stale = await at.runTo(3, 'plan --app "echo forgotten"');
    expect(stale.stderr).toContain("no app was synthesized to cdktf.out");
  });

  test("that is wrong is told of with what it said", async () => {
    const at = appWorkspace(`new ApiKey(stack, "web", { name: "web", algorithms: ["nothing"] });`);
    const { stderr } = await at.runTo(3, `plan ${APP}`);
    expect(stderr).toContain("[storefront/web] algorithms[0]: ");
    expect(stderr).toContain("error: the app `node app.mjs` ended with 1");
  });

  test.each([
    ["plan --cdktf-out nowhere", "nowhere/manifest.json is not there"],
    ["plan --stack x", "--stack chooses a stack of a CDKTF app, and none is named"],
    [`plan ${APP} --stack storefrnt`, "Did you mean storefront?"],
    [`plan ${APP}`, "no key is declared in cdktf.out/stacks/storefront/cdk.tf.json"],
    [`plan keys.yaml ${APP}`, "a CDKTF app and other declarations are named in one run"],
    ['plan --app "true"', "manifest.json is not there, so no app was synthesized to cdktf.out"],
  ])("%s", async (args, told) => {
    const { stderr } = await appWorkspace("").runTo(3, args);
    expect(stderr).toContain(told);
    expect(stderr).toContain("fix: ");
  });

  test("with keys of one name, or of two accounts, is refused with both places", async () => {
    const at = appWorkspace(`
new ApiKey(stack, "a", { name: "web", algorithms: [] });
new ApiKey(stack, "b", { name: "b", algorithms: [] }).addOverride("name", "Web");
new ApiKey(stack, "c", { name: "other", account: "beta", algorithms: [] });`);
    const { stderr } = await at.runTo(3, `validate ${APP}`);
    expect(stderr).toContain("duplicate-key");
    expect(stderr).toContain("conflicting-files");
  });
});

test("no command but those of an app loads CDKTF, and those load it in the app's process alone", async () => {
  const hook =
    "const Module = require('node:module'); const load = Module._load;" +
    "Module._load = function (name, ...rest) {" +
    " if (/cdktf|cdktn|constructs/.test(name)) process.stderr.write('LOADED ' + name + '\\n');" +
    " return load.call(this, name, ...rest); };";
  const at = appWorkspace(`new ApiKey(stack, "web", { name: "web", algorithms: [] });`, { "hook.cjs": hook });
  const node = ["--require", join(at.folder, "hook.cjs")];
  const commands = [
    ...["--help", `plan ${APP}`, "plan --cdktf-out cdktf.out", "apply --cdktf-out cdktf.out --auto-approve"],
    ...["export --account acme --project shop --format typescript", "keys list --account acme", "schema"],
  ];
  for (const command of commands) {
    const { stderr } = await at.runTo(0, command, { node });
    expect({ command, stderr }).toEqual({ command, stderr: expect.not.stringContaining("LOADED") as unknown });
  }
  const app = spawnSync(process.execPath, [...node, "app.mjs"], { cwd: at.folder, encoding: "utf8" });
  expect(app.stderr).toContain("LOADED constructs"); // the hook sees what it is to see
});
