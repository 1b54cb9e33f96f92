import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { diagnosticsJson } from "../../src/report/diagnostics-json.ts";
import { decisionJson } from "../../src/report/decision-text.ts";
import { keysJson } from "../../src/report/key-json.ts";
import { planJson } from "../../src/report/plan-json.ts";
import { reportJson } from "../../src/report/report-json.ts";
import { diagnostic, fullPlan, hugePlan, NOW, partReport, plan, PLAIN, report, someKeys } from "./builders.ts";
import { renderAll } from "./renderings.ts";

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const planSchema = schemaOf("plan");
const reportSchema = schemaOf("report");
ajv.addSchema([planSchema, reportSchema]);

function schemaOf(kind: string): { readonly $id: string } {
  const url = new URL(`../../schemas/${kind}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as { $id: string };
}

function problems(reference: string, value: unknown): unknown {
  const validate = ajv.getSchema(reference);
  if (validate === undefined) throw new Error(`no schema ${reference}`);
  return validate(value) === true ? [] : validate.errors;
}

const PLAN = planSchema.$id;
const REPORT = reportSchema.$id;
const DIAGNOSTICS = `${REPORT}#/$defs/diagnostics`;

describe("JSON output follows its schema", () => {
  test("plans with and without changes", () => {
    for (const one of [plan(), fullPlan(), hugePlan(9)]) {
      expect(problems(PLAN, JSON.parse(planJson(one)))).toEqual([]);
    }
  });

  test("a plan file, which has a digest and no counts", () => {
    expect(problems(PLAN, { ...fullPlan(), digest: `sha256:${"0".repeat(64)}` })).toEqual([]);
  });

  test("reports of every outcome", () => {
    const failed = report({ outcome: "failed", changeSet: null, revision: null, changes: [], secrets: [] });
    for (const one of [report(), partReport(), failed, report({ outcome: "nothing-to-do", changes: [] })]) {
      expect(problems(REPORT, JSON.parse(reportJson(one)))).toEqual([]);
    }
  });

  test("diagnostics, with little and with all there can be", () => {
    const little = { severity: "warning", code: "open-browser", summary: "x" } as const;
    for (const one of [[], [little], [diagnostic(), little]]) {
      expect(problems(DIAGNOSTICS, JSON.parse(diagnosticsJson(one)))).toEqual([]);
    }
  });

  test("decisions and keys", () => {
    const decision = decisionJson(
      { key: "web", call: "demos/x" },
      { effect: "deny", reason: "not_in_list", status: 403 },
    );
    expect(problems(`${REPORT}#/$defs/decision`, JSON.parse(decision))).toEqual([]);
    expect(problems(`${REPORT}#/$defs/keys`, JSON.parse(keysJson(someKeys(), NOW)))).toEqual([]);
  });

  test("also where every text is hostile", () => {
    const { json } = renderAll("\u001b[2J\n::error::x\ud800", PLAIN);
    const others = ["keys", "decision", "history", "drift", "scan"].map((name) => `${REPORT}#/$defs/${name}`);
    const kinds = [PLAN, REPORT, DIAGNOSTICS, ...others];
    expect(json.map((text, index) => problems(kinds[index] ?? "", JSON.parse(text)))).toEqual(json.map(() => []));
  });
});

describe("the schemas", () => {
  test("refuse what is not documented", () => {
    expect(problems(PLAN, { ...fullPlan(), secret: "x" })).not.toEqual([]);
    expect(problems(PLAN, { ...plan(), formatVersion: 2 })).not.toEqual([]);
    expect(problems(REPORT, { ...report(), outcome: "fine" })).not.toEqual([]);
    expect(problems(DIAGNOSTICS, { formatVersion: 1, valid: true })).not.toEqual([]);
  });

  test("describe every field", () => {
    for (const schema of [planSchema, reportSchema]) expect(undescribed(schema, "")).toEqual([]);
  });

  test("are draft-07 with their own address and close every object", () => {
    for (const [kind, schema] of [
      ["plan", planSchema],
      ["report", reportSchema],
    ] as const) {
      expect(schema).toMatchObject({
        $schema: "http://json-schema.org/draft-07/schema#",
        $id: `https://algokeys.dev/schemas/v1/${kind}.schema.json`,
      });
      expect(openObjects(schema, "")).toEqual([]);
    }
  });
});

/** Paths of properties without a description. */
function undescribed(value: unknown, path: string): readonly string[] {
  return nodes(value, path).flatMap(([at, node]) =>
    Object.entries(asObject(node["properties"]) ?? {}).flatMap(([name, property]) =>
      typeof asObject(property)?.["description"] === "string" ? [] : [`${at}.${name}`],
    ),
  );
}

/** Paths of objects that allow more than they name. */
function openObjects(value: unknown, path: string): readonly string[] {
  return nodes(value, path).flatMap(([at, node]) =>
    node["type"] === "object" && node["additionalProperties"] === undefined ? [at] : [],
  );
}

function nodes(value: unknown, path: string): readonly (readonly [string, Record<string, unknown>])[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => nodes(entry, `${path}[${String(index)}]`));
  const node = asObject(value);
  if (node === undefined) return [];
  return [[path, node], ...Object.entries(node).flatMap(([name, inner]) => nodes(inner, `${path}.${name}`))];
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
