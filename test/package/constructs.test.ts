import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanEnv } from "../support/run-cli.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const PLAIN = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];

/** An empty project into which the packed package is installed. */
let project: string;
const env = cleanEnv();

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "algokeys-consumer-"));
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as { filename: string }[];
  writeFileSync(join(project, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
  npm("install", `./${packed?.filename ?? ""}`);
}, 300_000);
afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function npm(...args: readonly string[]): void {
  execFileSync("npm", [...args, ...PLAIN], { cwd: project, env, stdio: "pipe" });
}

function run(
  file: string,
  text: string,
  ...node: readonly string[]
): { readonly status: number | null; output: string } {
  writeFileSync(join(project, file), text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, file], {
    cwd: project,
    env,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

/** Checks a program's types as a user's project does. */
function typeErrors(file: string, text: string, options: Readonly<Record<string, unknown>>): string {
  mkdirSync(join(project, "types"), { recursive: true });
  writeFileSync(join(project, "types", file), text);
  const config = {
    compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, types: [], target: "es2023", ...options },
    files: [file],
  };
  writeFileSync(join(project, "types/tsconfig.json"), JSON.stringify(config));
  return spawnSync(process.execPath, [TSC, "-p", "types"], { cwd: project, encoding: "utf8" }).stdout;
}

const app = (library: string): string => `
import { App, TerraformStack } from "${library}";
import { AlgorithmiaProvider, AlgorithmiaSecret, ApiKey, KeyRotation } from "algokeys/constructs";
const app = new App();
const stack = new TerraformStack(app, "shop");
new AlgorithmiaProvider(stack, "algorithmia", { account: "acme" });
const secret = new AlgorithmiaSecret(stack, "secret");
const rotation = new KeyRotation(stack, "rotation", { epoch: "1" });
const key = new ApiKey(stack, "web", {
  name: "web", algorithms: ["algo://a/b"], data: "read", secretWo: secret.secret, rotationTrigger: rotation.trigger,
});
console.log(typeof key.id);
app.synth();
`;

describe("a project without a construct library", () => {
  test("is asked for one in words, from ESM and from CommonJS", () => {
    for (const [file, text] of [
      ["none.mjs", 'import "algokeys/constructs";'],
      ["none.cjs", 'require("algokeys/constructs");'],
    ] as const) {
      const { status, output } = run(file, text);
      expect(status).toBe(1);
      expect(output).toContain("algokeys/constructs needs the package cdktf, which is not installed.");
      expect(output).toContain("npm install cdktf@0.21 constructs@~10.7");
      expect(output).toContain("npm install cdktn");
    }
  });

  test("can use the rest of the package", () => {
    const { status, output } = run(
      "rest.mjs",
      'import { defineManifest } from "algokeys"; console.log(typeof defineManifest);',
    );
    expect({ status, output }).toEqual({ status: 0, output: "function\n" });
  });
});

describe.each([
  ["cdktf", "cdktf@0.21.0", []],
  ["cdktn", "cdktn@0.24.0", ["cdktn"]],
] as const)("a project with %s", (library, version, customConditions) => {
  beforeAll(() => {
    if (library === "cdktn") npm("uninstall", "cdktf");
    npm("install", version, "constructs@10.7.2");
  }, 300_000);

  test("runs an app from ESM, whatever the conditions", () => {
    expect(run("app.mjs", app(library))).toEqual({ status: 0, output: "string\n" });
    expect(run("app.mjs", app(library), "--conditions=cdktn")).toEqual({ status: 0, output: "string\n" });
  });

  test("requires the constructs from CommonJS", () => {
    const text = `const { App, TerraformStack } = require("${library}");
const { ApiKey, AlgorithmiaProvider } = require("algokeys/constructs");
const app = new App();
const stack = new TerraformStack(app, "shop");
new AlgorithmiaProvider(stack, "p");
new ApiKey(stack, "web", { name: "web", algorithms: [] });
app.synth();
console.log("done");`;
    const { status, output } = run("app.cjs", text, "--no-warnings");
    expect({ status, output }).toEqual({ status: 0, output: "done\n" });
  });

  test.each([
    ["nodenext", { module: "nodenext" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ])("has the types under %s", (_, options) => {
    const conditions = customConditions.length === 0 ? {} : { customConditions };
    expect(typeErrors("app.ts", app(library), { lib: ["es2023", "dom"], ...options, ...conditions })).not.toMatch(
      /types\/app\.ts|algokeys/,
    );
    const wrong = app(library).replace('data: "read"', 'data: "write"');
    expect(typeErrors("wrong.ts", wrong, { lib: ["es2023", "dom"], ...options, ...conditions })).toContain(
      `Type '"write"' is not assignable`,
    );
  });

  test("has the types from CommonJS", () => {
    const conditions = customConditions.length === 0 ? {} : { customConditions };
    const text = app(library);
    expect(typeErrors("app.cts", text, { module: "nodenext", lib: ["es2023", "dom"], ...conditions })).not.toMatch(
      /types\/app\.cts|algokeys/,
    );
  });
});

test("nullTrigger asks for its package in words", () => {
  const text = `import { App, TerraformStack } from "cdktn";
import { KeyRotation } from "algokeys/constructs";
import { nullTrigger } from "algokeys/constructs/null";
new KeyRotation(new TerraformStack(new App(), "a"), "r", { epoch: "1", trigger: nullTrigger });`;
  const { status, output } = run("null.mjs", text);
  expect(status).toBe(1);
  expect(output).toContain("nullTrigger needs the package @cdktf/provider-null, which is not installed");
});
