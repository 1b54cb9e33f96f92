import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { writeDeclaration } from "../../src/manifest/write-yaml.ts";
import { arbitraryKeySpec, arbitraryManifestKeys } from "../support/arbitraries.ts";
import { loadText, manifestOf } from "./loading.ts";

test("what is written loads back to equal specs, and the reference reader finds the same names", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryManifestKeys, async (keys) => {
      const text = writeDeclaration(
        { account: "acme", project: "shop", keys },
        { schemaUrl: "https://example.com/s.json" },
      );
      const manifest = manifestOf(await loadText(text));
      expect(manifest.keys.map(({ name, spec }) => ({ name, spec }))).toEqual(
        keys.map(({ name, spec }) => ({ name, spec })),
      );
      const reference = parse(text) as { readonly keys: object };
      expect(Object.keys(reference.keys)).toEqual(keys.map(({ name }) => name));
    }),
    { numRuns: 500 },
  );
});

test("any text survives, references and words that YAML reads otherwise included", async () => {
  const words = fc.constantFrom(
    "yes",
    "null",
    "~",
    "012",
    "1e3",
    "2027-01-01",
    "12:30:00",
    "${env.HOME}",
    "$${x}",
    "a: b",
    "# a",
    "- a",
    " a ",
    "a\nb\n",
    "\u2028",
    "é",
    "'\"",
    "=",
    "<<",
    "!x",
    "*a",
    "a\u202eb",
    '\u001b[2J"\\',
    "a\tb\n\u200bc",
    "\\05",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(words, fc.string({ unit: "grapheme", maxLength: 30 })),
      arbitraryKeySpec,
      async (text, spec) => {
        fc.pre(!/[\0\p{Surrogate}]/u.test(text));
        const keys = [{ name: "12", spec: { ...spec, description: text, labels: { true: text } } }];
        const written = writeDeclaration({ account: "acme", project: "1", keys });
        expect(written).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
        const manifest = manifestOf(await loadText(written));
        expect(manifest.keys.map(({ name, spec: { description, labels } }) => [name, description, labels])).toEqual([
          ["12", text, { true: text }],
        ]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("what is written is plain block style, sorted, without defaults", () => {
  const spec = {
    ...DEFAULT_SPEC,
    algorithms: ["algo://demos/sentiment_analysis", "algo://*"],
    expires: "2027-01-31T00:00:00Z",
    protect: true,
  };
  const keys = [
    { name: "web", spec: { ...spec, origins: { native: false, web: { hosts: ["*.example.com"] } } } as const },
    { name: "batch", spec: DEFAULT_SPEC },
  ];
  expect(writeDeclaration({ account: "acme", project: "shop", keys }, { schemaUrl: "./schema.json" }))
    .toBe(`# yaml-language-server: $schema=./schema.json
version: 1
account: acme
project: shop
keys:
  batch:
    algorithms: []
  web:
    algorithms:
      - algo://demos/sentiment_analysis
      - algo://*
    origins:
      native: false
      web: true
      referrers:
        - "*.example.com"
    expires: "2027-01-31T00:00:00Z"
    protect: true
`);
});
