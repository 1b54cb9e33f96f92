import { describe, expect, test } from "vitest";
import {
  AlgorithmiaProvider,
  AlgorithmiaSecret,
  ApiKey,
  ApiKeys,
  DataAlgorithmiaApiKey,
} from "../../src/constructs/index.ts";
import { cdk } from "../../src/constructs/cdk.ts";
import { keyBlock, synthesisError, testStack, type StackJson, type TestStack } from "./stack.ts";

const WEB = {
  name: "storefront-web",
  algorithms: ["algo://demos/sentiment_analysis"],
  origins: { native: false, web: true, referrers: ["shop.example.com"] },
} as const;

describe("a key", () => {
  test("is synthesized with its fields by Terraform's names, and with where it comes from", () => {
    const { stack, json } = testStack();
    new ApiKey(stack, "web", { ...WEB, keepSecretInState: true, rotation: { every: "90d" } });
    expect(keyBlock(json(), "web")).toMatchInlineSnapshot(`
      {
        "//": {
          "metadata": {
            "path": "storefront/web",
            "uniqueId": "web",
          },
        },
        "algorithms": [
          "algo://demos/sentiment_analysis",
        ],
        "keep_secret_in_state": true,
        "name": "storefront-web",
        "origins": {
          "native": false,
          "referrers": [
            "shop.example.com",
          ],
          "web": true,
        },
        "rotation": {
          "every": "90d",
        },
      }
    `);
  });

  test("is found by CDKTF's matchers, as the provider and a data source are", () => {
    const { stack } = testStack();
    new ApiKey(stack, "web", WEB);
    new DataAlgorithmiaApiKey(stack, "other", { name: "billing" });
    const text = cdk.Testing.synth(stack);
    expect(text).toHaveResource(ApiKey, { name: "storefront-web" });
    expect(text).not.toHaveResource(ApiKey, { name: "billing" });
    expect(text).toHaveDataSource(DataAlgorithmiaApiKey, { name: "billing" });
    expect(text).toHaveProvider(AlgorithmiaProvider, { account: "acme" });
  });

  test("refers to itself by its outputs, in texts too", () => {
    const { stack, json } = testStack();
    const key = new ApiKey(stack, "web", WEB);
    new cdk.TerraformOutput(stack, "told", { value: `${key.id} ${key.mask} ${key.fingerprint}` });
    expect(json().output["told"]?.["value"]).toBe(
      "${algorithmia_api_key.web.id} ${algorithmia_api_key.web.mask} ${algorithmia_api_key.web.fingerprint}",
    );
  });

  test("keeps texts that look like templates, and lets expressions be expressions", () => {
    const { stack, json } = testStack();
    const team = new cdk.TerraformVariable(stack, "team", { type: "string", default: "shop" });
    const description = `costs \${5} or %{x} for ${team.stringValue}`;
    const raw = cdk.Lazy.stringValue({ produce: () => "${upper(var.team)}" });
    new ApiKey(stack, "web", { ...WEB, description, labels: { raw, "a-b": "${c}" } });
    const made = keyBlock(json(), "web");
    expect(made["description"]).toBe("costs $${5} or %%{x} for ${var.team}");
    expect(made["labels"]).toEqual({ raw: "${upper(var.team)}", "a-b": "$${c}" });
  });

  test("takes what is live, and what another address had, without starting terraform", () => {
    const { stack } = testStack();
    new ApiKey(stack, "web", WEB).importFrom("acme/storefront-web");
    const renamed = new ApiKey(stack, "batch", { name: "batch", algorithms: [] });
    renamed.moveFromId("algorithmia_api_key.nightly");
    const path = process.env["PATH"];
    process.env["PATH"] = "";
    try {
      // The library itself asks for the version once where something is moved; an import costs nothing.
      const made = JSON.parse(cdk.Testing.synth(stack)) as StackJson;
      expect(made.import).toEqual([{ id: "acme/storefront-web", to: "algorithmia_api_key.web" }]);
      expect(made.moved).toEqual([{ from: "algorithmia_api_key.nightly", to: "algorithmia_api_key.batch" }]);
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("uses the provider that it is handed", () => {
    const { stack, json } = testStack();
    const other = new AlgorithmiaProvider(stack, "other", { alias: "other", account: "beta" });
    new ApiKey(stack, "web", { ...WEB, provider: other });
    new AlgorithmiaSecret(stack, "secret", { provider: other });
    const made = json();
    expect(keyBlock(made, "web")["provider"]).toBe("algorithmia.other");
    expect(made.ephemeral["algorithmia_secret"]?.["secret"]?.["provider"]).toBe("algorithmia.other");
  });

  test("may be changed by an aspect before it is synthesized", () => {
    const { stack, json } = testStack();
    new ApiKey(stack, "web", WEB);
    cdk.Aspects.of(stack).add({
      visit: (construct) => {
        if (construct instanceof ApiKey) construct.fields.labels = { ...construct.fields.labels, team: "shop" };
      },
    });
    expect(keyBlock(json(), "web")["labels"]).toEqual({ team: "shop" });
  });

  test("is fed by an ephemeral secret", () => {
    const { stack, json } = testStack();
    const secret = new AlgorithmiaSecret(stack, "secret");
    new ApiKey(stack, "web", { ...WEB, secretWo: secret.secret, secretWoVersion: 2 });
    const made = json();
    expect(made.ephemeral).toMatchObject({ algorithmia_secret: { secret: {} } });
    expect(keyBlock(made, "web")).toMatchObject({
      secret_wo: "${ephemeral.algorithmia_secret.secret.secret}",
      secret_wo_version: "2",
    });
  });
});

describe("what is wrong", () => {
  test("ends the synthesis with every problem, each with the construct's path and the field", () => {
    const message = synthesisError(({ stack }) => {
      new ApiKey(stack, "web", {
        name: "storefront web",
        algorithms: ["algo://foo/bar/", "https://foo"],
        origins: { native: false, web: true, referrers: ["shop.example.com/path"] },
        expires: "tomorrow",
      });
      new ApiKey(stack, "dead", { name: "dead", algorithms: [], origins: { native: false } });
    });
    const told = message.split("\n").map((line) => line.trim());
    const starts = [
      "[storefront/web] name: ",
      "[storefront/web] algorithms[0]: ",
      "[storefront/web] algorithms[1]: ",
      "[storefront/web] origins.referrers[0]: ",
      "[storefront/web] expires: ",
      "[storefront/dead] origins: nobody may call with this key.",
    ];
    for (const start of starts) expect(told.filter((line) => line.startsWith(start))).toHaveLength(1);
    expect(message).toContain("Did you mean `shop.example.com`?");
  });

  test("is advised of in TypeScript", () => {
    const message = synthesisError(({ stack }) => {
      new ApiKey(stack, "web", { name: "web", algorithms: [], origins: { referrers: ["a.example.com"] } });
    });
    expect(message).toContain("Add `web: true`");
  });

  test.each<[string, (made: TestStack) => void, string]>([
    [
      "a secret that is written out",
      ({ stack }) => new ApiKey(stack, "web", { ...WEB, secretWo: "sim123", secretWoVersion: 1 }),
      "[storefront/web] secretWo: the secret would stand in the synthesized file",
    ],
    [
      "an admin key that is written out",
      ({ stack }) => new AlgorithmiaProvider(stack, "b", { alias: "b", token: "adm123" }),
      "[storefront/b] token: the admin key would stand in the synthesized file",
    ],
    [
      "secrets of a project that are written out",
      ({ stack }) => new ApiKeys(stack, "all", { keys: { a: { algorithms: [] } }, secretsWo: { a: "sim123" } }),
      '[storefront/all] secretsWo["a"]: the secret would stand',
    ],
    [
      "a secret that can never be replaced",
      ({ stack }) => new ApiKey(stack, "web", { ...WEB, secretWo: new AlgorithmiaSecret(stack, "s").secret }),
      "Add `secretWoVersion: 1`",
    ],
    [
      "a version of no secret",
      ({ stack }) => new ApiKey(stack, "web", { ...WEB, secretWoVersion: 1 }),
      "[storefront/web] secretWoVersion: ",
    ],
    [
      "a rotation that nobody would hold",
      ({ stack }) => new ApiKey(stack, "web", { ...WEB, rotationTrigger: { a: "b" } }),
      "[storefront/web] rotationTrigger: ",
    ],
    [
      "a text that only looks like a token",
      ({ stack }) => new ApiKey(stack, "web", { ...WEB, description: "a ${TfToken[TOKEN.999999]}" }),
      "[storefront/web] description: The text holds `${TfToken[...]}`",
    ],
    [
      "a key of a project",
      ({ stack }) => new ApiKeys(stack, "all", { keys: { web: { algorithms: ["algo://x"] } } }),
      "[storefront/all] keys.web.algorithms[0]: ",
    ],
    [
      "a manifest",
      ({ stack }) => new ApiKeys(stack, "all", { manifest: "version: 1\nkeys:\n  web: { algoritms: [] }\n" }),
      "[storefront/all] manifest:3:10, keys.web.algoritms: ",
    ],
    [
      "a field that there is not",
      ({ stack }) => {
        const fields = { ...WEB, protekt: true, origins: { web: true, referers: ["a.example.com"] }, secret_wo: "x" };
        return new ApiKey(stack, "web", fields);
      },
      "[storefront/web] protekt: There is no such field. Did you mean `protect`?",
    ],
    [
      "a name of two keys",
      ({ stack }) => [
        new ApiKey(stack, "a", { name: "web", algorithms: [] }),
        new ApiKey(stack, "b", { name: "Web", algorithms: [] }),
      ],
      'storefront/a and storefront/b are both named "Web"',
    ],
    [
      "a key without a name",
      ({ stack }) => new ApiKey(stack, "web", { algorithms: [] } as never),
      "[storefront/web] name: The key has none.",
    ],
    [
      "a key whose name is null",
      ({ stack }) => new ApiKey(stack, "web", { name: null, algorithms: [] } as never),
      "[storefront/web] name: The key has none.",
    ],
    [
      "a manifest of another account",
      ({ stack }) =>
        new ApiKeys(stack, "all", { account: "beta", manifest: "version: 1\naccount: acme\nproject: p\nkeys: {}\n" }),
      '[storefront/all] account: "beta" is stated here, and "acme" in the declaration.',
    ],
    [
      "neither manifest nor keys",
      ({ stack }) => new ApiKeys(stack, "all", {}),
      "[storefront/all] State `manifest` or `keys`.",
    ],
    [
      "a key to look up of which nothing is stated",
      ({ stack }) => new DataAlgorithmiaApiKey(stack, "x", {}),
      "[storefront/x] State one of `name` and `id`.",
    ],
  ])("%s", (_, make, told) => {
    expect(synthesisError(make)).toContain(told);
  });

  test("is told without the secret", () => {
    const message = synthesisError(({ stack }) => {
      new ApiKey(stack, "web", { ...WEB, secretWo: "simVerySecretIndeed0000000001", secretWoVersion: 1 });
    });
    expect(message).not.toContain("VerySecret");
  });

  test("is only warned of where it is legal", () => {
    const { stack, app } = testStack();
    new ApiKey(stack, "web", { name: "web", algorithms: ["algo://*"], origins: { native: false, web: true } });
    app.synth();
    const { metadata } = stack.node.findChild("web").node;
    const warnings = metadata.filter(({ type }) => type.endsWith("warn")).map(({ data }) => String(data));
    expect(warnings).toEqual([
      expect.stringContaining("algorithms[0]: browsers may call every algorithm"),
      expect.stringContaining("origins.web: browsers of every site may call"),
    ]);
  });

  test("is not judged where it is known only later", () => {
    const { stack, json } = testStack();
    const list = new cdk.TerraformVariable(stack, "list", { type: "set(string)" });
    const flag = new cdk.TerraformVariable(stack, "flag", { type: "bool" });
    const name = new cdk.TerraformVariable(stack, "name", { type: "string" });
    new ApiKey(stack, "web", {
      name: name.stringValue,
      account: name.stringValue,
      algorithms: list.listValue,
      origins: { native: flag.booleanValue, web: flag.booleanValue, referrers: list.listValue },
      rotation: { every: name.stringValue },
      enabled: flag.booleanValue,
      expires: name.stringValue,
      labels: { a: name.stringValue },
    });
    const part = { name: "part", algorithms: [name.stringValue] };
    new ApiKey(stack, "one", { ...part, origins: { native: false, web: true, referrers: [name.stringValue] } });
    new ApiKey(stack, "two", { ...part, name: "two", origins: { native: false, web: flag.booleanValue } });
    new ApiKey(stack, "six", {
      ...part,
      name: "six",
      origins: { web: flag.booleanValue, referrers: ["a.example.com"] },
    });
    expect(keyBlock(json(), "web")).toMatchObject({
      algorithms: "${var.list}",
      origins: { native: "${var.flag}", web: "${var.flag}", referrers: "${var.list}" },
      labels: { a: "${var.name}" },
    });
  });
});

test("elements of one library in an app of another are told of where they are made", async () => {
  const { createRequire } = await import("node:module");
  const load = createRequire(import.meta.url);
  const name = load("#cdk") === load("cdktf") ? "cdktn" : "cdktf";
  const other = load(name) as typeof cdk;
  const { outdir } = testStack();
  const stack = new other.TerraformStack(new other.App({ outdir }), "other");
  expect(() => new ApiKey(stack, "web", WEB)).toThrow("The app is made with another library than algokeys/constructs");
});
