import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CLI, cleanEnv, runCliTo } from "../support/run-cli.ts";
import { terraformWorkspace } from "../support/terraform.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLE = join(ROOT, "examples/cdktf");
const ALGOKEYS = `"${process.execPath}" "${CLI}"`;

beforeAll(() => {
  execFileSync(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", join(EXAMPLE, "tsconfig.build.json")],
    { stdio: "pipe" },
  );
});
afterAll(() => {
  rmSync(join(EXAMPLE, "dist"), { recursive: true, force: true });
});

/** Synthesizes the example into a folder of its own, and gives that folder. */
function synthesize(conditions: readonly string[], variables: Readonly<Record<string, string>> = {}): string {
  const outdir = mkdtempSync(join(tmpdir(), "algokeys-example-"));
  onTestFinished(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  const env = cleanEnv({ ALGOKEYS, CDKTF_OUTDIR: outdir, ...variables });
  execFileSync(process.execPath, [...conditions, "examples/cdktf/dist/main.js"], { cwd: ROOT, env, stdio: "pipe" });
  return outdir;
}

function stackIn(outdir: string): string {
  return readFileSync(join(outdir, "stacks/storefront/cdk.tf.json"), "utf8");
}

describe.each([
  ["cdktf", []],
  ["cdktn", ["--conditions=cdktn"]],
])("the example on %s", (library, conditions) => {
  test("is synthesized, planned, applied, planned empty, rotated and destroyed by node and terraform", async () => {
    const at = await terraformWorkspace("", "");
    onTestFinished(() => at.close());
    at.write("cdk.tf.json", stackIn(synthesize(conditions)));
    await at.runTo(0, "init");
    expect(await at.runTo(0, "plan")).toContain("Plan: 7 to add");
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "apply -auto-approve");
    await at.runTo(0, "plan -detailed-exitcode");
    const before = await at.withPlatform(({ api }) => api.listKeys("acme", { limit: 100 }));

    at.write("cdk.tf.json", stackIn(synthesize(conditions, { EPOCH: "2027-Q1", PROTECT: "no" })));
    await at.runTo(0, "apply -auto-approve");
    const after = await at.withPlatform(({ api }) => api.listKeys("acme", { limit: 100 }));
    const held = ({ keys }: typeof after): Record<string, [string, number]> =>
      Object.fromEntries(keys.map(({ name, id, credentials }) => [name, [id, credentials.length]]));
    for (const [name, [id, credentials]] of Object.entries(held(before))) {
      const rotated = /^(?:web|import)-/.test(name);
      expect([name, ...(held(after)[name] ?? [])]).toEqual([name, id, credentials + (rotated ? 1 : 0)]);
    }
    await at.runTo(0, "destroy -auto-approve");
  });

  test("is planned and applied without terraform, by the same keys", async () => {
    const folder = mkdtempSync(join(tmpdir(), "algokeys-example-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    cpSync(synthesize(conditions), join(folder, "cdktf.out"), { recursive: true });
    const options = { cwd: folder };
    const { stdout } = await runCliTo(0, ["plan", "--cdktf-out", "cdktf.out", "--json"], options);
    const { changes } = JSON.parse(stdout) as { readonly changes: readonly { readonly name: string }[] };
    expect(changes.map(({ name }) => name)).toEqual([
      ...["import-production", "import-staging", "nightly-batch", "web-production", "web-staging"],
    ]);
    await runCliTo(0, ["apply", "--cdktf-out", "cdktf.out", "--auto-approve"], options);
    await runCliTo(0, ["plan", "--cdktf-out", "cdktf.out", "--expect-no-changes"], options);
  });

  test("comes out the same", () => {
    const made = JSON.parse(stackIn(synthesize(conditions))) as Record<string, unknown>;
    const onCdktf = JSON.parse(stackIn(synthesize([]))) as Record<string, unknown>;
    expect({ ...made, "//": library }).toEqual({ ...onCdktf, "//": library });
  });
});

test("cdktf.json names the app for those who have the cdktf command", () => {
  const config = JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8")) as Record<string, unknown>;
  expect(config).toMatchObject({ language: "typescript", sendCrashReports: "false" });
  const outdir = mkdtempSync(join(tmpdir(), "algokeys-example-"));
  onTestFinished(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  const env = cleanEnv({ CDKTF_OUTDIR: outdir });
  execFileSync("sh", ["-c", String(config["app"])], { cwd: ROOT, env, stdio: "pipe" });
  expect(JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"))).toMatchObject({ stacks: { storefront: {} } });
});
