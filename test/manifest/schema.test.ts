import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import { declaredSpec } from "../../src/core/declared-spec.ts";
import { DEFAULT_OVERLAP, DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { defineManifest } from "../../src/manifest/define.ts";
import schema from "../../schemas/manifest.schema.json" with { type: "json" };
import { arbitraryDeclaredSpec, arbitraryKeyName } from "../support/arbitraries.ts";
import { loadText } from "./loading.ts";

const accepts = new Ajv({ allErrors: true, strictTypes: false }).addKeyword("markdownDescription").compile(schema);

interface Field {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly items?: Field;
  readonly additionalProperties?: Field | boolean;
}

const definitions: Readonly<Record<string, Field>> = schema.definitions;

function everyField(field: Field, name: string): (readonly [string, Field])[] {
  if (field.$ref !== undefined) return [];
  const inner = Object.entries(field.properties ?? {}).flatMap(([step, each]) => everyField(each, `${name}.${step}`));
  const values =
    typeof field.additionalProperties === "object" ? everyField(field.additionalProperties, `${name}.*`) : [];
  return [[name, field], ...inner, ...(field.items ? everyField(field.items, `${name}[]`) : []), ...values];
}

const FIELDS = [
  ...everyField(schema, ""),
  ...Object.entries(definitions).flatMap(([name, each]) => everyField(each, name)),
];

test("every field has a title, a description and an example, for editors to show", () => {
  expect(FIELDS.length).toBeGreaterThan(35);
  const bare = FIELDS.filter(([, { title, description, examples }]) => !title || !description || !examples?.length);
  expect(bare.map(([name]) => name)).toEqual([]);
});

test("every map of fields refuses unknown ones", () => {
  const open = FIELDS.filter(([, field]) => field.properties !== undefined && field.additionalProperties !== false);
  expect(open.map(([name]) => name)).toEqual([]);
});

test("the defaults that the schema states are those of the specs", () => {
  // A default of null is stated in words only: yaml-language-server stops completing where it meets one.
  const stated = (name: string) => definitions[name]?.default ?? null;
  const { origins, ...plain } = declaredSpec(DEFAULT_SPEC);
  for (const [name, value] of Object.entries(plain))
    if (name !== "algorithms") expect([name, stated(name)]).toEqual([name, value]);
  expect(definitions["origins"]?.properties?.["native"]?.default).toBe(origins?.native);
  expect(definitions["origins"]?.properties?.["web"]?.default).toBe(origins?.web);
  expect(definitions["rotation"]?.properties?.["overlap"]?.default).toBe(DEFAULT_OVERLAP);
});

test("what is generated from the schema matches it", () => {
  const generator = fileURLToPath(new URL("../../.config/generate.mjs", import.meta.url));
  expect(execFileSync(process.execPath, [generator, "--check"], { encoding: "utf8" })).toBe("");
});

test("the type of declarations accepts what the schema accepts", () => {
  const declared = defineManifest({
    version: 1,
    account: "acme",
    project: "shop",
    defaults: { data: "none" },
    keys: { web: { algorithms: ["algo://a/b"], rotation: null, expires: undefined } },
  });
  expect(accepts(JSON.parse(JSON.stringify(declared)))).toBe(true);
  // @ts-expect-error -- an unknown field
  expect(accepts(defineManifest({ version: 1, keys: {}, other: 1 }))).toBe(false);
  // @ts-expect-error -- a key that does not state its algorithms, and no defaults that do
  defineManifest({ version: 1, account: "acme", project: "shop", keys: { a: {} } });
  defineManifest({ version: 1, defaults: { algorithms: [] }, keys: { a: {} } });
  // @ts-expect-error -- another access to data than there is
  expect(accepts(defineManifest({ version: 1, keys: { a: { algorithms: [], data: "write" } } }))).toBe(false);
});

const declaration = fc.record({
  version: fc.constant(1),
  account: fc.constantFrom("acme", "a"),
  project: fc.constantFrom("shop", "0.x"),
  keys: fc.dictionary(
    arbitraryKeyName.filter((name) => name !== "__proto__"),
    arbitraryDeclaredSpec,
    { maxKeys: 3 },
  ),
});

/** Puts something that is hardly right into some place of a value. */
function spoilt(value: unknown, path: readonly number[], wrong: unknown): unknown {
  const [step = 0, ...rest] = path;
  if (typeof value !== "object" || value === null || path.length === 0) return wrong;
  const names = Object.keys(value);
  if (Array.isArray(value))
    return names.length === 0
      ? [wrong]
      : value.map((entry, index) => (index === step % names.length ? spoilt(entry, rest, wrong) : (entry as unknown)));
  if (step % (names.length + 1) === names.length) return { ...value, [String(wrong)]: wrong };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner], index) => [
      name,
      index === step % names.length ? spoilt(inner, rest, wrong) : (inner as unknown),
    ]),
  );
}

test("what is loaded without an error is what the whole schema accepts", async () => {
  let loaded = 0;
  const wrong = fc.constantFrom<unknown>(
    null,
    true,
    1,
    "",
    "x",
    "algo://",
    "algo://a/b",
    "none",
    "1d",
    "2027-01-01",
    "a b",
    [],
    {},
    ["x"],
    { x: 1 },
    "data",
    "enabled",
  );
  await fc.assert(
    fc.asyncProperty(
      declaration,
      fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 }),
      wrong,
      fc.boolean(),
      async (right, path, replacement, spoil) => {
        const text = JSON.stringify(spoil ? spoilt(right, path, replacement) : right);
        const { ok } = await loadText(text);
        if (ok) {
          loaded++;
          expect([text, accepts(JSON.parse(text))]).toEqual([text, true]);
        } else
          expect(
            spoil ||
              text.includes("\0") ||
              new Set(Object.keys(right.keys).map((name) => name.toLowerCase())).size < Object.keys(right.keys).length,
          ).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(loaded).toBeGreaterThan(500);
});
