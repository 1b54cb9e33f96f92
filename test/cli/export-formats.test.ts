import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { mirrorWorkspace } from "../support/terraform-process.ts";
import { copyWorkspace, makeWorkspace, removeWorkspace, type Workspace } from "./workspace.ts";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const CONSTRUCTS = fileURLToPath(new URL("../../dist/constructs/index.js", import.meta.url));

const KEYS = `version: 1
account: acme
project: shop
keys:
  web:
    description: "costs \${x}: \\"5\\" %{y}\\n\\u202e \\\\"
    algorithms: [algo://demos/hello, algo://acme/x/1.*]
    origins: { native: false, web: true, referrers: [shop.example.com, "*.shop.example.com"] }
    labels: { a.b: "\${z}", team: shop, "0": "" }
  nightly.batch: { algorithms: [algo://acme/*], data: readwrite, protect: true, expires: 2030-01-31, rotation: { every: 90d, overlap: 1h } }
  nightly-batch: { algorithms: [], enabled: false, management: true }
  9-lives: { algorithms: [] }
  constructor: { algorithms: ["algo://*"] }
`.replace(/\$\{/g, "$$$${");

let live: Workspace;
beforeAll(async () => {
  live = makeWorkspace({ "keys.yaml": KEYS }, "keep");
  await live.runTo(0, "apply --auto-approve");
  await live.runTo(0, "keys set web data=read"); // what was changed by hand is exported as it is
});
afterAll(() => {
  removeWorkspace(live);
});

describe("what is live is exported", () => {
  test("as YAML, whose plan is empty", async () => {
    const at = copyWorkspace(live);
    await at.runTo(0, "export --out exported.yaml");
    await at.runTo(0, "plan exported.yaml --expect-no-changes");
  });

  test("as TypeScript, an app of CDKTF whose plan is empty and whose types are right", async () => {
    const at = copyWorkspace(live);
    await at.runTo(0, "export --format typescript --out keys.ts");
    const text = at.read("keys.ts");
    expect(text).toContain('new ApiKey(stack, "_constructor", {');
    expect(text).toContain("\\u{202e}");
    symlinkSync(MODULES, join(at.folder, "node_modules"));
    writeFileSync(join(at.folder, "keys.mjs"), text.replace('"algokeys/constructs"', JSON.stringify(CONSTRUCTS)));
    await at.runTo(0, `plan --app "node keys.mjs" --expect-no-changes`);
    const paths = { "algokeys/constructs": [CONSTRUCTS.replace(/\.js$/, ".d.ts")] };
    const options = { noEmit: true, strict: true, module: ts.ModuleKind.NodeNext, skipLibCheck: true, paths };
    const program = ts.createProgram([join(at.folder, "keys.ts")], { ...options, target: ts.ScriptTarget.ES2023 });
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
    expect(problems).toEqual([]);
  });

  test.each(["hcl", "typescript"])("as %s, which terraform imports without a change", async (format) => {
    const at = copyWorkspace(live);
    const terraform = mirrorWorkspace("");
    try {
      await at.runTo(0, `terraform install --dir "${terraform.mirror}"`);
      if (format === "hcl") {
        await at.runTo(0, "export --format hcl --out main.tf");
        terraform.write("main.tf", at.read("main.tf"));
        const { exitCode, output } = await ended(terraform.start("fmt -check -diff main.tf"));
        expect({ exitCode, output }).toEqual({ exitCode: 0, output: "" });
      } else {
        await at.runTo(0, "export --format typescript --out keys.mjs");
        const text = at.read("keys.mjs").replace('"algokeys/constructs"', JSON.stringify(CONSTRUCTS));
        writeFileSync(join(at.folder, "keys.mjs"), text);
        symlinkSync(MODULES, join(at.folder, "node_modules"));
        await at.runTo(0, `validate --app "node keys.mjs"`);
        terraform.write("cdk.tf.json", at.read("cdktf.out/stacks/shop/cdk.tf.json"));
      }
      const env = { ALGOKEYS_PLATFORM: `file:${join(at.folder, ".algokeys/platform.db")}` };
      await terraform.runTo(0, "init", env);
      const imported = await terraform.runTo(0, "plan", env);
      expect(imported).toContain("5 to import, 0 to add, 0 to change, 0 to destroy");
      await terraform.runTo(0, "apply -auto-approve", env);
      await terraform.runTo(0, "plan -detailed-exitcode", env);
    } finally {
      terraform.close();
    }
    await at.runTo(0, "plan keys.yaml"); // no secret and no name was touched
  });

  test("as what there is not is refused", async () => {
    const { stderr } = await live.runTo(3, "export --format toml");
    expect(stderr).toContain("Allowed choices are yaml, hcl, typescript");
  });
});

async function ended(run: {
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const exitCode = await run.ended;
  return { exitCode, output: run.output() };
}
