import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cdk } from "../../src/constructs/cdk.ts";
import {
  AccessCheck,
  AlgorithmiaSecret,
  ApiKey,
  ApiKeys,
  ApplicationKeys,
  ForbidWildcard,
  KeyRotation,
  KeysFromManifest,
  RequireReferrers,
  type ApplicationKeysConfig,
} from "../../src/constructs/index.ts";
import { keyBlock, resources, synthesisError, testStack } from "./stack.ts";

const APPLICATIONS: ApplicationKeysConfig["applications"] = {
  shop: { algorithms: ["algo://demos/hello"], labels: { team: "shop" } },
  batch: { algorithms: ["algo://acme/*"], data: "readwrite" },
};
const ENVIRONMENTS: ApplicationKeysConfig["environments"] = {
  production: { protect: true, labels: { stage: "production" } },
  staging: {},
};

describe("keys of applications and environments", () => {
  test("are made of one definition, one each", () => {
    const { stack, json } = testStack();
    const keys = new ApplicationKeys(stack, "keys", { applications: APPLICATIONS, environments: ENVIRONMENTS });
    new cdk.TerraformOutput(stack, "id", { value: keys.key("shop", "production").id });
    const made = Object.values(resources(json(), "algorithmia_api_key"));
    expect(made.map(({ name }) => String(name)).sort()).toEqual([
      "batch-production",
      "batch-staging",
      "shop-production",
      "shop-staging",
    ]);
    expect(made).toContainEqual(
      expect.objectContaining({
        name: "shop-production",
        protect: true,
        labels: { team: "shop", stage: "production" },
      }),
    );
  });

  test("have addresses that no order changes", () => {
    const reversed = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(record).reverse());
    const addresses = [
      { applications: APPLICATIONS, environments: ENVIRONMENTS },
      { applications: reversed(APPLICATIONS), environments: reversed(ENVIRONMENTS) },
    ].map((config) => {
      const { stack, json } = testStack();
      new ApplicationKeys(stack, "keys", config);
      const made = Object.entries(resources(json(), "algorithmia_api_key"));
      return Object.fromEntries(made.map(([address, { name }]) => [String(name), address] as const));
    });
    expect(addresses[1]).toEqual(addresses[0]);
    expect(new Set(Object.values(addresses[0] ?? {})).size).toBe(4);
  });

  test("have secrets of their own, and tell which keys there are", () => {
    const { stack, json } = testStack();
    const keys = new ApplicationKeys(stack, "keys", {
      applications: APPLICATIONS,
      environments: ENVIRONMENTS,
      secretVersion: 3,
      name: (application, environment) => `${environment}.${application}`,
    });
    new ApiKey(stack, "other", {
      name: "other",
      algorithms: [],
      secretWo: keys.secret("shop", "staging"),
      secretWoVersion: 3,
    });
    expect(() => keys.key("shop", "nowhere")).toThrow("There is no key of shop/nowhere. There are shop/production");
    const made = json();
    expect(Object.keys(made.ephemeral["algorithmia_secret"] ?? {})).toHaveLength(4);
    expect(Object.values(resources(made, "algorithmia_api_key"))).toContainEqual(
      expect.objectContaining({ name: "staging.shop", secret_wo_version: "3" }),
    );
  });
});

describe("keys of a manifest", () => {
  const MANIFEST = `version: 1
account: acme
project: storefront
defaults: { data: read }
keys:
  web:
    description: "costs \${var.price}"
    algorithms: [algo://demos/hello]
    origins: { native: false, web: true, referrers: [shop.example.com] }
    deliver: [{ to: dotenv, file: .env, name: API_KEY }]
    tests: [{ call: algo://demos/hello, origin: https://shop.example.com, expect: allow }]
  batch: { algorithms: [algo://acme/*], renamed_from: nightly, rotation: { every: 90d } }
`;

  function fileOf(text: string): { readonly files: string; readonly folder: string } {
    const folder = mkdtempSync(join(tmpdir(), "algokeys-manifest-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(join(folder, "keys.yaml"), text);
    return { files: "keys.yaml", folder };
  }

  test("become constructs, with what the command line alone reads", () => {
    const { stack, json } = testStack();
    const keys = new KeysFromManifest(stack, "keys", { ...fileOf(MANIFEST), variables: { price: "${5}" } });
    expect([...keys.keys.keys()]).toEqual(["batch", "web"]);
    const made = resources(json(), "algorithmia_api_key");
    expect(made[keys.key("web").friendlyUniqueId]).toMatchObject({
      name: "web",
      description: "costs $${5}",
      data: "read",
      "//": { algokeys: { deliver: [{ to: "dotenv", name: "API_KEY" }], tests: [{ expect: "allow" }] } },
    });
    expect(made[keys.key("batch").friendlyUniqueId]).toMatchObject({
      rotation: { every: "90d", overlap: "24h" },
      "//": { algokeys: { renamed_from: "nightly" } },
    });
    expect(() => keys.key("nothing")).toThrow("[storefront/keys] The declaration has no key nothing.");
  });

  test("of one that is not valid are told of with their places", () => {
    const { stack } = testStack();
    const written = fileOf(MANIFEST.replace("data: read", "data: write"));
    expect(() => new KeysFromManifest(stack, "keys", written)).toThrow(
      /^\[storefront\/keys\] The declaration is not valid\.\nkeys\.yaml:4:19, defaults\.data: /,
    );
    expect(() => new KeysFromManifest(stack, "keys2", { files: "keys.ts" })).toThrow("keys.ts");
  });
});

describe("a rotation", () => {
  test("is a trigger of terraform's own, whose id every key's trigger holds", () => {
    const { stack, json } = testStack();
    const rotation = new KeyRotation(stack, "rotation", { epoch: "2026-Q4" });
    const { secret } = new AlgorithmiaSecret(stack, "secret");
    new ApiKey(stack, "web", { name: "web", algorithms: [], secretWo: secret, rotationTrigger: rotation.trigger });
    const made = json();
    const [address] = Object.keys(resources(made, "terraform_data"));
    expect(resources(made, "terraform_data")[String(address)]?.["triggers_replace"]).toEqual({ epoch: "2026-Q4" });
    expect(keyBlock(made, "web")["rotation_trigger"]).toEqual({
      epoch: "2026-Q4",
      trigger: `\${terraform_data.${String(address)}.id}`,
    });
  });
});

describe("an access check", () => {
  test("runs the command line with names and the secret in the environment alone", () => {
    const { stack, json } = testStack();
    const secret = new AlgorithmiaSecret(stack, "secret");
    const key = new ApiKey(stack, "web", {
      name: "web",
      algorithms: [],
      secretWo: secret.secret,
      secretWoVersion: 1,
      tests: [
        { call: "algo://demos/hello", origin: "https://shop.example.com", expect: "deny" },
        { data: "read", expect: "deny" },
      ],
    });
    new AccessCheck(stack, "check", { key, secret, command: "algokeys" });
    const [check] = Object.values(resources(json(), "terraform_data"));
    expect(check?.["provisioner"]).toMatchObject([
      {
        "local-exec": {
          command:
            'algokeys try "$CHECKED_KEY" --account "$CHECKED_ACCOUNT" --call \'algo://demos/hello\' ' +
            "--origin 'https://shop.example.com' --expect deny --secret-env CHECKED_SECRET",
          environment: {
            ALGOKEYS_PLATFORM: "file:platform.db",
            CHECKED_KEY: "${algorithmia_api_key.web.name}",
            CHECKED_SECRET: expect.stringContaining("ephemeral.algorithmia_secret.secret.secret") as unknown,
          },
        },
      },
      { "local-exec": { command: expect.stringContaining("--data 'read' --expect deny") as unknown } },
    ]);
  });

  test("sees what an aspect makes of the key, and refuses calls that are none", () => {
    const { stack, json } = testStack();
    const calls = [{ data: "read", expect: "deny" }] as const;
    const key = new ApiKey(stack, "web", { name: "web", algorithms: [] });
    new AccessCheck(stack, "check", { key, calls });
    cdk.Aspects.of(stack).add({
      visit: (construct) => {
        if (construct instanceof ApiKey) construct.fields.description = "by ${aspect}";
      },
    });
    const [check] = Object.values(resources(json(), "terraform_data"));
    expect(check?.["triggers_replace"]).toMatchObject({ spec: expect.stringContaining("by $${aspect}") as unknown });
    const wrong = [
      { call: "nonsense", expect: "deny" },
      { data: "read", expect: "maybe" },
    ] as never;
    const message = synthesisError(({ stack: other }) => {
      new AccessCheck(other, "c", { key: new ApiKey(other, "k", { name: "k", algorithms: [] }), calls: wrong });
    });
    expect(message).toContain("[storefront/c] calls[0].call: ");
    expect(message).toContain("[storefront/c] calls[1].expect: ");
  });

  test("of nothing, or with a secret that is written out, ends the synthesis", () => {
    const key = { name: "web", algorithms: [] };
    expect(synthesisError(({ stack }) => new AccessCheck(stack, "c", { key: new ApiKey(stack, "k", key) }))).toContain(
      "[storefront/c] calls: nothing is to be tried.",
    );
    const calls = [{ data: "read", expect: "deny" }] as const;
    expect(
      synthesisError(
        ({ stack }) => new AccessCheck(stack, "c", { key: new ApiKey(stack, "k", key), calls, secret: "sim" }),
      ),
    ).toContain("[storefront/c] secret: it would stand in the synthesized file");
  });
});

describe("aspects", () => {
  const OPEN = { algorithms: ["algo://*"], origins: { native: false, web: true } };

  test("end the synthesis at browsers of any site, whatever declares the key", () => {
    const message = synthesisError(({ stack }) => {
      new ApiKey(stack, "open", { name: "open", ...OPEN });
      new ApiKeys(stack, "map", { keys: { one: OPEN, two: { algorithms: [] } } });
      new ApiKeys(stack, "text", {
        manifest: `version: 1\naccount: a\nproject: p\nkeys:\n  three: { algorithms: [], origins: { web: true } }\n`,
      });
      new ApiKey(stack, "closed", { name: "closed", algorithms: [] });
      cdk.Aspects.of(stack).add(new RequireReferrers());
    });
    expect(message).toContain("[storefront/open] origins.referrers: pages of any site may call");
    expect(message).toContain("[storefront/map] one: origins.referrers: ");
    expect(message).toContain("[storefront/text] three: origins.referrers: ");
    expect(message).not.toContain("closed");
    expect(message).not.toContain("two");
  });

  test("end the synthesis at wildcards, but at those that are allowed", () => {
    const message = synthesisError(({ stack }) => {
      new ApiKey(stack, "all", { name: "all", algorithms: ["algo://*"] });
      new ApiKey(stack, "owner", { name: "owner", algorithms: ["algo://a/b", "algo://demos/*"] });
      new ApiKey(stack, "ours", { name: "ours", algorithms: ["algo://ACME/*", "algo://a/b/1.*"] });
      cdk.Aspects.of(stack).add(new ForbidWildcard({ except: ["algo://acme/*"] }));
    });
    expect(message).toContain("[storefront/all] algorithms[0]: algo://* allows every algorithm.");
    expect(message).toContain("[storefront/owner] algorithms[1]: algo://demos/* allows every algorithm of that owner.");
    expect(message).not.toContain("ours");
  });
});
