import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { createPlacer } from "../../src/manifest/place.ts";
import { readYaml } from "../../src/manifest/read-yaml.ts";
import type { SourceFile } from "../../src/manifest/source-file.ts";

function read(text: string): { value: unknown; failed: boolean } {
  const content = { text, bytes: Buffer.byteLength(text), bom: 0 };
  const file: SourceFile = { filename: "f.yaml", folder: "", content };
  const { value, problems } = readYaml(file, content);
  return { value, failed: problems.length > 0 };
}

/** The reference: the `yaml` package, YAML 1.2 with its core schema. */
function reference(text: string): { value: unknown; failed: boolean } {
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    stringKeys: true,
    logLevel: "silent",
  });
  try {
    if (document.errors.length === 0) return { value: document.toJS({ maxAliasCount: -1 }) as unknown, failed: false };
  } catch {
    // an alias of nothing, which it finds only now
  }
  return { value: undefined, failed: true };
}

const scalar = fc.oneof(
  fc.constantFrom(
    "~",
    "null",
    "true",
    "False",
    "yes",
    "0",
    "-0",
    "007",
    "0x1F",
    "0o17",
    "1e3",
    ".5",
    "-.inf",
    ".nan",
    "1_000",
    "2027-01-31",
    "12:30",
  ),
  fc.constantFrom(
    "a",
    "a b",
    "a: b",
    "- a",
    "# c",
    "a #b",
    "'",
    '"',
    "",
    " ",
    "é🙂",
    "${var.x}",
    "algo://a/*",
    "*.a.com",
    "!x",
    "&x",
    "%",
    "@",
    "`",
    "line\nbreak",
    "tab\there",
    "\u2028",
  ),
  fc.string({ maxLength: 8, unit: "grapheme" }),
);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "value" },
    scalar,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(scalar, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const style = fc.record({
  collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
  defaultStringType: fc.constantFrom(
    "PLAIN" as const,
    "QUOTE_DOUBLE" as const,
    "QUOTE_SINGLE" as const,
    "BLOCK_LITERAL" as const,
    "BLOCK_FOLDED" as const,
  ),
  defaultKeyType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const),
  lineWidth: fc.constantFrom(0, 20, 80),
  indent: fc.constantFrom(1, 2, 4),
});

// A text alone at the root is left out: the two disagree on its indentation, and no declaration is one.
test("what the reference writes, in any style, is read as the reference reads it", () => {
  fc.assert(
    fc.property(value, style, (data, options) => {
      const text = stringify(
        { root: data },
        { ...options, version: "1.2", schema: "core", aliasDuplicateObjects: false },
      );
      const expected = reference(text);
      fc.pre(!expected.failed);
      expect(read(text)).toEqual(expected);
    }),
    { numRuns: process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 2_000 },
  );
});

test("hand-written lines that both readers accept are read alike", () => {
  const line = fc
    .tuple(
      fc.constantFrom("", "  ", "    "),
      fc.constantFrom("a: ", "b: ", "- ", "c:", "", "? ", "'q': ", "- - "),
      fc.oneof(
        scalar,
        fc.constantFrom(
          "[a, b: c]",
          "{ a: 1, b }",
          "|",
          ">-",
          "&x y",
          "*x",
          "# note",
          "[",
          "}",
          '"\\x41\\u00e9"',
          "'it''s'",
        ),
      ),
    )
    .map((parts) => parts.join("").replaceAll("\n", " "));
  let alike = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      const text = lines.join("\n");
      const [ours, theirs] = [read(text), reference(text)];
      if (ours.failed || theirs.failed) return;
      alike++;
      expect(ours.value ?? null).toEqual(theirs.value ?? null);
    }),
    { numRuns: process.env["ALGOKEYS_LONG"] === "1" ? 50_000 : 3_000 },
  );
  expect(alike).toBeGreaterThan(300);
});

test("the place of every text is where the text stands", () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,6}é?$/), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(words, style, fc.constantFrom("\n", "\r\n"), (names, options, lineBreak) => {
      const data = Object.fromEntries(
        names.map((name, index) => [name, index % 2 === 0 ? [`v${name}`] : { [`k${name}`]: `v${name}` }]),
      );
      const text = stringify(data, { ...options, lineWidth: 0, version: "1.2", schema: "core" }).replaceAll(
        "\n",
        lineBreak,
      );
      const file: SourceFile = {
        filename: "f.yaml",
        folder: "",
        content: { text, bytes: Buffer.byteLength(text), bom: 0 },
      };
      for (const [index, name] of names.entries()) {
        const path = index % 2 === 0 ? [name, 0] : [name, `k${name}`];
        const problem = { file, severity: "error", code: "wrong-type", summary: "", path } as const;
        const found = createPlacer().diagnostics([
          { ...problem, mark: { type: "value" } },
          { ...problem, path: [name], mark: { type: "name" } },
        ]);
        const marked = found.map(({ range, snippet }) => snippet?.line.slice((range?.start.column ?? 1) - 1) ?? "");
        expect(marked.some((rest) => rest.startsWith(name) || rest.startsWith(`"${name}`))).toBe(true);
        // A block text has no place of its own: its field's name, or its header, stands for it.
        if (!options.defaultStringType.startsWith("BLOCK"))
          expect(marked.some((rest) => /^["']?v/.test(rest) && rest.includes(`v${name}`))).toBe(true);
        for (const { range } of found) {
          expect(Buffer.from(text).subarray(range?.start.byte, range?.end.byte).toString()).toContain(name);
        }
      }
    }),
    { numRuns: 300 },
  );
});
