import { describe, expect, test } from "vitest";
import { PLAN_ACTIONS, type Plan } from "../../src/plan/plan.ts";
import { planJson } from "../../src/report/plan-json.ts";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { planText } from "../../src/report/plan-text.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { ASCII, COLOR, created, deleted, fullPlan, hugePlan, NOW, PLAIN, plan, updated } from "./builders.ts";

function lastLine(text: string): string | undefined {
  return text.trimEnd().split("\n").at(-1);
}

describe("the last line of a plan", () => {
  test("counts every action in a fixed order and leaves out what is zero", () => {
    expect(lastLine(planText(fullPlan(), PLAIN))).toBe(
      "Plan: 1 to adopt, 2 to create, 1 to rename, 1 to update, 2 to issue, 1 to delete. 12 unchanged.",
    );
    expect(lastLine(planText(plan({ changes: [deleted()] }), PLAIN))).toBe("Plan: 1 to delete.");
  });

  test("says that nothing is to do, and of how many keys", () => {
    const text = planText(plan({ unchanged: 12 }), PLAIN);
    expect(lastLine(text)).toBe("No changes. Live keys match the declaration. 12 keys.");
    expect(text.trimEnd().split("\n")).toHaveLength(3);
    expect(lastLine(planText(plan({ unchanged: 1 }), PLAIN))).toContain("1 key.");
  });

  test("does not claim a match where a guard holds a declared key back", () => {
    const refusal = {
      code: "unmanaged-key",
      keys: ["web"],
      summary: "web is unmanaged",
      fix: "plan with --adopt",
    } as const;
    const text = planText(plan({ refusals: [refusal], unchanged: 2 }), PLAIN);
    expect(lastLine(text)).toBe("Plan: nothing to do. 2 unchanged.");
    expect(text).toContain("error: web is unmanaged [unmanaged-key]\n  fix: plan with --adopt\n");
  });

  test("is one line at every width, because scripts look for it", () => {
    for (const width of [40, 80, 120]) {
      expect(lastLine(planText(fullPlan(), { ...PLAIN, width }))).toMatch(/^Plan: .* 12 unchanged\.$/);
    }
  });
});

describe("the text of a plan", () => {
  test("is never wider than the terminal, its last line aside", () => {
    for (const name of ["web", "日本語のとても長いキーの名前", "é".repeat(64), "x".repeat(64)]) {
      const wide = plan({
        changes: [
          created({ name }),
          updated({
            name,
            attributes: [
              { path: `labels.${name}`, before: "日本語 ".repeat(30), after: "y".repeat(200), access: "shifts" },
            ],
          }),
        ],
        unmanaged: [name, name],
      });
      for (const width of [40, 80, 120]) {
        for (const style of [PLAIN, COLOR]) {
          const lines = planText(wide, { ...style, width }, { full: true })
            .trimEnd()
            .split("\n")
            .slice(0, -1);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  test("is the same with and without colour, but for the colour", () => {
    expect(planText(fullPlan(), COLOR).replace(/\u001b\[\d+m/g, "")).toBe(planText(fullPlan(), PLAIN));
  });

  test("is ASCII where the terminal knows no more, and has another sign for an issue", () => {
    const text = planText(fullPlan(), ASCII);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).toContain("% key worker will get a secret");
  });

  test("names who changed a key outside the project, when, and which fields", () => {
    const text = planText(fullPlan(), PLAIN, { now: NOW });
    expect(text).toContain("Live keys changed outside of storefront:");
    expect(text).toContain("web-frontend: data (by alice, 2026-11-20T10:00:00Z (2 hours ago))");
  });

  test("says what a change does to access", () => {
    expect(planText(plan({ changes: [updated()] }), PLAIN)).toContain("~ data none -> read (widens access)");
  });

  test("leaves out details only when told to, says how many, and lists every change all the same", () => {
    const huge = hugePlan(3_000);
    expect(planText(huge, PLAIN)).not.toContain("not shown");
    const short = planText(huge, PLAIN, { details: 10 });
    expect(short).toContain("2990 more changes not shown in detail; all are listed below.");
    for (const { name } of huge.changes) expect(short).toContain(name);
  });

  test("shows a declared word and text that looks like one differently", () => {
    const change = { path: "labels.x", before: "true", after: "a -> b", access: "none" } as const;
    expect(planText(plan({ changes: [updated({ attributes: [change] })] }), PLAIN)).toContain('"true" -> "a -> b"');
  });
});

describe("text, Markdown and JSON say the same changes (field row 27)", () => {
  for (const [what, one] of [
    ["every action", fullPlan()],
    ["many", hugePlan(30)],
  ] as const) {
    test(what, () => {
      const changes = (JSON.parse(planJson(one)) as Plan).changes;
      const heads = changes.map(({ action, name }) => `${action} ${name}`);
      expect(headsOf(planText(one, { ...PLAIN, width: Infinity }))).toEqual(heads);
      expect(headsOf(planMarkdown(one))).toEqual(heads);
      for (const change of changes) {
        for (const { path } of "attributes" in change ? change.attributes : []) {
          expect(planText(one, PLAIN)).toContain(path);
          expect(planMarkdown(one)).toContain(path);
        }
      }
    });
  }

  test("the counts of the JSON are those of the text", () => {
    const { counts } = JSON.parse(planJson(fullPlan())) as { counts: Record<string, number> };
    const planned = PLAN_ACTIONS.filter((action) => counts[action] !== 0);
    const said = planned.map((action) => `${String(counts[action])} to ${action}`).join(", ");
    expect(planText(fullPlan(), PLAIN)).toContain(`Plan: ${said}. ${String(counts["unchanged"])} unchanged.`);
  });
});

/** The changes that a text tells in its sentences. */
function headsOf(text: string): readonly string[] {
  const words = { adopted: "adopt", created: "create", renamed: "rename", updated: "update", deleted: "delete" };
  return Array.from(
    text.matchAll(
      /^\S+ key (\S+) will (?:be (adopted|created|renamed|updated|deleted)|get (?:a|another) secret)(?: to (\S+))?/gm,
    ),
    ([, name = "", word, after]) =>
      `${word === undefined ? "issue" : words[word as keyof typeof words]} ${after ?? name}`,
  );
}

describe("the Markdown of a huge plan", () => {
  test("stays under the limit of a comment with 5,000 changes, and says how many are not shown (field row 25)", () => {
    const document = planMarkdown(hugePlan(5_000));
    expect(document.length).toBeLessThan(60_000);
    const [, missing] = /\*\*(\d+) more changes not shown\.\*\*/.exec(document) ?? [];
    const listed = document.split("\n").filter((line) => /^[+~-] (create|update|delete) key-/.test(line));
    expect(listed.length).toBeGreaterThan(1_000);
    expect(listed.length + Number(missing)).toBe(5_000);
    expect(document).toContain("**Plan: 1666 to create, 1666 to update, 1668 to delete.**");
  });

  test("lists deletes and wider access first", () => {
    const listed = planMarkdown(hugePlan(5_000)).match(/^[+~-] (create|update|delete) key-.*$/gm) ?? [];
    expect(listed.slice(0, 1_668).every((line) => line.startsWith("- delete"))).toBe(true);
    expect(listed[1_668]).toMatch(/^~ update .* \(widens access\)$/);
  });

  test("stays under any limit, whatever the names hold", () => {
    const name = "```` ##[error] `".repeat(60);
    const many = { ...hugePlan(2_000) };
    const hostile = plan({
      ...many,
      changes: many.changes.map((change) => ({ ...change, name })),
      drift: many.changes.map(() => ({
        name,
        lastChange: { at: name, actor: name, project: name, changeSet: name },
        attributes: [],
      })),
      refusals: many.changes.map(() => ({ code: "protected", keys: [name], summary: name, fix: name }) as const),
      account: { name, action: "create", revision: 1 },
      project: name,
    });
    for (const limit of [4_000, 20_000, 60_000]) {
      const document = planMarkdown(hostile, { limit });
      expect(document.length).toBeLessThanOrEqual(limit);
      expect(document).toContain("not shown.**");
    }
  });

  test("begins with a hidden marker that tells projects apart", () => {
    expect(planMarkdown(plan()).split("\n")[0]).toBe("<!-- algokeys plan acme/storefront -->");
    expect(planMarkdown(plan({ project: "x --> y" })).split("\n")[0]).toBe("<!-- algokeys plan acme/x_-__y -->");
  });
});
