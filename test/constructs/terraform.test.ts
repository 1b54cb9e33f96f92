import { describe, expect, onTestFinished, test } from "vitest";
import { cdk } from "../../src/constructs/cdk.ts";
import {
  AccessCheck,
  AlgorithmiaSecret,
  ApiKey,
  ApiKeys,
  ApplicationKeys,
  DataAlgorithmiaApiKey,
  KeyRotation,
} from "../../src/constructs/index.ts";
import { CLI } from "../support/run-cli.ts";
import { terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";
import { testStack, type TestStack } from "./stack.ts";

/** Synthesizes a stack for a workspace of the real terraform, in the place of what stood there. */
function put(at: TerraformWorkspace, make: (made: TestStack) => void): void {
  const made = testStack();
  make(made);
  at.write("cdk.tf.json", made.text());
}

async function workspace(make: (made: TestStack) => void): Promise<TerraformWorkspace> {
  const at = await terraformWorkspace("", "");
  onTestFinished(() => at.close());
  put(at, make);
  await at.runTo(0, "init");
  return at;
}

const NO_CHANGES = "No changes. Your infrastructure matches the configuration.";
const COMMAND = `"${process.execPath}" "${CLI}"`;

describe("the real terraform", () => {
  test("plans, applies, plans empty and destroys every construct", async () => {
    const make = (epoch: string): ((made: TestStack) => void) => {
      return ({ stack }) => {
        const rotation = new KeyRotation(stack, "rotation", { epoch });
        const secret = new AlgorithmiaSecret(stack, "secret");
        const web = new ApiKey(stack, "web", {
          name: "web",
          description: 'costs ${5}, %{x}, $${y}, $$${z}, a \\ and "b"\n',
          algorithms: ["algo://demos/hello", "algo://acme/x/1.*"],
          origins: { native: false, web: true, referrers: ["shop.example.com", "*.shop.example.com"] },
          data: "read",
          management: false,
          enabled: true,
          expires: "2030-01-31",
          protect: false,
          labels: { team: "shop", "a.b": "${c}" },
          rotation: { every: "90d", overlap: "1h" },
          secretWo: secret.secret,
          rotationTrigger: rotation.trigger,
          tests: [
            { call: "algo://demos/hello", origin: "https://shop.example.com", expect: "allow" },
            { data: "read", expect: "deny" },
          ],
        });
        new AccessCheck(stack, "check", { key: web, secret, command: COMMAND });
        new ApplicationKeys(stack, "keys", {
          applications: { batch: { algorithms: ["algo://acme/*"] } },
          environments: { production: {}, staging: { data: "readwrite" } },
          secretVersion: 1,
        });
        new ApiKeys(stack, "others", { project: "others", keys: { one: { algorithms: [] }, two: { algorithms: [] } } });
        const read = new DataAlgorithmiaApiKey(stack, "read", { name: "web", dependsOn: [web] });
        new cdk.TerraformOutput(stack, "told", {
          value: `${read.id} ${cdk.Fn.join(",", read.algorithms)} ${read.origins.getBooleanAttribute("web").toString()} ${read.labels.lookup("team")}`,
        });
        new cdk.TerraformOutput(stack, "description", { value: read.description });
      };
    };
    const at = await workspace(make("2026-Q4"));
    await at.runTo(0, "validate");
    expect(await at.runTo(0, "apply -auto-approve")).toContain("Apply complete! Resources: 6 added");
    // The secret is confirmed by the first refresh that finds it in the state.
    await at.runTo(0, "apply -auto-approve");
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain(NO_CHANGES);
    const outputs = JSON.parse((await at.run("output -json")).output) as Record<string, { value: string }>;
    expect(outputs["told"]?.value).toMatch(/^\w+ algo:\/\/acme\/x\/1\.\*,algo:\/\/demos\/hello true shop$/);
    expect(outputs["description"]?.value).toBe('costs ${5}, %{x}, $${y}, $$${z}, a \\ and "b"\n');

    const before = await keyNamed(at, "web");
    put(at, make("2027-Q1"));
    await at.runTo(0, "apply -auto-approve");
    const after = await keyNamed(at, "web");
    expect(after.id).toBe(before.id);
    expect(after.credentials).toHaveLength(before.credentials.length + 1);
    await at.runTo(0, "apply -auto-approve");
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain(NO_CHANGES);
    await at.runTo(0, "destroy -auto-approve");
  });

  test("fails an apply whose declared calls are not decided as declared", async () => {
    const at = await workspace(({ stack }) => {
      const key = new ApiKey(stack, "web", { name: "web", algorithms: ["algo://demos/hello"] });
      const calls = [{ call: "algo://other/thing", expect: "allow" }] as const;
      new AccessCheck(stack, "check", { key, calls, command: COMMAND });
    });
    const told = await at.runTo(1, "apply -auto-approve");
    expect(told).toContain("expected to allow, and it is refused");
    expect(told).toContain("not_in_list");
  });

  test("imports what is live, and follows a construct that moves", async () => {
    const at = await workspace(({ stack }) => {
      new ApiKey(stack, "web", { name: "web", algorithms: ["algo://demos/hello"] });
    });
    await at.runTo(0, "apply -auto-approve");
    const { id } = await keyNamed(at, "web");
    put(at, ({ stack }) => {
      new ApiKey(stack, "shop", { name: "web", algorithms: ["algo://demos/hello"] }).moveFromId(
        "algorithmia_api_key.web",
      );
    });
    expect(await at.runTo(0, "apply -auto-approve")).toContain("0 added, 0 changed, 0 destroyed");
    await at.runTo(0, "state rm algorithmia_api_key.shop");
    put(at, ({ stack }) => {
      const key = new ApiKey(stack, "again", { name: "web", algorithms: ["algo://demos/hello"] });
      key.importFrom("acme/web");
    });
    expect(await at.runTo(0, "apply -auto-approve")).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
    expect((await keyNamed(at, "web")).id).toBe(id);
  });
});

async function keyNamed(
  at: TerraformWorkspace,
  name: string,
): Promise<{ id: string; credentials: readonly unknown[] }> {
  const { keys } = await at.withPlatform(({ api }) => api.listKeys("acme", { limit: 100 }));
  const key = keys.find((one) => one.name === name);
  if (key === undefined) throw new Error(`there is no key ${name}`);
  return key;
}
