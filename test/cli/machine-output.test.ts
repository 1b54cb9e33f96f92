import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  copyWorkspace,
  declaring,
  EXAMPLE,
  makeWorkspace,
  PLAIN_KEY,
  removeWorkspace,
  type Workspace,
} from "./workspace.ts";

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const PLAN = addSchema("plan");
const REPORT = addSchema("report");

function addSchema(kind: string): string {
  const url = new URL(`../../schemas/${kind}.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(url, "utf8")) as { $id: string };
  ajv.addSchema(schema);
  return schema.$id;
}

/** Parses a command's whole standard output, and fails unless it is what the schema says. */
function parsed(schema: string, text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  const validate = ajv.getSchema(schema);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  expect(validate(value) === true ? [] : validate.errors).toEqual([]);
  return value as Record<string, unknown>;
}

let applied: Workspace;
beforeAll(async () => {
  applied = makeWorkspace({ "keys.yaml": EXAMPLE }, "keep");
  await applied.runTo(0, "apply -y");
  await applied.runTo(0, "keys set review-scores data=none labels.team=other enabled=false");
});
afterAll(() => {
  removeWorkspace(applied);
});

/** One key of each fate: kept, renamed, changed, drifted back, deleted, made. */
const CHANGED = EXAMPLE.replace("storefront-web:", "shop-web:\n    renamed_from: storefront-web").replace(
  /$/,
  "\n  extra: { algorithms: [], expires: 2099-01-01 }\n",
);

describe("JSON on standard output follows its published schema", () => {
  test("plan: with changes and drift, without, and refused", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", CHANGED);
    const plan = parsed(PLAN, (await at.runTo(2, "plan --json --detailed-exitcode")).stdout);
    expect(plan["counts"]).toEqual({ adopt: 0, create: 1, rename: 1, update: 1, issue: 0, delete: 0, unchanged: 1 });
    expect(plan["drift"]).toHaveLength(1);
    at.write("keys.yaml", "version: 1\naccount: acme\nproject: storefront\nkeys: {}\n");
    const refused = parsed(PLAN, (await at.runTo(5, "plan --format json")).stdout);
    expect(refused["refusals"]).not.toEqual([]);
  });

  test("apply: its report, also of nothing, of a saved plan and of a delete", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", CHANGED);
    await at.runTo(0, "plan --out p.json");
    parsed(PLAN, at.read("p.json"));
    parsed(PLAN, (await at.runTo(0, "show p.json --json")).stdout);
    const report = parsed(REPORT, (await at.runTo(0, "apply p.json --json")).stdout);
    expect(report).toMatchObject({ outcome: "applied", unchanged: 1, withoutCredential: ["extra"] });
    expect(parsed(REPORT, (await at.runTo(0, "apply --json")).stdout)).toMatchObject({ outcome: "nothing-to-do" });
    at.write("keys.yaml", CHANGED.replace("protect: true", "protect: false"));
    await at.runTo(0, "apply -y");
    const gone = parsed(REPORT, (await at.runTo(0, "destroy --confirm storefront --json")).stdout);
    expect(gone["changes"]).toHaveLength(4);
  });

  test("validate: no problem, warnings and errors of every kind", async () => {
    const at = makeWorkspace({ "keys.yaml": EXAMPLE });
    const schema = `${REPORT}#/$defs/diagnostics`;
    expect(parsed(schema, (await at.runTo(0, "validate --json")).stdout)["diagnostics"]).toEqual([]);
    at.write("keys.yaml", declaring({ web: '{ algorithms: ["algo://*"], origins: { native: true, web: true } }' }));
    expect(parsed(schema, (await at.runTo(0, "validate --json")).stdout)["valid"]).toBe(true);
    at.write("keys.yaml", declaring({ web: "{ algorithmz: 1 }", WEB: PLAIN_KEY, "a b": "{ data: ${var.no} }" }));
    expect(parsed(schema, (await at.runTo(3, "validate --json")).stdout)["valid"]).toBe(false);
    at.write("keys.yaml", "keys: [");
    parsed(schema, (await at.runTo(3, "validate --json")).stdout);
    parsed(schema, (await at.runTo(3, "validate nothing.yaml --json")).stdout);
  });

  test("keys and try", async () => {
    const keys = `${REPORT}#/$defs/keys`;
    expect(parsed(keys, (await applied.runTo(0, "keys list --json")).stdout)["keys"]).toHaveLength(4);
    expect(parsed(keys, (await applied.runTo(0, "keys get default-key --json")).stdout)["keys"]).toHaveLength(1);
    parsed(keys, (await applied.runTo(0, "keys list --deleted --json")).stdout);
    const decision = `${REPORT}#/$defs/decision`;
    parsed(decision, (await applied.runTo(0, "try review-scores --data read --json")).stdout);
    parsed(decision, (await applied.runTo(0, "try nightly-batch --call acme/x --json")).stdout);
  });

  test("schema prints the very files, and version what runs", async () => {
    const at = makeWorkspace();
    for (const kind of ["manifest", "plan", "report"]) {
      const url = new URL(`../../schemas/${kind}.schema.json`, import.meta.url);
      expect((await at.runTo(0, `schema ${kind}`)).stdout).toBe(readFileSync(url, "utf8"));
    }
    const about = JSON.parse((await at.runTo(0, "version --json")).stdout) as Record<string, unknown>;
    expect(about).toMatchObject({ node: process.versions.node });
    expect((await at.runTo(0, "--version")).stdout).toContain(`algokeys ${String(about["algokeys"])}`);
  });
});

describe("every format says the same", () => {
  test("of a plan: one line of counts, drawn from the JSON's", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", CHANGED);
    const { counts } = JSON.parse((await at.runTo(0, "plan --json")).stdout) as { counts: Record<string, number> };
    const line = Object.entries(counts)
      .filter(([action, count]) => count > 0 && action !== "unchanged")
      .map(([action, count]) => `${String(count)} to ${action}`);
    const text = (await at.runTo(0, "plan")).stdout;
    const markdown = (await at.runTo(0, "plan --format markdown")).stdout;
    expect(line).toHaveLength(3);
    for (const part of line) {
      expect(text.trimEnd().split("\n").at(-1)).toContain(part);
      expect(markdown).toContain(part);
    }
    expect(text).toContain("1 unchanged");
  });

  test("of an apply: what was done, by name", async () => {
    const done: string[] = [];
    for (const format of ["text", "json", "markdown"]) {
      const at = copyWorkspace(applied);
      at.write("keys.yaml", CHANGED);
      done.push((await at.runTo(0, `apply -y --format ${format}`)).stdout);
    }
    const [text = "", json = "", markdown = ""] = done;
    const { changes } = JSON.parse(json) as { changes: { action: string; name: string }[] };
    expect(changes.map(({ action, name }) => `${action} ${name}`).sort()).toEqual([
      "create extra",
      "rename shop-web",
      "update review-scores",
    ]);
    for (const said of ["1 created", "1 renamed", "1 updated"]) {
      expect(text).toContain(said);
      expect(markdown).toContain(said);
    }
    for (const { name } of changes) expect(markdown).toContain(name);
  });

  test("of a validation: the same problems", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ web: "{ algorithmz: 1, data: all }" }) });
    const text = (await at.runTo(3, "validate")).stderr;
    const json = (await at.runTo(3, "validate --json")).stdout;
    const markdown = (await at.runTo(3, "validate --format markdown")).stdout;
    const { diagnostics } = JSON.parse(json) as { diagnostics: { code: string }[] };
    expect(diagnostics).toHaveLength(3);
    for (const { code } of diagnostics) {
      expect(text).toContain(`[${code}]`);
      expect(markdown).toContain(code);
    }
    expect(text).toContain("3 errors");
  });
});
