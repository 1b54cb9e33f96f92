import { describe, expect, test } from "vitest";
import { loadText, markedText, summaryLine, withKey, withKeys } from "./loading.ts";

const said = async (text: string) => (await loadText(text)).diagnostics.map(summaryLine);

describe("what is written twice is checked in both places", () => {
  test("a key whose blocks each hold a mistake", async () => {
    const text = withKeys("web:\n  algorithms: [foo]\n  data: rw\nweb:\n  algorithms: [bar]\n  enabled: maybe");
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map(summaryLine)).toEqual([
      '6:18 invalid-algorithm: "foo" is not an algorithm pattern',
      '7:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "rw"',
      "8:3 duplicate-field: `web` is written twice in the same place",
      '9:18 invalid-algorithm: "bar" is not an algorithm pattern',
      '10:14 wrong-type: `enabled` must be `true` or `false`, not "maybe"',
    ]);
    expect(diagnostics.map(markedText)).toEqual(["foo", "rw", "web", "bar", "maybe"]);
  });

  test("a field of a key, and one three times", async () => {
    expect(
      await said(withKey("algorithms: []\ndata: x\ndata: y\ndata: none\nexpires: never\nexpires: 2027-01-01")),
    ).toEqual([
      '7:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "x"',
      "8:5 duplicate-field: `data` is written twice in the same place",
      '8:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "y"',
      "9:5 duplicate-field: `data` is written twice in the same place",
      '10:14 invalid-expiry: "never" is no date or moment',
      "11:5 duplicate-field: `expires` is written twice in the same place",
    ]);
  });

  test("all the keys, the defaults, the account", async () => {
    const text = `version: 1
account: a-b
account: acme
project: p
defaults: { algorithms: [x] }
defaults: { data: 1 }
keys: { a: { algorithms: [y] }, b c: { algorithms: [] } }
keys: { d: { algorithms: [z] } }
`;
    expect(await said(text)).toEqual([
      '2:10 invalid-name: "a-b" cannot name an account',
      "3:1 duplicate-field: `account` is written twice in the same place",
      '5:26 invalid-algorithm: "x" is not an algorithm pattern',
      "6:1 duplicate-field: `defaults` is written twice in the same place",
      "6:19 invalid-value: `data` must be `none`, `read` or `readwrite`, not 1",
      '7:27 invalid-algorithm: "y" is not an algorithm pattern',
      '7:33 invalid-name: "b c" cannot name a key',
      "8:1 duplicate-field: `keys` is written twice in the same place",
      '8:27 invalid-algorithm: "z" is not an algorithm pattern',
    ]);
  });

  test("a field inside the block that is hidden, and a part of a list", async () => {
    const text = withKeys(
      "web:\n  algorithms: []\n  data: x\n  data: y\nweb:\n  algorithms: []\n  deliver: [{ to: dotenv, file: /a, file: b, name: A }]",
    );
    expect(await said(text)).toEqual([
      '7:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "x"',
      "8:5 duplicate-field: `data` is written twice in the same place",
      '8:11 invalid-value: `data` must be `none`, `read` or `readwrite`, not "y"',
      "9:3 duplicate-field: `web` is written twice in the same place",
      '11:35 invalid-delivery: "/a" cannot take a secret',
      "11:39 duplicate-field: `file` is written twice in the same place",
    ]);
  });

  test("a variable that is not set, and what is legal but hardly meant", async () => {
    const text = withKeys(
      "web: { algorithms: [algo://a/*, algo://a/b], description: '${var.x}' }\nweb: { algorithms: [] }",
    );
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map(summaryLine)).toEqual([
      '5:35 covered-algorithm: "algo://a/b" is covered by "algo://a/*" already',
      "5:62 unset-variable: `${var.x}` is not set",
      "6:3 duplicate-field: `web` is written twice in the same place",
    ]);
  });

  test("what both places say well is said to be written twice, and nothing else", async () => {
    expect(
      await said(
        withKey(
          "algorithms: []\norigins: { native: true, web: false }\norigins: { web: true, native: false, referrers: [a.com] }",
        ),
      ),
    ).toEqual(["8:5 duplicate-field: `origins` is written twice in the same place"]);
    expect(
      await said(withKey("algorithms: []\norigins: { native: false, web: false, web: true, referrers: [a.com] }")),
    ).toEqual(["7:43 duplicate-field: `web` is written twice in the same place"]);
  });

  test("a text that an alias shares with what is hidden is told once", async () => {
    const text = withKey("algorithms: &list [1]\nalgorithms: *list");
    expect(await said(text)).toEqual([
      "6:24 wrong-type: an entry of the list must be text, not 1",
      "7:5 duplicate-field: `algorithms` is written twice in the same place",
    ]);
  });

  test("as far as they are told one by one; then the last one says so", async () => {
    const fields = Array.from({ length: 700 }, () => "k: { algorithms: [x] }").join("\n");
    const { diagnostics } = await loadText(withKeys(fields));
    const duplicates = diagnostics.filter(({ code }) => code === "duplicate-field");
    expect(duplicates.length).toBe(200);
    expect(duplicates.at(-1)?.detail).toBe("The file has 499 more problems of this kind.");
    expect(diagnostics.filter(({ code }) => code === "invalid-algorithm").length).toBe(200);
  });

  test("as far as a budget of values allows; then the last one says so", async () => {
    const block = `k: { algorithms: [${Array.from({ length: 900 }, (_, index) => `algo://a/b${index}`).join()}] }`;
    const { diagnostics } = await loadText(withKeys(`${block}\n`.repeat(190)));
    expect(diagnostics.map(({ code, detail }) => [code, detail])).toEqual(
      Array(189).fill(["duplicate-field", undefined]),
    );
    const shared = `labels: { ${Array.from({ length: 3_000 }, (_, index) => `l${index}: x`).join()} }`;
    const twice = await loadText(withKey(`algorithms: []\n${shared}\n${"data: none\n".repeat(40)}`));
    const details = twice.diagnostics.map(({ detail }) => detail).filter((detail) => detail !== undefined);
    expect(details).toEqual(["With so many, not everything that is written twice has been checked."]);
  });
});
