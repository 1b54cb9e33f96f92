import { describe, expect, test } from "vitest";
import { editYaml, renameField, type YamlEdit } from "../../src/manifest/edit-yaml.ts";

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

  const NOTED = [
    "keys:",
    "  web:",
    "    algorithms: # list",
    "      # first",
    "      - algo://a/b # one",
    "      # second",
    "      # of two lines",
    "      - algo://a/c # two",
    "    # access",
    "    data: read # yes",
    "    description: |",
    "      text",
    "      # no comment",
    "    # end",
    "    enabled: false",
    "    # trailing",
    "",
  ].join("\n");

  /** The text without the lines that contain one of these words. */
  function without(...words: readonly string[]): string {
    return NOTED.split("\n")
      .filter((line) => !words.some((word) => line.includes(word)))
      .join("\n");
  }

  test("empties a list: the comment on its own line stays, those of its entries go with them", () => {
    const none = edited([at("keys.web.algorithms", [])], NOTED);
    expect(none).toBe(without("first", "a/b", "second", "lines", "a/c").replace("algorithms:", "algorithms: []"));
    const anchored = NOTED.replace("algorithms: #", "algorithms: &list #").replaceAll("\n", "\r\n");
    expect(edited([at("keys.web.algorithms", [])], anchored)).toContain(
      "algorithms: &list [] # list\r\n    # access\r\n",
    );
    const alone = NOTED.replace("      # second", "\n      # alone\n\n      # second");
    expect(edited([at("keys.web.algorithms", [])], alone)).toContain(
      "algorithms: [] # list\n\n      # alone\n\n    # access\n",
    );
  });

  test("takes away an entry or a field with the comments on its line and right above it, and no others", () => {
    const [one, two, three] = ["algo://a/b", "algo://a/c", "algo://a/d"];
    expect(edited([at("keys.web.algorithms", [two])], NOTED)).toBe(without("first", "a/b"));
    expect(edited([at("keys.web.algorithms", [one])], NOTED)).toBe(without("second", "lines", "a/c"));
    expect(edited([at("keys.web.algorithms", [three])], NOTED)).toBe(
      without("first", "a/b", "second", "lines").replace("algo://a/c # two", three),
    );
    expect(edited([at("keys.web.data")], NOTED)).toBe(without("access", "data"));
    expect(edited([at("keys.web.enabled")], NOTED)).toBe(without("# end", "enabled"));
    const lines = "algo://a/b\n\n        # no comment";
    const quoted = NOTED.replace("algo://a/b # one", `'${lines}'`);
    expect(edited([at("keys.web.algorithms", [lines])], quoted)).toContain(`'${lines}'\n    # access\n`);
  });

  test.each(["{ a: 1, # about a\n  b: 2 }", "{ a: 1,\n  # about b\n  b: 2 }"])(
    "refuses to take a field out of %j, whose comment may be about either",
    (map) => {
      for (const name of ["a", "b"]) {
        expect(editYaml(`keys: ${map}\n`, [at(`keys.${name}`)])).toMatchObject({
          ok: false,
          why: "a comment stands beside it",
        });
      }
    },
  );

  test("gives a field another name, quoted where YAML would read no text in it", () => {
    const renamed = (path: string, name: string, text = TEXT): unknown => renameField(text, path.split("."), name);
    expect(renamed("keys.web", "site")).toEqual({ ok: true, text: TEXT.replace("web:   #", "site:   #") });
    expect(renamed("keys.app", "1.5")).toEqual({ ok: true, text: TEXT.replace("app:", '"1.5":') });
    expect(renamed("keys.web", "site", "keys: {'web': {}}")).toEqual({ ok: true, text: "keys: {site: {}}" });
    expect(renamed("keys.none", "site")).toMatchObject({ ok: false });
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
