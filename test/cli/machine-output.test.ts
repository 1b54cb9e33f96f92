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
    expect(plan["counts"]).toEqual({
      adopt: 0,
      create: 1,
      rename: 1,
      update: 1,
      issue: 0,
      delete: 0,
      unchanged: 1,
      "take-over": 0,
      restore: 0,
      credentials: 0,
    });
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

describe("with --json standard output holds one document of the published schema, however the run ends", () => {
  const declaration = `${EXAMPLE}\n  noted: { algorithms: [], description: "\${var.note}" }\n`;
  test.each([
    ["plan --json", 3, "the declaration is not valid"],
    ["plan --json --no-such-option", 3, "unknown option '--no-such-option'"],
    ["plan --json --max-deletes x", 3, "--max-deletes x is neither a number nor a percentage"],
    ["apply --json", 3, "the declaration is not valid"],
    ["apply --json --reveal --var note=x", 3, "--reveal shows secrets on a terminal"],
    ["apply none.json --json", 3, "there is no file none.json"],
    ["destroy --json --var note=x", 5, "is protected and would be deleted"],
    ["destroy --json --confirm other --var note=x", 3, "--confirm other does not name the project storefront"],
    ["show none.json --json", 3, "there is no file none.json"],
    ["keys list --json", 3, "no --account is stated"],
    ["keys get nobody --json --var note=x", 1, "account acme has no key nobody"],
    ["keys list --json --account none", 1, "there is no account none"],
    ["try storefront-web --json --var note=x", 3, "say what to try"],
    ["try storefront-web --call algo://a/b --origin notaurl --json --var note=x", 3, "--origin notaurl is no origin"],
    ["try --json", 3, "missing required argument 'key-name'"],
    ["plan --json --var note=x --platform ftp://x", 3, "neither a server's address nor a file"],
    ["plan --json --var note=x --platform http://127.0.0.1:1", 4, "no admin key is given"],
    ["nonsense --json", 3, "unknown"],
  ])("%s", async (args, exitCode, said) => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", declaration);
    const { failure } = parsed(REPORT, (await at.runTo(exitCode, args)).stdout) as {
      failure?: Record<string, unknown>;
    };
    expect(failure).toMatchObject({ exitCode });
    expect(failure?.["summary"]).toContain(said);
  });

  test("a declaration's mistakes are in it, one by one, and a refused plan says why it is", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", declaration);
    const { diagnostics } = parsed(REPORT, (await at.runTo(3, "apply --json -y")).stdout);
    expect(diagnostics).toMatchObject([{ code: "unset-variable", path: ["keys", "noted", "description"] }]);
    at.write("keys.yaml", "version: 1\naccount: acme\nproject: storefront\nkeys: {}\n");
    const refused = parsed(REPORT, (await at.runTo(5, "apply --json -y")).stdout);
    expect(refused).toMatchObject({ failure: { exitCode: 5 } });
  });

  test("a stale saved plan, and a plan that cannot be saved", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", CHANGED);
    await at.runTo(0, "plan --out p.json");
    await at.runTo(0, "keys set review-scores data=read");
    expect(parsed(REPORT, (await at.runTo(6, "apply p.json --json")).stdout)).toMatchObject({
      failure: { exitCode: 6 },
    });
    const unsaved = parsed(REPORT, (await at.runTo(3, "plan --json --out keys.yaml")).stdout);
    expect(unsaved).toMatchObject({
      failure: { summary: expect.stringContaining("keys.yaml is there already") as string },
    });
  });

  test("what succeeds is a document of the same schema; a plan bears the declaration's warnings", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ web: '{ algorithms: ["algo://*"], origins: { native: false, web: true } }' }),
    });
    const { warnings } = parsed(REPORT, (await at.runTo(0, "plan --json")).stdout);
    expect(warnings).toMatchObject([{ code: "wildcard-in-browser" }, { code: "open-browser" }]);
    for (const args of ["validate --json", "apply --json -y", "keys list --json", "version --json"]) {
      parsed(REPORT, (await at.runTo(0, args)).stdout);
    }
  });

  test("nothing to destroy is told as that", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ web: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    await at.runTo(0, "destroy --confirm shop");
    const { stdout } = await at.runTo(0, "destroy --confirm shop");
    expect(stdout).toContain("Nothing to delete: the project shop has no live keys.");
  });
});
