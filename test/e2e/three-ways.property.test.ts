import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cdk } from "../../src/constructs/cdk.ts";
import { AlgorithmiaProvider, ApiKey } from "../../src/constructs/index.ts";
import { canonicalSpec } from "../../src/core/canonical.ts";
import { declaredSpec } from "../../src/core/declared-spec.ts";
import type { KeySpec } from "../../src/core/key-spec.ts";
import type { Manifest } from "../../src/core/manifest.ts";
import { constructId } from "../../src/manifest/construct-id.ts";
import { loadDataFiles, loadText } from "../../src/manifest/load.ts";
import { writeHcl } from "../../src/manifest/write-hcl.ts";
import { writeDeclaration } from "../../src/manifest/write-yaml.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import { NO_PLATFORM } from "../../src/plan/live-state.ts";
import { specFrom } from "../../src/terraform/resources/spec-attributes.ts";
import { arbitraryManifestKeys } from "../support/arbitraries.ts";
import { terraformWorkspace } from "../support/terraform.ts";

const RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 100 : 8;
const OWNER = { account: "acme", project: "shop" };
type Key = Pick<Manifest["keys"][number], "name" | "spec">;

const NASTY = fc.constantFrom(
  "",
  "${x}",
  "$${x}",
  "%{y}",
  "$$${z} %%{z}",
  '"\\',
  "a\nb\t",
  "\u202e",
  "${TfToken",
  "😀",
);

/** Keys whose texts hold what is special to one language or another. */
const keysWithTexts = fc.tuple(arbitraryManifestKeys, NASTY, NASTY).map(([keys, description, label]): Key[] =>
  keys.map(({ name, spec }) => ({
    name,
    spec: {
      ...spec,
      description: `${spec.description}${description}`,
      labels: { ...spec.labels, nasty: label },
    },
  })),
);

test(
  `the same keys give the same plan in YAML, in constructs and in HCL, over ${String(RUNS)} declarations`,
  { timeout: 60_000 * RUNS },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        keysWithTexts.filter((keys) => keys.length > 0),
        async (keys) => {
          const inYaml = manifestOf(loadText(writeDeclaration({ ...OWNER, keys }), { env: {}, vars: {} }));
          const planned = planOf(inYaml);
          const stack = synthesized(keys);
          expect(planOf(manifestOf(loadStack(stack)))).toEqual(planned);
          expect(planned.changes.map(({ name }) => name).sort()).toEqual(keys.map(({ name }) => name).sort());
          const due = meaningOf(keys);
          expect(await plannedByTerraform({ "cdk.tf.json": withPlatform(stack) })).toEqual(due);
          expect(await plannedByTerraform({ "main.tf": `${hcl(keys)}\n` })).toEqual(due);
        },
      ),
      // A run takes seconds: what was found is told as it was drawn.
      { numRuns: RUNS, endOnFailure: true },
    );
  },
);

function manifestOf(read: ReturnType<typeof loadText>): Manifest {
  expect(read.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!read.ok) throw new Error("unreachable");
  return read.value;
}

/** The plan on a platform that has nothing, without what tells one source from another. */
function planOf(manifest: Manifest): ReturnType<typeof computePlan> {
  const account = { name: manifest.account, exists: false, revision: 0 };
  const live = { account, keys: [], platform: { url: "file:x", instance: NO_PLATFORM }, callerKey: null };
  const options = { adopt: false, maxDeletes: null, allowLockout: false, reveal: false };
  const plan = computePlan(manifest, live, options, { createdAt: "2026-11-30T00:00:00.000Z" });
  return { ...plan, declaration: { files: [], digest: "" } };
}

/** The keys as constructs, synthesized. */
function synthesized(keys: readonly Key[]): string {
  const outdir = mkdtempSync(join(tmpdir(), "algokeys-synth-"));
  try {
    const app = new cdk.App({ outdir });
    const stack = new cdk.TerraformStack(app, "shop");
    new cdk.LocalBackend(stack, { path: "terraform.tfstate" });
    new AlgorithmiaProvider(stack, "algorithmia", OWNER);
    for (const { name, spec } of keys) {
      const { expires, rotation, ...fields } = declaredSpec(spec);
      new ApiKey(stack, constructId(name), {
        name,
        ...fields,
        algorithms: spec.algorithms,
        ...(expires === null ? {} : { expires }),
        ...(rotation === null ? {} : { rotation }),
      });
    }
    app.synth();
    return readFileSync(join(outdir, "stacks/shop/cdk.tf.json"), "utf8");
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function loadStack(text: string): ReturnType<typeof loadText> {
  const cwd = mkdtempSync(join(tmpdir(), "algokeys-stack-"));
  try {
    writeFileSync(join(cwd, "cdk.tf.json"), text);
    return loadDataFiles(["cdk.tf.json"], { cwd, env: {}, vars: {} });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** On Terraform's side the platform is a file, too. */
function withPlatform(stack: string): string {
  const made = JSON.parse(stack) as { provider: { algorithmia: Record<string, unknown>[] } };
  made.provider.algorithmia = made.provider.algorithmia.map((one) => ({ ...one, platform: "file:platform.db" }));
  return JSON.stringify(made);
}

/** The keys in HCL, to be made instead of imported. */
function hcl(keys: readonly Key[]): string {
  const text = writeHcl({ ...OWNER, keys });
  return text.replace(/^import \{\n.*\n.*\n\}\n/gm, "").replace('provider "algorithmia" {', (head) => {
    return `${head}\n  platform = "file:platform.db"`;
  });
}

/** What terraform plans of these files, by the names of the keys. */
async function plannedByTerraform(files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, KeySpec>>> {
  const at = await terraformWorkspace("", "");
  try {
    for (const [name, text] of Object.entries(files)) at.write(name, text);
    await at.runTo(0, "init");
    await at.runTo(0, "plan -out=plan.bin");
    const { output } = await at.run("show -json plan.bin");
    const planned = JSON.parse(output) as PlanJson;
    const resources = planned.planned_values.root_module.resources ?? [];
    return meaningOf(resources.map(({ values }) => ({ name: values["name"] as string, spec: specFrom(values) })));
  } finally {
    await at.close();
  }
}

interface PlanJson {
  readonly planned_values: {
    readonly root_module: { readonly resources?: readonly { readonly values: Parameters<typeof specFrom>[0] }[] };
  };
}

/** What keys mean, by their names: spelling and order do not count, and Terraform keeps every text in one form of Unicode. */
function meaningOf(keys: readonly Key[]): Readonly<Record<string, KeySpec>> {
  const meaning = keys.map(({ name, spec }) => [name, canonicalSpec(spec)] as const);
  return JSON.parse(JSON.stringify(Object.fromEntries(meaning)).normalize("NFC")) as Record<string, KeySpec>;
}
