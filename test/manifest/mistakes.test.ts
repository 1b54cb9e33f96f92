import { describe, expect, test } from "vitest";
import { hasErrors } from "../../src/core/diagnostic.ts";
import { loadFiles, loadText, markedText, summaryLine, withKey, withKeys } from "./loading.ts";

/** Each mistake: what is written, what is marked, what is said, and which fix is offered. One mistake, one diagnostic. */
const MISTAKES: readonly (readonly [name: string, text: string, marked: string, said: string, fix: RegExp])[] = [
  [
    "a misspelled field",
    withKey("algoritms: []\nalgorithms: []"),
    "algoritms",
    "6:5 unknown-field: there is no field `algoritms` here",
    /Did you mean `algorithms`\?/,
  ],
  [
    "a field of origins at the key",
    withKey("algorithms: []\nreferrers: [a.com]"),
    "referrers",
    "7:5 unknown-field: there is no field `referrers` here",
    /under `origins`/,
  ],
  [
    "a merge key",
    withKey("<<: {}\nalgorithms: []"),
    "<<",
    "6:5 unknown-field: there is no field `<<` here",
    /`defaults`/,
  ],
  [
    "a field named __proto__",
    withKey("__proto__: {}\nalgorithms: []"),
    "__proto__",
    "6:5 unknown-field: there is no field `__proto__` here",
    /The fields here are/,
  ],
  [
    "a field named constructor",
    withKey("constructor: {}\nalgorithms: []"),
    "constructor",
    "6:5 unknown-field: there is no field `constructor` here",
    /The fields here are/,
  ],
  [
    "yes instead of true",
    withKey("algorithms: []\nenabled: yes"),
    "yes",
    '7:14 wrong-type: `enabled` must be `true` or `false`, not "yes"',
    /Write `true`/,
  ],
  [
    "text instead of a list",
    withKey("algorithms: algo://a/b"),
    "algo://a/b",
    '6:17 wrong-type: `algorithms` must be a list, not "algo://a/b"',
    /\["algo:\/\/a\/b"\]/,
  ],
  [
    "a number instead of text",
    withKey("algorithms: []\ndescription: 12"),
    "12",
    "7:18 wrong-type: `description` must be text, not 12",
    /in quotes, as it is written/,
  ],
  ["a key without fields", withKeys("web:"), "web", "5:3 wrong-type: the key `web` has no fields", /algorithms: \[\]/],
  [
    "an unknown access to data",
    withKey("algorithms: []\ndata: readwrit"),
    "readwrit",
    '7:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "readwrit"',
    /Did you mean `readwrite`\?/,
  ],
  [
    "no algorithms",
    withKey("data: read"),
    "web",
    "5:3 missing-field: the key `web` does not state `algorithms`",
    /algorithms: \[\]/,
  ],
  [
    "no version",
    "account: a\nproject: p\nkeys: {}",
    "account",
    "1:1 missing-field: the file does not state `version`",
    /version: 1/,
  ],
  [
    "no keys",
    "version: 1\naccount: a\nproject: p",
    "version",
    "1:1 missing-field: the file does not state `keys`",
    /keys: \{\}/,
  ],
  [
    "no account",
    "version: 1\nproject: p\nkeys: {}",
    "",
    "1:1 missing-field: the file does not state `account`",
    /account: NAME/,
  ],
  [
    "another version",
    "version: 2\naccount: a\nproject: p\nkeys: {}",
    "2",
    "1:10 unsupported-version: 2 is not a version of the format",
    /version: 1/,
  ],
  [
    "a bad account",
    "version: 1\naccount: a-b\nproject: p\nkeys: {}",
    "a-b",
    '2:10 invalid-name: "a-b" cannot name an account',
    /letters/,
  ],
  [
    "a bad project",
    "version: 1\naccount: a\nproject: my shop\nkeys: {}",
    "my shop",
    '3:10 invalid-name: "my shop" cannot name a project',
    /my-shop/,
  ],
  [
    "a bad name of a key",
    withKeys("my key: { algorithms: [] }"),
    "my key",
    '5:3 invalid-name: "my key" cannot name a key',
    /my-key/,
  ],
  [
    "a name that is no text",
    withKeys("1.0: { algorithms: [] }"),
    "1.0",
    "5:3 yaml-feature: a field's name must be text",
    /"1\.0"/,
  ],
  [
    "a field written twice",
    withKey("algorithms: []\ndata: none\ndata: read"),
    "data",
    "8:5 duplicate-field: `data` is written twice in the same place",
    /Keep one/,
  ],
  [
    "names that differ in case",
    withKeys("Web: { algorithms: [] }\nweb: { algorithms: [] }"),
    "web",
    "6:3 duplicate-key: the key `web` is declared twice",
    /Rename/,
  ],
  [
    "nobody may call",
    withKey("algorithms: []\norigins: { native: false }"),
    "{ native: false }",
    "7:14 invalid-origins: nobody may call with this key",
    /enabled: false/,
  ],
  [
    "referrers without browsers",
    withKey("algorithms: []\norigins: { referrers: [a.com] }"),
    "referrers",
    "7:16 invalid-origins: `referrers` are for browsers, and browsers may not call with this key",
    /web: true/,
  ],
  [
    "no referrers",
    withKey("algorithms: []\norigins: { web: true, referrers: [] }"),
    "[]",
    "7:38 invalid-origins: `referrers` lists no host",
    /web: false/,
  ],
  [
    "an impossible day",
    withKey("algorithms: []\nexpires: 2027-02-30"),
    "2027-02-30",
    '7:14 invalid-expiry: "2027-02-30" is no date or moment',
    /2027-01-31/,
  ],
  [
    "a moment without offset",
    withKey("algorithms: []\nexpires: 2027-01-31T12:00:00"),
    "2027-01-31T12:00:00",
    '7:14 invalid-expiry: "2027-01-31T12:00:00" is no date or moment',
    /2027-01-31/,
  ],
  [
    "a bad interval",
    withKey("algorithms: []\nrotation: { every: 3 months }"),
    "3 months",
    '7:24 invalid-rotation: "3 months" is no interval',
    /every: 90d/,
  ],
  [
    "an interval of nothing",
    withKey("algorithms: []\nrotation: { every: 0s }"),
    "0s",
    '7:24 invalid-rotation: "0s" is no interval',
    /every: 90d/,
  ],
  [
    "a rotation without interval",
    withKey("algorithms: []\nrotation: { overlap: 1h }"),
    "rotation",
    "7:5 missing-field: the rotation does not state `every`",
    /every: 90d/,
  ],
  [
    "a label that is no text",
    withKey("algorithms: []\nlabels: { team: 5 }"),
    "5",
    "7:21 wrong-type: `team` must be text, not 5",
    /in quotes, as it is written/,
  ],
  [
    "a bad name of a label",
    withKey("algorithms: []\nlabels: { my team: a }"),
    "my team",
    '7:15 invalid-name: "my team" cannot name a label',
    /my-team/,
  ],
  [
    "too long a label",
    withKey(`algorithms: []\nlabels: { a: ${"x".repeat(201)} }`),
    "x".repeat(201),
    "7:18 invalid-value: `a` has 201 characters; it can have 200",
    /Shorten/,
  ],
  [
    "too long a description",
    withKey(`algorithms: []\ndescription: ${"é".repeat(501)}`),
    "é".repeat(501),
    "7:18 invalid-value: `description` has 501 characters; it can have 500",
    /Shorten/,
  ],
  [
    "a rename from itself",
    withKey("algorithms: []\nrenamed_from: web"),
    "web",
    "7:19 invalid-rename: the key `web` is renamed from itself",
    /Take/,
  ],
  [
    "a rename from a bad name",
    withKey("algorithms: []\nrenamed_from: a b"),
    "a b",
    '7:19 invalid-name: "a b" cannot name a key',
    /a-b/,
  ],
  [
    "a test that names nothing",
    withKey("algorithms: []\ntests: [{ expect: deny }]"),
    "{ expect: deny }",
    "7:13 invalid-value: the test names neither `call` nor `data`",
    /one test/,
  ],
  [
    "a test with two requests",
    withKey("algorithms: []\ntests: [{ call: algo://a/b, data: read, expect: deny }]"),
    "{ call: algo://a/b, data: read, expect: deny }",
    "7:13 invalid-value: the test names both `call` and `data`",
    /one test/,
  ],
  [
    "a test of a pattern",
    withKey('algorithms: []\ntests: [{ call: "algo://a/*", expect: deny }]'),
    '"algo://a/*"',
    '7:21 invalid-algorithm: "algo://a/*" is no call of an algorithm',
    /algo:\/\/owner\/name/,
  ],
  [
    "a test from no origin",
    withKey("algorithms: []\ntests: [{ data: read, origin: shop.example.com, expect: deny }]"),
    "shop.example.com",
    '7:35 invalid-value: "shop.example.com" is no web origin as browsers send it',
    /https:\/\//,
  ],
  [
    "a list instead of a declaration",
    "- a\n- b\n",
    "a",
    "1:3 wrong-type: a declaration must be a map of fields, not a list",
    /name: value/,
  ],
];

describe("one mistake gives one diagnostic, at the very place, with a fix", () => {
  for (const [name, text, marked, said, fix] of MISTAKES) {
    test(name, async () => {
      const { diagnostics } = await loadText(text);
      expect(diagnostics.filter(({ severity }) => severity === "error").map(summaryLine)).toEqual([said]);
      const [diagnostic] = diagnostics;
      expect(diagnostic && markedText(diagnostic)).toBe(marked);
      expect(diagnostic?.fix).toMatch(fix);
    });
  }
});

test("all mistakes of several files are named in one pass, in the order of files and lines", async () => {
  const { ok, diagnostics } = await loadFiles(
    {
      "keys/b.yaml": "version: 1\nkeys:\n  web: { algorithms: [foo/bar], data: rw }\n",
      "keys/a.yaml": "version: 1\naccount: acme\nproject: shop\nkeys: [\n",
      "keys/c.yaml": "",
      "keys/d.yaml": "version: 1\nkeys:\n  Web: { algorithms: [] }\n",
    },
    ["keys"],
  );
  expect(ok).toBe(false);
  expect(diagnostics.map((each) => `${each.range?.filename ?? ""} ${summaryLine(each)}`)).toEqual([
    "keys/a.yaml 5:1 yaml-syntax: this is not YAML: deficient indentation",
    'keys/b.yaml 3:23 invalid-algorithm: "foo/bar" is not an algorithm pattern',
    'keys/b.yaml 3:39 invalid-value: `data` must be `none`, `read` or `readwrite`, not "rw"',
    "keys/c.yaml 1:1 no-declaration: the file is empty",
    "keys/d.yaml 3:3 duplicate-key: the key `Web` is declared twice",
  ]);
  expect(diagnostics.at(-1)?.related?.map(({ range }) => [range.filename, range.start.line])).toEqual([
    ["keys/b.yaml", 3],
  ]);
});

test("a mistake in the defaults is told once, however many keys inherit it", async () => {
  const { diagnostics } = await loadText(
    "version: 1\naccount: a\nproject: p\ndefaults: { algorithms: [nope], origins: { native: false } }\nkeys: { a: {}, b: {}, c: {} }",
  );
  expect(diagnostics.map(summaryLine)).toEqual([
    '4:26 invalid-algorithm: "nope" is not an algorithm pattern',
    "4:42 invalid-origins: nobody may call with this key",
  ]);
});

test("a wrong part is not blamed for what it leaves out", async () => {
  const { diagnostics } = await loadText(withKey("algorithms: 5\norigins: { native: no, web: false }"));
  expect(diagnostics.map(summaryLine)).toEqual([
    "6:17 wrong-type: `algorithms` must be a list, not 5",
    '7:24 wrong-type: `native` must be `true` or `false`, not "no"',
  ]);
});

test("columns count UTF-16 units, and bytes count from the beginning of the file", async () => {
  const text = `\ufeff${withKeys("web: { description: 🙂é, algorithms: [nope] }")}`;
  const { diagnostics } = await loadText(text);
  const [range] = diagnostics.map((each) => each.range);
  const [, line = ""] = /^(.*nope.*)$/m.exec(text) ?? [];
  expect(range?.start).toEqual({
    line: 5,
    column: line.indexOf("nope") + 1,
    byte: Buffer.byteLength(text.split("nope")[0] ?? ""),
  });
});

test("a file with thousands of mistakes tells the first ones and counts the others", async () => {
  const fields = Array.from({ length: 32_000 }, (_, index) => `x${index}: 1`).join("\n");
  const { diagnostics } = await loadText(`version: 1\naccount: a\nproject: p\nkeys: {}\n${fields}`);
  expect(diagnostics.length).toBe(200);
  expect(diagnostics.at(-1)?.detail).toContain("31800 more");
  expect(hasErrors(diagnostics)).toBe(true);
});

test("an empty list of referrers hides nothing: that nobody may call is told in the same pass", async () => {
  const { diagnostics } = await loadText(
    withKey("algorithms: []\norigins: { native: false, web: false, referrers: [] }"),
  );
  expect(diagnostics.map(({ summary }) => summary)).toEqual([
    "nobody may call with this key",
    "`referrers` lists no host",
  ]);
});
