import { describe, expect, test } from "vitest";
import type { AppliedChange, ApplyReport, SecretReport } from "../../src/apply/events.ts";
import { diagnosticsText } from "../../src/report/diagnostics-text.ts";
import { keysJson } from "../../src/report/key-json.ts";
import { keysTable, keyText } from "../../src/report/key-text.ts";
import { reportMarkdown } from "../../src/report/report-markdown.ts";
import { reportText } from "../../src/report/report-text.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { apiKey, diagnostic, NOW, partReport, PLAIN, report, someKeys, spec } from "./builders.ts";

function lastLine(one: ApplyReport): string | undefined {
  return reportText(one, PLAIN).trimEnd().split("\n").at(-1);
}

describe("the report of an apply", () => {
  test("counts what happened and nothing else (field row 23)", () => {
    expect(lastLine(report())).toBe("Apply complete! 2 created, 1 updated, 1 deleted.");
    expect(lastLine(report({ outcome: "nothing-to-do", changes: [], secrets: [], withoutCredential: [] }))).toBe(
      "No changes. Live keys match the declaration. 12 keys.",
    );
    expect(lastLine(report({ changes: [] }))).toBe("Apply complete! No keys changed.");
  });

  test("of a failure claims no change and says what to do", () => {
    const error = { code: "stale", message: "key web has moved" } as const;
    const text = reportText(
      report({ outcome: "failed", changes: [], secrets: [], withoutCredential: [], error }),
      PLAIN,
    );
    expect(text).toBe(
      "error: key web has moved [stale]\n" +
        "  fix: Plan again: something changed since this plan was made.\n\n" +
        "Apply failed: nothing was changed.\n",
    );
  });

  test("in part says what happened and how to go on", () => {
    const text = reportText(partReport(), { ...PLAIN, width: Infinity });
    expect(text).toContain(
      "Run `algokeys apply` again: it issues another secret for web in place of the one that did not arrive.",
    );
    expect(lastLine(partReport())).toMatch(
      /^Applied in part: 2 created, 1 updated, 1 deleted\. The new secret did not arrive\.$/,
    );
  });

  test("names where a secret went, never the secret", () => {
    expect(reportText(report(), PLAIN)).toContain("(secret delivered to dotenv .env#WEB_KEY, fingerprint 3f9a12cd…)");
  });

  test("says what to do for keys that nobody can use yet", () => {
    expect(reportText(report(), PLAIN)).toContain("1 key has no secret yet: api. Declare `deliver` for it");
  });

  test("of 5,000 changes still fits into a comment", () => {
    const one = report();
    const changes = Array.from({ length: 5_000 }, (_, index) => ({
      action: "create" as const,
      name: `key-${String(index)}`,
      id: "k",
      revision: 1,
    }));
    const [secret] = one.secrets;
    const secrets = secret ? changes.map(({ name }) => ({ ...secret, key: name })) : [];
    const document = reportMarkdown({ ...one, changes, secrets, withoutCredential: changes.map(({ name }) => name) });
    expect(document.length).toBeLessThan(60_000);
    expect(document).toContain("**Apply complete! 5000 created.**");
    expect(document).toMatch(/\*\*\d+ more changes not shown\.\*\*/);
  });
});

describe("diagnostics", () => {
  test("end with how many errors and warnings there are", () => {
    const warning = { ...diagnostic(), severity: "warning" } as const;
    const last = (...list: Parameters<typeof diagnosticsText>[0]): string | undefined =>
      diagnosticsText(list, PLAIN).trimEnd().split("\n").at(-1);
    expect(last(diagnostic(), diagnostic(), diagnostic(), warning)).toBe("3 errors, 1 warning");
    expect(last(diagnostic())).toBe("1 error");
    expect(last(warning, warning)).toBe("2 warnings");
    expect(diagnosticsText([], PLAIN)).toBe("");
  });
});

describe("the last line of an apply in part", () => {
  const [secret] = partReport().secrets;
  const secrets = (...told: readonly (readonly [key: string, status: SecretReport["status"]])[]): SecretReport[] =>
    told.flatMap(([key, status]) => (secret === undefined ? [] : [{ ...secret, key, status }]));
  const issued = (name: string): AppliedChange => ({ action: "issue", name, id: name, revision: 2 });
  const line = (changes: readonly AppliedChange[], of: readonly SecretReport[]): string | undefined =>
    lastLine({ ...partReport(), changes, secrets: of });

  test("counts secrets once, by key, and never as changes too", () => {
    const two = secrets(["a", "failed"], ["b", "failed"]);
    expect(line([issued("a"), issued("b")], two)).toBe("Applied in part. Of 2 new secrets, 2 did not arrive.");
    const mixed = secrets(["a", "delivered"], ["b", "failed"], ["b", "unconfirmed"], ["c", "unconfirmed"]);
    const made: AppliedChange = { action: "create", name: "c", id: "c", revision: 2 };
    expect(line([made, issued("a"), issued("b")], mixed)).toBe(
      "Applied in part: 1 created. Of 3 new secrets, 1 arrived, 1 did not arrive, 1 was not confirmed.",
    );
    expect(line([issued("a")], secrets(["a", "unconfirmed"]))).toBe(
      "Applied in part. The new secret was not confirmed.",
    );
  });
});

describe("the table of keys", () => {
  test("fits every width, cuts what is long and says which columns are missing", () => {
    const long = apiKey({ name: "x".repeat(64), spec: spec({ algorithms: ["algo://日本/語"], protect: true }) });
    for (const width of [40, 60, 80, 100, 120, 160]) {
      const text = keysTable([...someKeys(), long], { ...PLAIN, width }, NOW);
      for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
      const [head = ""] = text.split("\n");
      const missing = ["ORIGINS", "DATA", "MANAGED BY", "CREDENTIAL"].filter((title) => !head.includes(title));
      for (const title of missing)
        expect(text.replace(/\n/g, " ")).toMatch(new RegExp(`No room for .*${title.toLowerCase()}`));
    }
  });

  test("tells the state of every key", () => {
    const states = keysTable(someKeys(), PLAIN, NOW)
      .split("\n")
      .slice(1, 7)
      .map((line) => line.split(/ {2,}/)[1]);
    expect(states).toEqual(["active", "active", "active, protected", "disabled", "expired", "deleted"]);
  });

  test("is not told apart from the rule that decides: a key expires at its very moment", () => {
    const at = (ms: number): string =>
      keysTable([apiKey({ spec: spec({ expires: "2026-11-20T12:00:00Z" }) })], PLAIN, ms);
    expect(at(NOW - 1)).toContain("active");
    expect(at(NOW)).toContain("expired");
  });
});

test("the JSON of keys holds the documented fields and nothing that a platform adds", () => {
  const [known = apiKey().credentials[0]] = apiKey().credentials;
  const leaking = { ...apiKey(), digest: "CANARY", credentials: [{ ...known, digest: "CANARY", secret: "CANARY" }] };
  const key = leaking as unknown as ReturnType<typeof apiKey>;
  expect(keysJson([key], NOW)).not.toContain("CANARY");
  expect(keyText(key, PLAIN, NOW)).not.toContain("CANARY");
});
