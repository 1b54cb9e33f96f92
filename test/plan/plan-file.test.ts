import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { formatPlanFile, parsePlanFile } from "../../src/plan/plan-file.ts";
import { credential, declared, live, liveKey, NOW, planOf } from "./states.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const rich: Plan = planOf(
  [
    declared("fresh", { deliver: [{ to: "json", file: "a/b.json", name: "/x/y" }], spec: { description: "Größe ☃" } }),
    declared("kept", {
      deliver: [{ to: "dotenv", file: ".env", name: "KEY" }],
      spec: { origins: { web: true, referrers: ["a.example.com"] }, rotation: { every: "90d" }, labels: { team: "x" } },
    }),
    declared("moved", { renamedFrom: "was" }),
    declared("everywhere", {
      deliver: [
        { to: "age", file: "a.age", recipients: ["age1x"] },
        { to: "command", command: ["gh", ""], env: ["GH_TOKEN"] },
        { to: "command", command: ["a"], env: [], read: ["b"] },
        { to: "github-env", name: "A" },
        { to: "github-output", name: "b" },
      ],
    }),
  ],
  live(
    liveKey("kept", {
      credentials: [credential("c1")],
      spec: { algorithms: ["algo://x/y"] },
      lastChange: { at: NOW, actor: "bob", project: null, changeSet: "change-set-by-hand-1" },
    }),
    liveKey("was"),
    liveKey("gone"),
    liveKey("hand", { managedBy: null }),
  ),
);

/** A file whose digest holds although its content is not what a plan has. */
function forged(change: (plan: Record<string, unknown>) => void): string {
  const plan = JSON.parse(JSON.stringify(rich)) as Record<string, unknown>;
  change(plan);
  return JSON.stringify({ ...plan, digest: `sha256:${sha256(canonicalJson(plan))}` });
}

test("a saved plan is read as it was written", () => {
  const text = formatPlanFile(rich, sha256);
  expect(text.endsWith("}\n")).toBe(true);
  expect(text).toContain('"digest": "sha256:');
  expect(parsePlanFile(text, sha256)).toEqual({ ok: true, plan: JSON.parse(JSON.stringify(rich)) as Plan });
});

test("line ends and layout do not matter", () => {
  const text = JSON.stringify(JSON.parse(formatPlanFile(rich, sha256))).replaceAll("{", "{\r\n");
  expect(parsePlanFile(text, sha256).ok).toBe(true);
});

test("any changed value is noticed", () => {
  const text = formatPlanFile(rich, sha256);
  for (const [from, to] of [
    ["fresh", "Fresh"],
    ['"data": "none"', '"data": "readwrite"'],
    ["☃", "☂"],
    ['"revision": 7', '"revision": 8'],
  ] as const) {
    expect(text).toContain(from);
    expect(parsePlanFile(text.replace(from, to), sha256)).toMatchObject({ ok: false, problem: "tampered" });
  }
});

test.each([
  ["nothing", ""],
  ["no JSON", "keys:"],
  ["another value", "[]"],
  ["another object", '{"version":1}'],
  ["a cut-off file", formatPlanFile(rich, sha256).slice(0, 500)],
  ["deep nesting", `{"digest":"x","formatVersion":1,"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
])("%s is not a plan", (_, text) => {
  expect(parsePlanFile(text, sha256)).toMatchObject({ ok: false, problem: "not-a-plan" });
});

test("a later format is named as such", () => {
  expect(parsePlanFile('{"formatVersion":2,"digest":"sha256:00"}', sha256)).toMatchObject({
    problem: "unknown-version",
  });
});

describe("a forged file with a right digest is still refused, naming the field", () => {
  test.each<[string, (plan: Record<string, unknown>) => void]>([
    ["plan.project", (plan) => (plan["project"] = 1)],
    ["plan.account.action", (plan) => (plan["account"] = { name: "acme", action: "destroy", revision: 1 })],
    ["plan.extra", (plan) => (plan["extra"] = "x")],
    ["plan.changes[0]", (plan) => (plan["changes"] = [null])],
    ["plan.changes[0].id", (plan) => (plan["changes"] = [{ action: "delete", name: "x", reason: "not-declared" }])],
    ["plan.unchanged", (plan) => (plan["unchanged"] = -1)],
    ["plan.unmanaged", (plan) => delete plan["unmanaged"]],
  ])("%s", (field, change) => {
    const read = parsePlanFile(forged(change), sha256);
    expect(read).toMatchObject({ ok: false, problem: "not-a-plan" });
    expect(read.ok ? "" : read.message).toContain(`${field} is not valid`);
  });

  test("an untouched one made in the same way is a plan", () => {
    expect(
      parsePlanFile(
        forged(() => undefined),
        sha256,
      ).ok,
    ).toBe(true);
  });
});
