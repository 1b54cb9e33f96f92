import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import schema from "../../schemas/manifest.schema.json" with { type: "json" };

// The very service that editors run, in process.
const require = createRequire(import.meta.url);
interface Position {
  readonly line: number;
  readonly character: number;
}
interface Service {
  configure(settings: object): void;
  doComplete(
    document: object,
    position: Position,
    isKubernetes: boolean,
  ): Promise<{ items: { label: string; documentation?: unknown }[] }>;
  doHover(document: object, position: Position): Promise<{ contents: { value: string } } | null>;
  doValidation(document: object, isKubernetes: boolean): Promise<{ message: string; range: { start: Position } }[]>;
}
interface Documents {
  create(uri: string, language: string, version: number, text: string): { positionAt(offset: number): Position };
}
const { getLanguageService, TextDocument } = require("yaml-language-server") as {
  getLanguageService: (setup: object) => Service;
  TextDocument: Documents;
};

const service = getLanguageService({
  schemaRequestService: (uri: string) => Promise.reject(new Error(`not to be fetched: ${uri}`)),
  workspaceContext: { resolveRelativePath: (path: string) => path },
});

beforeAll(() => {
  service.configure({
    validate: true,
    hover: true,
    completion: true,
    schemas: [{ uri: schema.$id, fileMatch: ["*.yaml"], schema }],
  });
});

let documents = 0;

/** A document, and the place of `|` in it. */
function opened(text: string): { document: object; position: Position } {
  const offset = text.indexOf("|");
  const document = TextDocument.create(`file:///keys-${++documents}.yaml`, "yaml", 1, text.replace("|", ""));
  return { document, position: document.positionAt(Math.max(0, offset)) };
}

const HEAD = "version: 1\naccount: acme\nproject: shop\n";
const labels = async (text: string) => {
  const { document, position } = opened(text);
  return (await service.doComplete(document, position, false)).items.map(({ label }) => label);
};
const hover = async (text: string) => {
  const { document, position } = opened(text);
  return (await service.doHover(document, position))?.contents.value ?? "";
};
const mistakes = async (text: string) =>
  (await service.doValidation(opened(text).document, false)).map(({ message }) => message);

describe("editors, by the schema alone", () => {
  test("complete the names of fields and the values that there are", async () => {
    expect(await labels(`${HEAD}keys:\n  web:\n    |`)).toEqual(
      expect.arrayContaining(["algorithms", "origins", "data", "protect", "deliver", "renamed_from"]),
    );
    expect(await labels(`${HEAD}keys:\n  web:\n    origins:\n      |`)).toEqual(
      expect.arrayContaining(["native", "web", "referrers"]),
    );
    expect(await labels(`${HEAD}keys:\n  web:\n    algorithms: []\n    data: |`)).toEqual(
      expect.arrayContaining(["none", "read", "readwrite"]),
    );
    expect(await labels("|")).toEqual(expect.arrayContaining(["version", "account", "project", "defaults", "keys"]));
  });

  test("explain a field when it is pointed at", async () => {
    expect(await hover(`${HEAD}keys:\n  web:\n    algori|thms: []`)).toContain("algo://owner/name/version");
    expect(await hover(`${HEAD}keys:\n  web:\n    algorithms: []\n    da|ta: read`)).toContain("Data API");
    expect(await hover(`${HEAD}defaults:\n  rota|tion: { every: 90d }\nkeys: {}`)).toContain("replaced");
  });

  test("mark mistakes", async () => {
    expect((await mistakes(`${HEAD}keys:\n  web:\n    algorithms: []\n    algoritms: []`)).join()).toContain(
      "algoritms is not allowed",
    );
    expect((await mistakes(`${HEAD}keys:\n  web:\n    algorithms: []\n    data: rw`)).length).toBeGreaterThan(0);
    expect((await mistakes(`${HEAD}keys:\n  web:\n    data: read`)).join()).toContain("algorithms");
    expect((await mistakes(`${HEAD}keys:\n  web:\n    algorithms: [foo/bar]`)).length).toBe(1);
    expect((await mistakes(`${HEAD}keys:\n  my web:\n    algorithms: []`)).length).toBe(1);
  });

  test("accept right declarations, with variables wherever there can be some", async () => {
    const right = `${HEAD}defaults: { algorithms: [], data: "\${var.data}" }
keys:
  web:
    algorithms: ["\${var.a}", algo://a/b, "algo://*"]
    origins: { native: false, web: true, referrers: ["*.a.com", "http://localhost:*", "\${env.HOST}"] }
    expires: \${env.UNTIL}
    rotation: { every: 90d, overlap: "\${var.overlap}" }
    renamed_from: \${var.before}
    deliver: [{ to: dotenv, file: .env, name: A }, { to: "\${var.to}", file: a, name: b }]
    tests: [{ call: "\${var.call}", origin: "https://a.com", expect: allow }]
  plain: {}
`;
    expect(await mistakes(right)).toEqual([]);
  });
});
