import { describe, expect, test } from "vitest";
import { loadFiles, loadText, manifestOf, summaryLine, withKey } from "./loading.ts";

const HEAD = "version: 1\naccount: acme\nproject: shop\n";
const EMPTY = `${HEAD}keys: {}\n`;
const part = (name: string) => `version: 1\nkeys: { ${name}: { algorithms: [] } }\n`;
const names = (result: Awaited<ReturnType<typeof loadFiles>>) => manifestOf(result).keys.map(({ name }) => name);

describe("what is read", () => {
  test("is a folder's YAML files at any depth, without hidden folders and installed packages", async () => {
    const files = {
      "k/a.yaml": `${HEAD}keys: { a: { algorithms: [] } }`,
      "k/deep/er/b.yml": part("b"),
      "k/.git/c.yaml": "nonsense: [",
      "k/.d.yaml": "nonsense: [",
      "k/node_modules/e/f.yaml": "nonsense: [",
      "k/notes.md": "# notes",
      "k/data.json": "{}",
    };
    const result = await loadFiles(files, ["k"]);
    expect(names(result)).toEqual(["a", "b"]);
    expect(manifestOf(result).source.files).toEqual(["k/a.yaml", "k/deep/er/b.yml"]);
  });

  test("is each file once, however often it is named", async () => {
    const result = await loadFiles({ "k/a.yaml": `${HEAD}keys: { a: { algorithms: [] } }` }, [
      "k",
      "k/a.yaml",
      "./k/../k/a.yaml",
    ]);
    expect(names(result)).toEqual(["a"]);
  });

  test("without arguments is every usual file that there is, together", async () => {
    expect(names(await loadFiles({ "algokeys.yaml": EMPTY }))).toEqual([]);
    expect(
      names(await loadFiles({ "keys.yaml": `${HEAD}keys: { a: { algorithms: [] } }`, "keys/more/b.yaml": part("b") })),
    ).toEqual(["a", "b"]);
    expect(names(await loadFiles({ "keys/a.yaml": `${HEAD}keys: { a: { algorithms: [] } }` }))).toEqual(["a"]);
  });

  test("can be standard input beside files, and JSON", async () => {
    const stdin = () => Promise.resolve(Buffer.from(part("b")));
    const result = await loadFiles(
      {
        "a.json": JSON.stringify({
          version: 1,
          account: "a",
          project: "p",
          keys: { a: { algorithms: [] } },
          $schema: "x",
        }),
      },
      ["a.json", "-"],
      { stdin },
    );
    expect(names(result)).toEqual(["a", "b"]);
    expect(manifestOf(result).source.files).toEqual(["-", "a.json"]);
  });
});

describe("what cannot be read", () => {
  const REFUSED: readonly (readonly [
    name: string,
    files: Record<string, string>,
    inputs: string[],
    code: string,
    fix: RegExp,
  ])[] = [
    ["no declaration at all", { "README.md": "x" }, [], "no-declaration", /algokeys init/],
    ["a missing file", { "keys.yaml": EMPTY }, ["kyes.yaml"], "file-not-found", /Did you mean `keys.yaml`\?/],
    [
      "a missing file in a folder",
      { "conf/keys.yaml": EMPTY },
      ["conf/key.yaml"],
      "file-not-found",
      /Did you mean `conf\/keys.yaml`\?/,
    ],
    ["a missing folder", {}, ["no/such/folder"], "file-not-found", /Check the path/],
    ["a folder without YAML files", { "k/notes.md": "x" }, ["k"], "no-declaration", /another folder/],
    ["another kind of file", { "keys.toml": "x" }, ["keys.toml"], "unsupported-file", /\.yaml/],
  ];
  for (const [name, files, inputs, code, fix] of REFUSED) {
    test(name, async () => {
      const { ok, diagnostics } = await loadFiles(files, inputs);
      expect(ok).toBe(false);
      expect(diagnostics.map((each) => each.code)).toEqual([code]);
      expect(diagnostics[0]?.fix).toMatch(fix);
    });
  }

  test("does not keep the rest from being checked, nor is it blamed for what it might have said", async () => {
    const { diagnostics } = await loadFiles(
      { "a.yaml": "version: 1\nkeys: { a: { algorithms: [x] } }", "b.yaml": "{" },
      ["a.yaml", "b.yaml", "c.yaml"],
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(["file-not-found", "invalid-algorithm", "yaml-syntax"]);
  });

  test("standard input that fails is told, not thrown", async () => {
    const { diagnostics } = await loadText("", { stdin: () => Promise.reject(new Error("closed")) });
    expect(diagnostics.map(summaryLine)).toEqual(["file-unreadable: standard input cannot be read"]);
  });
});

describe("the digest of the sources", () => {
  const digest = async (files: Record<string, string>, options = {}) =>
    manifestOf(await loadFiles(files, Object.keys(files), options)).source.digest;

  test("is of their names and contents before variables", async () => {
    const text = withKey("algorithms: []\ndescription: ${env.X}");
    const first = await digest({ "a.yaml": text }, { env: { X: "1" } });
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest({ "a.yaml": text }, { env: { X: "2" } })).toBe(first);
    expect(await digest({ "b.yaml": text }, { env: { X: "1" } })).not.toBe(first);
    expect(await digest({ "a.yaml": `${text}# note\n` }, { env: { X: "1" } })).not.toBe(first);
  });

  test("does not let contents move from one file to another", async () => {
    const [one, two] = [`${HEAD}keys: {}\n#1\n`, "version: 1\nkeys: {}\n#2\n"];
    const moved = [`${HEAD}keys: {}\n#1`, "\nversion: 1\nkeys: {}\n#2\n"];
    expect(await digest({ "a.yaml": one, "b.yaml": two })).not.toBe(
      await digest({ "a.yaml": moved[0] ?? "", "b.yaml": moved[1] ?? "" }),
    );
  });

  test("of a module is that of the value which it exports", async () => {
    const value = { version: 1, account: "a", project: "p", keys: {} };
    const json = JSON.stringify(value);
    const spaced = `// a comment\nexport default ${JSON.stringify(value, null, 2)};`;
    expect(await digest({ "a.mjs": `export default ${json};` })).toBe(await digest({ "a.mjs": spaced }));
  });
});

describe("modules", () => {
  const DECLARED =
    '{ version: 1, account: "acme", project: "shop", keys: { web: { algorithms: ["algo://a/b"], data: "read" } } }';
  const MODULES: readonly (readonly [name: string, text: string])[] = [
    ["keys.ts", `interface X { a: number }\nconst declared = ${DECLARED} as const;\nexport default declared;`],
    ["keys.ts", `export const manifest: object = ${DECLARED};`],
    ["keys.mts", `export default ${DECLARED} satisfies object;`],
    ["keys.js", `export default ${DECLARED};`],
    ["keys.mjs", `export default ${DECLARED};`],
    ["keys.cjs", `module.exports = ${DECLARED};`],
  ];
  for (const [name, text] of MODULES) {
    test(`${name}: ${text.slice(0, 30)}`, async () => {
      expect(names(await loadFiles({ [name]: text }, [name]))).toEqual(["web"]);
    });
  }

  test("can import other modules and be one of several files", async () => {
    const files = {
      "keys.ts":
        'import { algorithms } from "./lib/list.ts";\nexport default { version: 1, keys: { a: { algorithms } } };',
      "lib/list.ts": 'export const algorithms: string[] = ["algo://a/b"];',
      "more.yaml": `${HEAD}keys: { b: { algorithms: [] } }`,
    };
    expect(names(await loadFiles(files, ["keys.ts", "more.yaml"]))).toEqual(["a", "b"]);
  });

  test("have mistakes without a place: the path and the file's name tell where", async () => {
    const { diagnostics } = await loadFiles(
      {
        "k/keys.js":
          'export default { version: 1, account: "a", project: "p", keys: { web: { algorithms: ["nope"], "data": "rw", x: undefined } } };',
      },
      ["k/keys.js"],
    );
    expect(diagnostics.map(({ code, path, range }) => [code, path, range])).toEqual([
      ["invalid-value", ["keys", "web", "data"], undefined],
      ["invalid-algorithm", ["keys", "web", "algorithms", 0], undefined],
    ]);
    for (const { detail } of diagnostics) expect(detail).toContain("k/keys.js");
  });

  test("that throw, do not parse or import nothing are told with their message and place", async () => {
    const failing = async (text: string) => (await loadFiles({ "keys.ts": text }, ["keys.ts"])).diagnostics;
    const [thrown] = await failing(
      'const a: number = 1;\n\nfunction f(): never {\n  throw new Error("boom\\nand more");\n}\nf();\nexport default a;',
    );
    expect(thrown).toMatchObject({
      code: "module-failed",
      summary: "the module failed: boom",
      range: { filename: "keys.ts", start: { line: 4 } },
    });
    const [unparsed] = await failing("export default {\n  version: 1,,\n};");
    expect(unparsed).toMatchObject({ code: "module-failed", range: { start: { line: 2 } } });
    const [unfound] = await failing('import "./nope.ts";\nexport default {};');
    expect(unfound?.summary).toContain("./nope.ts");
    const [odd] = await failing('throw "text";');
    expect(odd?.summary).toBe("the module failed: text");
  });

  test("export plain data only", async () => {
    const exported = async (text: string) =>
      (await loadFiles({ "keys.js": text }, ["keys.js"])).diagnostics.map(({ code, summary }) => `${code}: ${summary}`);
    expect(await exported("export const other = 1;")).toEqual(["no-declaration: the module exports no declaration"]);
    expect(await exported("export default () => ({});")).toEqual([
      "wrong-type: the export is a function; a declaration is plain data",
    ]);
    expect(
      await exported(
        'export default { version: 1, account: "a", project: "p", keys: { web: { algorithms: [], expires: new Date(0) } } };',
      ),
    ).toEqual(["wrong-type: `keys.web.expires` is a Date; a declaration is plain data"]);
    expect(await exported("const a = {}; a.a = a; export default a;")).toContain(
      "too-deep: the value is nested more than 32 deep",
    );
    expect(await exported("let a = []; for (let i = 0; i < 25; i++) a = [a, a]; export default { a };")).toContain(
      "too-many-nodes: the module exports more than 200,000 values",
    );
  });

  test("have their variables replaced as files have", async () => {
    const text = 'export default { version: 1, account: "${var.account}", project: "p", keys: {} };';
    expect(manifestOf(await loadFiles({ "keys.js": text }, ["keys.js"], { vars: { account: "acme" } })).account).toBe(
      "acme",
    );
  });
});
