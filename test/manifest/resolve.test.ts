import { describe, expect, test } from "vitest";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { loadFiles, loadText, manifestOf, summaryLine, withKey, withKeys } from "./loading.ts";

const HEAD = "version: 1\naccount: acme\nproject: shop\n";
const specs = async (text: string) =>
  Object.fromEntries(manifestOf(await loadText(text)).keys.map(({ name, spec }) => [name, spec]));

describe("defaults", () => {
  test("what is declared nowhere has the documented default", async () => {
    expect(await specs(withKey("algorithms: [algo://a/b]"))).toEqual({
      web: { ...DEFAULT_SPEC, algorithms: ["algo://a/b"] },
    });
  });

  test("a key's own field goes before the defaults'", async () => {
    const text = `${HEAD}defaults: { algorithms: [algo://a/*], data: read, protect: true, expires: 2027-01-01, description: d }
keys:
  inherits: {}
  states: { algorithms: [], data: none, protect: false, expires: null, description: "" }
`;
    expect(await specs(text)).toMatchObject({
      inherits: {
        algorithms: ["algo://a/*"],
        data: "read",
        protect: true,
        expires: "2027-01-01T00:00:00Z",
        description: "d",
      },
      states: { algorithms: [], data: "none", protect: false, expires: null, description: "" },
    });
  });

  test("origins, labels and rotation are joined field by field", async () => {
    const text = `${HEAD}defaults:
  algorithms: []
  origins: { native: false, web: true, referrers: [a.com] }
  labels: { team: shop, stage: test }
  rotation: { every: 90d, overlap: 2h }
keys:
  inherits: {}
  widened: { origins: { native: true }, labels: { stage: live, owner: me }, rotation: { overlap: 1h } }
  other-site: { origins: { referrers: [b.com] } }
  no-browsers: { origins: { native: true, web: false }, rotation: null }
`;
    expect(await specs(text)).toMatchObject({
      inherits: {
        origins: { native: false, web: { hosts: ["a.com"] } },
        labels: { team: "shop", stage: "test" },
        rotation: { every: "90d", overlap: "2h" },
      },
      widened: {
        origins: { native: true, web: { hosts: ["a.com"] } },
        labels: { team: "shop", stage: "live", owner: "me" },
        rotation: { every: "90d", overlap: "1h" },
      },
      "other-site": { origins: { native: false, web: { hosts: ["b.com"] } } },
      "no-browsers": { origins: { native: true, web: "none" }, rotation: null },
    });
  });

  test("count for the keys of their own file only", async () => {
    const result = await loadFiles(
      {
        "keys/a.yaml": `${HEAD}defaults: { algorithms: [], data: read }\nkeys: { a: {} }`,
        "keys/b.yaml": "version: 1\nkeys: { b: { algorithms: [] } }",
      },
      ["keys"],
    );
    expect(manifestOf(result).keys.map(({ name, spec }) => [name, spec.data])).toEqual([
      ["a", "read"],
      ["b", "none"],
    ]);
  });

  test("parts that mean nothing alone are no mistake where every key completes them", async () => {
    const text = `${HEAD}defaults: { algorithms: [], origins: { referrers: [a.com] }, rotation: { overlap: 1h } }\nkeys: { a: { origins: { native: false, web: true }, rotation: { every: 30d } } }`;
    expect((await specs(text))["a"]).toMatchObject({
      origins: { web: { hosts: ["a.com"] } },
      rotation: { every: "30d", overlap: "1h" },
    });
    const { diagnostics } = await loadText(text.replace(/keys: .*/, "keys: { a: {}, b: {} }"));
    expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ["invalid-origins", ["defaults", "origins", "referrers"]],
      ["missing-field", ["defaults", "rotation", "every"]],
    ]);
  });

  test("cannot hold what belongs to one key", async () => {
    const { diagnostics } = await loadText(`${HEAD}defaults: { renamed_from: a, deliver: [], tests: [] }\nkeys: {}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["unknown-field", "unknown-field", "unknown-field"]);
  });

  test("with more labels than a key can have are an error where they are joined", async () => {
    const labels = (prefix: string) => Array.from({ length: 20 }, (_, index) => `${prefix}${index}: x`).join(", ");
    const { diagnostics } = await loadText(
      `${HEAD}defaults: { algorithms: [], labels: { ${labels("a")} } }\nkeys:\n  web:\n    labels: { ${labels("b")} }`,
    );
    expect(diagnostics.map(summaryLine)).toEqual(["7:5 invalid-value: there are 40 labels; a key can have 32"]);
  });
});

describe("order never matters", () => {
  test("files, keys and fields in another order give the same keys (field row 5)", async () => {
    const one = `${HEAD}keys:\n  a: { algorithms: [algo://x/a], data: read }\n  b: { algorithms: [] }\n  C: { algorithms: [] }`;
    const other = `keys:\n  C: { algorithms: [] }\n  b: { algorithms: [] }\n  a: { data: read, algorithms: [algo://x/a] }\nproject: shop\naccount: acme\nversion: 1`;
    const split = {
      "keys/2.yaml": `${HEAD}keys: { C: { algorithms: [] }, a: { algorithms: [algo://x/a], data: read } }`,
      "keys/1.yaml": "version: 1\nkeys: { b: { algorithms: [] } }",
    };
    const keys = manifestOf(await loadText(one)).keys;
    expect(keys.map(({ name }) => name)).toEqual(["C", "a", "b"]);
    expect(manifestOf(await loadText(other)).keys).toEqual(keys);
    expect(manifestOf(await loadFiles(split, ["keys"])).keys).toEqual(keys);
  });
});

describe("several files", () => {
  test("must agree on account and project, and both places are named", async () => {
    const { diagnostics } = await loadFiles(
      { "keys/a.yaml": `${HEAD}keys: {}`, "keys/b.yaml": "version: 1\naccount: other\nproject: shop\nkeys: {}" },
      ["keys"],
    );
    expect(diagnostics.map(summaryLine)).toEqual([
      '2:10 conflicting-files: this file states another account than keys/a.yaml: "other"',
    ]);
    expect(
      diagnostics[0]?.related?.map(({ range }) => `${range.filename}:${range.start.line}:${range.start.column}`),
    ).toEqual(["keys/a.yaml:2:10"]);
  });

  test("need account and project in one of them", async () => {
    const { diagnostics } = await loadFiles(
      { "keys/a.yaml": "version: 1\nkeys: {}", "keys/b.yaml": "version: 1\naccount: a\nkeys: {}" },
      ["keys"],
    );
    expect(diagnostics.map(summaryLine)).toEqual(["1:1 missing-field: no file states `project`"]);
  });
});

describe("renames", () => {
  const renames = async (lines: string) => (await loadText(withKeys(lines))).diagnostics.map(summaryLine);
  const key = (name: string, from?: string) =>
    `${name}: { algorithms: []${from === undefined ? "" : `, renamed_from: ${from}`} }`;

  test("can swap two names, go in a chain, and change the case of a name", async () => {
    expect(await renames([key("a", "b"), key("b", "a")].join("\n"))).toEqual([]);
    expect(await renames([key("c", "b"), key("b", "a")].join("\n"))).toEqual([]);
    expect(await renames(key("Web", "web"))).toEqual([]);
    expect(manifestOf(await loadText(withKeys(key("new-name", "before")))).keys[0]?.renamedFrom).toBe("before");
  });

  test("cannot lead from a key that stays, whatever the case", async () => {
    expect(await renames([key("a", "B"), key("b")].join("\n"))).toEqual([
      '5:38 invalid-rename: the key is renamed from "B", which is still declared',
    ]);
  });

  test("cannot lead from one key to two, and both are named", async () => {
    const { diagnostics } = await loadText(withKeys([key("a", "x"), key("b", "X")].join("\n")));
    expect(diagnostics.map(summaryLine)).toEqual(['6:38 invalid-rename: two keys are renamed from "X"']);
    expect(diagnostics[0]?.related?.map(({ range }) => range.start.line)).toEqual([5]);
  });
});

describe("deliveries", () => {
  const deliveries = async (lines: string, folder = "", inputs?: string[]) => {
    const name = `${folder}keys.yaml`;
    return await loadFiles(
      { [name]: withKey(`algorithms: []\ndeliver:\n${lines.replace(/^/gm, "  ")}`) },
      inputs ?? [name],
    );
  };

  test("are relative to the declaration's folder and become relative to the working folder", async () => {
    const result = await deliveries(
      "- { to: dotenv, file: ../web/./.env, name: API_KEY }\n- { to: json, file: s.json, name: /a/b~1c }",
      "config/",
    );
    expect(manifestOf(result).keys[0]?.deliver).toEqual([
      { to: "dotenv", file: "web/.env", name: "API_KEY" },
      { to: "json", file: "config/s.json", name: "/a/b~1c" },
    ]);
  });

  const REFUSED: readonly (readonly [delivery: string, detail: RegExp])[] = [
    ["to: dotenv, file: /etc/environment, name: A", /not relative/],
    ["to: dotenv, file: 'C:/x', name: A", /not relative/],
    ["to: dotenv, file: ../.env, name: A", /outside the folder/],
    ["to: dotenv, file: a/../../.env, name: A", /outside the folder/],
    ["to: dotenv, file: 'a\\b', name: A", /backslash/],
    ["to: dotenv, file: a/, name: A", /folder/],
    ["to: dotenv, file: ., name: A", /folder/],
    ["to: dotenv, file: ' ', name: A", /no name of a file/],
    ['to: dotenv, file: "a\\nb", name: A', /no name of a file/],
    ["to: json, file: keys.yaml, name: a", /declaration itself/],
    ["to: dotenv, file: .env, name: api_key", /capitals/],
    ["to: dotenv, file: .env, name: 1A", /capitals/],
    ['to: dotenv, file: .env, name: "A=1\\nB"', /capitals/],
    ...["PATH", "NODE_OPTIONS", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "GIT_SSH_COMMAND"].map(
      (name) => [`to: dotenv, file: .env, name: ${name}`, /other programs run/] as const,
    ),
    ["to: json, file: a.json, name: ''", /1 to 128/],
    ["to: json, file: a.json, name: /a//b", /JSON Pointer/],
    ["to: json, file: a.json, name: /a/~2", /JSON Pointer/],
    ["to: json, file: a.json, name: __proto__", /misread/],
    ["to: json, file: a.json, name: /a/constructor/b", /misread/],
  ];
  for (const [delivery, detail] of REFUSED) {
    test(`refuses { ${delivery} }`, async () => {
      const { diagnostics } = await deliveries(`- { ${delivery} }`);
      expect(diagnostics.map(({ code }) => code)).toEqual(["invalid-delivery"]);
      expect(diagnostics[0]?.detail).toMatch(detail);
      expect(diagnostics[0]?.fix).toBeDefined();
    });
  }

  test("of two secrets to one place are an error that names both, across files and spellings", async () => {
    const key = (name: string, file: string) =>
      `version: 1\naccount: a\nproject: p\nkeys: { ${name}: { algorithms: [], deliver: [{ to: dotenv, file: ${file}, name: A }] } }`;
    const { diagnostics } = await loadFiles(
      { "keys/x.yaml": key("x", ".env"), "keys/y.yaml": key("y", "./b/../.env") },
      ["keys"],
    );
    expect(
      diagnostics.map(({ code, range, related }) => [code, range?.filename, related?.[0]?.range.filename]),
    ).toEqual([["invalid-delivery", "keys/y.yaml", "keys/x.yaml"]]);
  });

  test("write a file in one form only", async () => {
    const { diagnostics } = await deliveries("- { to: dotenv, file: s, name: A }\n- { to: json, file: s, name: b }");
    expect(diagnostics.map(summaryLine)).toEqual([
      "9:15 invalid-delivery: the same file is written both as dotenv and as json",
    ]);
  });
});

test("access tests are kept with their key", async () => {
  const text = withKey(
    'algorithms: []\ntests:\n  - { call: algo://a/b/1.0.0, origin: "https://a.com", expect: deny }\n  - { data: read, expect: deny }',
  );
  expect(manifestOf(await loadText(text)).keys[0]?.tests).toEqual([
    { call: "algo://a/b/1.0.0", data: undefined, origin: "https://a.com", expect: "deny" },
    { call: undefined, data: "read", origin: undefined, expect: "deny" },
  ]);
});
