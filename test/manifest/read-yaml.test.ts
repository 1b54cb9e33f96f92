import { describe, expect, test } from "vitest";
import { loadText, manifestOf, markedText, summaryLine, withKey, withKeys } from "./loading.ts";

const HEAD = "version: 1\naccount: acme\nproject: shop\n";

/** What is refused before or while it is read: text, what is marked, what is said. */
const REFUSED: readonly (readonly [name: string, text: string | Uint8Array, marked: string, said: RegExp])[] = [
  ["an empty file", "", "", /^1:1 no-declaration: the file is empty$/],
  ["a file of comments", "# nothing\n\n---\n", "", /^1:1 no-declaration: the file is empty$/],
  ["a lone null", "null\n", "null", /^1:1 no-declaration: the file holds only `null`, which is no value$/],
  [
    "a lone tilde",
    "# nothing\n---\n  ~ # yet\n",
    "~",
    /^3:3 no-declaration: the file holds only `~`, which is no value$/,
  ],
  [
    "two documents",
    `${HEAD}keys: {}\n---\n${HEAD}keys: {}\n`,
    "-",
    /^5:1 yaml-feature: the file holds more than one YAML document$/,
  ],
  [
    "a second document that is empty",
    `---\n${HEAD}keys: {}\n# ---\n---\n`,
    "-",
    /^7:1 yaml-feature: the file holds more/,
  ],
  [
    "an alias of what holds it",
    `${HEAD}keys: &a { web: { labels: *a } }`,
    "*",
    /^4:\d+ yaml-feature: an alias stands inside/,
  ],
  ["an alias of nothing", `${HEAD}keys: *nothing`, "n", /^4:8 yaml-syntax: .*unidentified alias "nothing"/],
  ["an unknown tag", `${HEAD}keys: !secret x`, "!", /^4:7 yaml-feature: YAML tags are not read/],
  ["a tag that runs code elsewhere", `${HEAD}keys: !!js/function x`, "!", /^4:7 yaml-feature: YAML tags are not read/],
  ["indentation by tabs", "version: 1\nkeys:\n\tweb: {}\n", "\t", /^3:1 yaml-syntax: .*tab characters/],
  ["a bracket that is not closed", `${HEAD}keys: {`, "", /^4:\d+ yaml-syntax: /],
  ["a quote that is not closed", `${HEAD}keys: "abc`, "", /^4:\d+ yaml-syntax: .*quoted scalar/],
  ["a line without a colon", "version: 1\nkeys\n", "", /^3:1 yaml-syntax: /],
  [
    "too deep nesting",
    `a: ${"[".repeat(40)}${"]".repeat(40)}`,
    "[",
    /^1:\d+ too-deep: lists and maps are nested more than 32 deep$/,
  ],
  ["a NUL character", "version: 1\0", "\0", /^1:11 yaml-syntax: .*null byte/],
  ["a control character", "version: 1\nkeys: \x07", "\x07", /^2:\d+ yaml-syntax: .*non-printable/],
  ["UTF-16", Buffer.from("\ufeffversion: 1", "utf16le"), "\ufffd", /^1:1 not-utf8: the file is not UTF-8 text$/],
  [
    "half a character",
    Buffer.concat([Buffer.from("a: \ufffdé\nb: "), Buffer.of(0xc3), Buffer.from("\n")]),
    "\ufffd",
    /^2:4 not-utf8/,
  ],
  ["too large a file", new Uint8Array(16 * 1024 * 1024 + 1), "", /^too-large: the file is larger than 16 MiB$/],
];

describe("a text that is refused says where and why", () => {
  for (const [name, text, marked, said] of REFUSED) {
    test(name, async () => {
      const { ok, diagnostics } = await loadText(text);
      expect(ok).toBe(false);
      expect(diagnostics.map(summaryLine)).toHaveLength(1);
      expect(diagnostics.map(summaryLine).join()).toMatch(said);
      const [diagnostic] = diagnostics;
      expect(diagnostic && (markedText(diagnostic) ?? "")).toContain(marked);
      expect(diagnostic?.fix).toBeDefined();
    });
  }
});

test("aliases count as often as they are used, so a small file cannot unfold into a huge one", async () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) =>
      `a${level}: &a${level} [${Array(9)
        .fill(level === 0 ? "x" : `*a${level - 1}`)
        .join()}]`,
  );
  const { diagnostics } = await loadText(levels.join("\n"));
  expect(diagnostics.map(summaryLine)).toEqual(["1:1 too-many-nodes: the file holds more than 200,000 values"]);
});

test("a file may hold 200,000 values, and one more for each few bytes beyond a MiB", async () => {
  const flat = (count: number) =>
    `[${Array(count - 1)
      .fill("x")
      .join()}]`;
  const codes = async (text: string) => (await loadText(text)).diagnostics.map(({ code }) => code);
  expect(await codes(flat(200_000))).toEqual(["wrong-type"]);
  expect(await codes(flat(200_001))).toEqual(["too-many-nodes"]);
  expect(await codes(`# ${"-".repeat(2 ** 20)}\n${flat(200_001)}`)).toEqual(["wrong-type"]);
});

test("aliases and anchors are read, and a mistake in what is aliased is marked where it is written", async () => {
  const shared = withKeys("a: { algorithms: &list [algo://a/b, nope] }\nb: { algorithms: *list }");
  const { diagnostics } = await loadText(shared);
  expect(diagnostics.map(summaryLine)).toEqual(['5:39 invalid-algorithm: "nope" is not an algorithm pattern']);
});

test("a byte order mark and every kind of line break are tolerated", async () => {
  const text = withKey("algorithms: [algo://a/b]");
  for (const spelled of [`\ufeff${text}`, text.replaceAll("\n", "\r\n"), text.replaceAll("\n", "\r")]) {
    expect(manifestOf(await loadText(spelled)).keys.map(({ name }) => name)).toEqual(["web"]);
  }
  const { diagnostics } = await loadText(withKey("algorithms: [nope]").replaceAll("\n", "\r\n"));
  expect(diagnostics.map(summaryLine)).toEqual(['6:18 invalid-algorithm: "nope" is not an algorithm pattern']);
  expect(diagnostics[0]?.snippet?.line).toBe("    algorithms: [nope]");
});

test("JSON is YAML, with tabs and escapes", async () => {
  const json = JSON.stringify(
    {
      version: 1,
      account: "acme",
      project: "shop",
      keys: { web: { algorithms: [], description: 'é\u2028"\\/🙂\ttab' } },
    },
    null,
    "\t",
  );
  const escaped = json.replace(/[^\x20-\x7e\n\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const text of [json, escaped]) {
    expect(manifestOf(await loadText(text)).keys[0]?.spec.description).toBe('é\u2028"\\/🙂\ttab');
  }
});

test("dates, octal-looking numbers and words of other YAML versions stay text where text is due", async () => {
  const text = withKey("algorithms: []\nexpires: 2027-01-31\nlabels: { a: on, b: 12:30:45, c: 1_000, d: 2027-01-31 }");
  const [key] = manifestOf(await loadText(text)).keys;
  expect(key?.spec.expires).toBe("2027-01-31T00:00:00Z");
  expect(key?.spec.labels).toEqual({ a: "on", b: "12:30:45", c: "1_000", d: "2027-01-31" });
});

test("nothing that is read touches a prototype", async () => {
  const { ok } = await loadText(
    `{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "keys": {"__proto__": {"polluted": 1}}}`,
  );
  expect(ok).toBe(false);
  expect("polluted" in {}).toBe(false);
  const keys = manifestOf(await loadText(withKeys("constructor: { algorithms: [] }"))).keys;
  expect(keys.map(({ name }) => name)).toEqual(["constructor"]);
});
