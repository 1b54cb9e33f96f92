import { describe, expect, test } from "vitest";
import type { ApplyEvent } from "../../src/apply/events.ts";
import { decisionJson, decisionText } from "../../src/report/decision-text.ts";
import { diagnosticsJson } from "../../src/report/diagnostics-json.ts";
import { diagnosticsMarkdown } from "../../src/report/diagnostics-markdown.ts";
import { diagnosticsText } from "../../src/report/diagnostics-text.ts";
import { eventText } from "../../src/report/events-text.ts";
import { keysJson } from "../../src/report/key-json.ts";
import { keysTable, keyText } from "../../src/report/key-text.ts";
import { planJson } from "../../src/report/plan-json.ts";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { planText } from "../../src/report/plan-text.ts";
import { reportJson } from "../../src/report/report-json.ts";
import { reportMarkdown } from "../../src/report/report-markdown.ts";
import { reportText } from "../../src/report/report-text.ts";
import {
  apiKey,
  ASCII,
  COLOR,
  diagnostic,
  fullPlan,
  hugePlan,
  NOW,
  partReport,
  PLAIN,
  plan,
  report,
  someKeys,
} from "./builders.ts";

const diagnostics = [
  diagnostic(),
  diagnostic({
    code: "duplicate-key",
    summary: "key web is declared twice",
    detail: "Names are unique ignoring case.\nThe first one stands.",
    fix: "Rename or remove one of them.",
    path: ["keys", "Web"],
    range: { filename: "-", start: { line: 104, column: 3, byte: 900 }, end: { line: 106, column: 1, byte: 930 } },
    snippet: { line: "\t\tWeb: { 日本: x }" },
    related: [
      {
        message: "the first one",
        range: {
          filename: "keys.yaml",
          start: { line: 9, column: 3, byte: 90 },
          end: { line: 9, column: 6, byte: 93 },
        },
      },
    ],
  }),
  { severity: "warning", code: "open-browser", summary: "any site may use key web" } as const,
];

const delivery = { to: "dotenv", file: ".env", name: "WEB_KEY" } as const;
const events: readonly ApplyEvent[] = [
  { type: "apply-started", changes: 3 },
  { type: "account-created", account: "acme" },
  { type: "committed", changeSet: "cs_0000000000000001", revision: 8, changes: 3 },
  { type: "secret-delivered", key: "web", delivery, fingerprint: "3f9a12cd00112233" },
  { type: "secret-revealed", key: "api", fingerprint: "aa00bb11cc22dd33" },
  { type: "delivery-failed", key: "batch", delivery, error: "permission denied" },
  { type: "delivery-failed", key: "batch", delivery: null, error: "the terminal is closed" },
  { type: "acknowledged", keys: ["web", "api", "c", "d", "e", "f"] },
];

const web = { key: "web", call: "algo://demos/summarizer", origin: "https://shop.example.com" };
const failed = report({
  outcome: "failed",
  changes: [],
  secrets: [],
  withoutCredential: [],
  changeSet: null,
  revision: null,
  error: { code: "stale", message: 'The key "web" has changed since it was read.' },
});

/** Every renderer over the same examples; `vitest -u` writes the files anew. */
const GOLDEN: Readonly<Record<string, () => string>> = {
  "plan.txt": () => planText(fullPlan(), PLAIN),
  "plan.color.txt": () => planText(fullPlan(), COLOR),
  "plan.ascii.txt": () => planText(fullPlan(), ASCII),
  "plan.40.txt": () => planText(fullPlan(), { ...PLAIN, width: 40 }),
  "plan.120.full.txt": () => planText(fullPlan(), { ...PLAIN, width: 120 }, { full: true, now: NOW }),
  "plan.empty.txt": () => planText(plan({ unchanged: 12 }), PLAIN),
  "plan.account.txt": () => planText(plan({ account: { name: "acme", action: "create", revision: 0 } }), PLAIN),
  "plan.details.txt": () => planText(hugePlan(12), PLAIN, { details: 2 }),
  "plan.md": () => planMarkdown(fullPlan()),
  "plan.short.md": () => planMarkdown(hugePlan(300), { limit: 6_000 }),
  "plan.json": () => planJson(fullPlan()),
  "report.txt": () => reportText(report(), PLAIN),
  "report.color.txt": () => reportText(report(), COLOR),
  "report.part.txt": () => reportText(partReport(), PLAIN),
  "report.part.md": () => reportMarkdown(partReport()),
  "report.failed.txt": () => reportText(failed, PLAIN),
  "report.md": () => reportMarkdown(report()),
  "report.json": () => reportJson(report()),
  "events.txt": () => events.map((event) => eventText(event, PLAIN)).join(""),
  "diagnostics.txt": () => diagnosticsText(diagnostics, PLAIN),
  "diagnostics.color.txt": () => diagnosticsText(diagnostics, COLOR),
  "diagnostics.ascii.txt": () => diagnosticsText(diagnostics, ASCII),
  "diagnostics.md": () => diagnosticsMarkdown(diagnostics),
  "diagnostics.json": () => diagnosticsJson(diagnostics),
  "keys.40.txt": () => keysTable(someKeys(), { ...PLAIN, width: 40 }, NOW),
  "keys.80.txt": () => keysTable(someKeys(), PLAIN, NOW),
  "keys.120.txt": () => keysTable(someKeys(), { ...PLAIN, width: 120 }, NOW),
  "keys.json": () => keysJson(someKeys(), NOW),
  "key.txt": () =>
    someKeys()
      .map((key) => keyText(key, PLAIN, NOW))
      .join(""),
  "decision.txt": () =>
    decisionText(web, { effect: "deny", reason: "no_match", status: 403 }, PLAIN) +
    decisionText(web, { effect: "deny", reason: "not_in_list", status: 403 }, PLAIN) +
    decisionText({ key: "web", data: "read" }, { effect: "allow", reason: "data" }, PLAIN),
  "decision.json": () => decisionJson(web, { effect: "deny", reason: "no_match", status: 403 }),
};

describe("every renderer prints what was reviewed", () => {
  for (const [file, render] of Object.entries(GOLDEN)) {
    test(file, async () => {
      await expect(render()).toMatchFileSnapshot(`golden/${file}`);
    });
  }
});

test("rendering is deterministic", () => {
  for (const render of Object.values(GOLDEN)) expect(render()).toBe(render());
});

test("a table of no keys says so", () => {
  expect(keysTable([], PLAIN, NOW)).toBe("No keys.\n");
  expect(keysTable([apiKey()], PLAIN, NOW)).toContain("1 key.");
});
