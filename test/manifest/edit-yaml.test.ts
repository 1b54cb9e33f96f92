import { describe, expect, test } from "vitest";
import { editYaml, type YamlEdit } from "../../src/manifest/edit-yaml.ts";

const TEXT = `# top
version: 1
keys:
  web:   # the site
    algorithms:
      - algo://demos/one   # first
      - "algo://demos/two"

      # last
      - algo://demos/three
    data:  'none'  # kept

  app: { algorithms: [algo://a/b], labels: { team: web } }
  var:
    algorithms: [algo://a/b]
    description: \${var.text}
    labels:
      team: web
`;

function edited(edits: readonly YamlEdit[], text = TEXT): string {
  const result = editYaml(text, edits);
  if (!result.ok) throw new Error(result.why);
  return result.text;
}

function at(path: string, value?: unknown): YamlEdit {
  return { path: path.split("."), value };
}

describe("editing YAML", () => {
  test("replaces a value and leaves every other byte", () => {
    expect(edited([at("keys.web.data", "read")])).toBe(TEXT.replace("'none'", "read"));
    expect(edited([at("keys.app.labels.team", "x: y")])).toBe(TEXT.replace("team: web }", 'team: "x: y" }'));
  });

  test("takes entries out of a list with their lines, and adds others behind the last", () => {
    const value = ["algo://demos/two", "algo://demos/three", "algo://demos/*"];
    const due = TEXT.replace("      - algo://demos/one   # first\n", "").replace(
      "      - algo://demos/three\n",
      "      - algo://demos/three\n      - algo://demos/*\n",
    );
    expect(edited([at("keys.web.algorithms", value)])).toBe(due);
    const none = edited([at("keys.web.algorithms", [])]);
    expect(none).toContain("    algorithms: []\n    data:  'none'  # kept\n");
  });

  test("adds a field at the end of its block, in the block's own form", () => {
    expect(edited([at("keys.web.enabled", false)])).toBe(TEXT.replace("# kept\n", "# kept\n    enabled: false\n"));
    expect(edited([at("keys.app.data", "read")])).toBe(TEXT.replace("team: web } }", "team: web }, data: read }"));
    expect(edited([at("keys.var.labels.tier", "1")])).toBe(`${TEXT}      tier: "1"\n`);
  });

  test("takes a field away, and what would be empty with it", () => {
    expect(edited([at("keys.var.labels.team")])).toBe(TEXT.replace("    labels:\n      team: web\n", ""));
    expect(edited([at("keys.app.labels.team")])).toBe(TEXT.replace(", labels: { team: web }", ""));
  });

  test("keeps the ends of lines, and a file without a last one", () => {
    const text = "keys:\r\n  web:\r\n    algorithms: []";
    expect(edited([at("keys.web.data", "read")], text)).toBe(`${text}\r\n    data: read\r\n`);
  });

  test.each([
    ["keys.var.description", "x", "variable"],
    ["keys.web.labels.team", undefined, "elsewhere"],
  ])("refuses %s with words", (path, value, word) => {
    expect(editYaml(TEXT, [at(path, value)])).toMatchObject({
      ok: false,
      why: expect.stringContaining(word) as unknown,
    });
  });
});
