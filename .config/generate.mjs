// Makes what follows from the schemas: the compiled validator and the types of src/manifest, the validators of src/api,
// and the messages and the documentation of src/terraform. With --check it writes nothing and fails if a file differs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { apiValidators } from "./api-validators.mjs";
import { declarationTypes } from "./declaration-types.mjs";
import { protoMessages } from "./proto-messages.mjs";

const require = createRequire(import.meta.url);
const { Ajv } = require("ajv");
const standaloneCode = require("ajv/dist/standalone").default;

const SOURCE = "schemas/manifest.schema.json";
const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const schema = JSON.parse(readFileSync(pathOf(SOURCE), "utf8"));

const API_SOURCE = "schemas/key-api.openapi.json";
const api = JSON.parse(readFileSync(pathOf(API_SOURCE), "utf8"));

/**
 * Keywords for editors only. Forms of text, sizes of text and what goes with what are checked in code, which has better
 * words for them.
 */
const EDITOR_KEYWORDS = [
  ...["title", "description", "markdownDescription", "examples", "default", "$schema", "$id", "definitions"],
  ...["pattern", "propertyNames", "minLength", "maxLength", "maxProperties", "if", "else", "allOf"],
];

/** The schema as it is compiled: references resolved, and no variables, since they are replaced before validation. */
function shapeOf(node) {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map(shapeOf);
  if ("$ref" in node) return shapeOf(schema.definitions[node.$ref.replace("#/definitions/", "")]);
  const shape = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (EDITOR_KEYWORDS.includes(keyword)) continue;
    if (keyword === "properties")
      shape.properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
    else if (keyword === "anyOf") Object.assign(shape, shapeOf(value[0]));
    else shape[keyword] = shapeOf(value);
  }
  // An enumeration or a constant says more than its type: one mistake, one error.
  if ("enum" in shape || "const" in shape) delete shape.type;
  return shape;
}

/** An error as ajv's code makes it: the object, then the lines that keep and count it. */
const ERROR =
  /const (err\d+) = (\{instancePath.*?,keyword:("\w+").*?,data(?::(\w+))?\});if\(vErrors === null\)\{vErrors = \[\1\];\}\s*else \{vErrors\.push\(\1\);\}errors\+\+;/g;

/** ajv's code, which makes an object of every error however many there are, with a count before each. */
function withCounts(code) {
  const made = code.match(/const err\d+ = /g).length;
  let counted = 0;
  const result = code.replace(ERROR, (_, _name, object, keyword, data = "data") => {
    counted++;
    return `if(isKept(${keyword}, ${data})){(vErrors ??= []).push(${object});}errors++;`;
  });
  if (counted !== made) throw new Error("ajv's code is not what is expected");
  return result;
}

function validatorModule() {
  const ajv = new Ajv({ allErrors: true, verbose: true, strictTypes: false, code: { source: true, esm: true } });
  const validate = ajv.compile(shapeOf(schema));
  const code = standaloneCode(ajv, validate)
    .replace('"use strict";', "")
    .replace(/export default (\w+);/, "")
    .replace(/export const validate = (\w+);/, "");
  const name = /function (validate\d+)\(/.exec(code)?.[1];
  if (name === undefined || /\brequire\(|\bimport\b/.test(code)) throw new Error("ajv's code is not what is expected");
  return `// @ts-nocheck
// Made by .config/generate.mjs from ${SOURCE}; do not edit.
import { MAX_FINDINGS } from "./limits.ts";

/** One finding of the compiled schema. The schemas are those parts of it that the finding is about. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly schema: unknown;
  readonly parentSchema: { readonly properties?: Readonly<Record<string, object>> };
  readonly data: unknown;
}

/** What the compiled schema found: of each keyword the first findings, and how many there are. */
export interface SchemaFindings {
  readonly errors: readonly SchemaError[];
  /** By keyword; findings about symbols, which stand for values that are not known, are counted as \`unknown\`. */
  readonly counts: ReadonlyMap<string, number>;
}

let counts: Map<string, number> = new Map();

/** Checks the shape of a value whose variables are replaced; forms of texts are checked elsewhere. Undefined: it fits. */
export function findSchemaErrors(value: unknown): SchemaFindings | undefined {
  if (${name}(value)) return undefined;
  const errors = ${name}.errors;
  const found = { errors, counts };
  ${name}.errors = null;
  counts = new Map();
  return found;
}

function isKept(keyword: string, data: unknown): boolean {
  const kind = typeof data === "symbol" ? "unknown" : keyword;
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return count <= MAX_FINDINGS;
}

${withCounts(code).trim()}
`;
}

/** Packages in CommonJS ask for `require`, which a module does not have by itself. */
const REQUIRE = 'import { createRequire as outside } from "node:module"; const require = outside(import.meta.url);';

let stale = false;
emit({
  "src/manifest/validate-manifest.generated.ts": validatorModule(),
  "src/manifest/declaration.generated.ts": declarationTypes(schema, SOURCE),
  ...apiValidators(api, API_SOURCE),
  ...protoMessages([
    "src/terraform/protocol/tfplugin6.proto",
    "src/terraform/plugin/plugin.proto",
    "src/terraform/plugin/health.proto",
  ]),
});
// The provider whose schema makes its documentation is built from the sources that stand above.
emit(await terraformDocs());
if (stale) process.exitCode = 1;

/** The provider's documentation, which its own schema makes. */
async function terraformDocs() {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-docs-"));
  try {
    const outfile = join(folder, "provider-docs.mjs");
    const entryPoints = [pathOf(".config/provider-docs.ts")];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", banner: { js: REQUIRE } });
    const { providerDocs } = await import(pathToFileURL(outfile).href);
    const pages = Object.entries(providerDocs(pathOf("")));
    return Object.fromEntries(pages.map(([page, text]) => [`src/terraform/docs/${page}`, text]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes files, or with --check says which of them are not as they would be written. */
function emit(outputs) {
  for (const [file, text] of Object.entries(outputs)) {
    if (!process.argv.includes("--check")) {
      mkdirSync(dirname(pathOf(file)), { recursive: true });
      writeFileSync(pathOf(file), text);
    }
    if (readOrEmpty(file) === text) continue;
    stale = true;
    console.error(`${file} does not match its schema. Run: npm run generate`);
  }
}

function readOrEmpty(file) {
  try {
    return readFileSync(pathOf(file), "utf8");
  } catch {
    return ""; // not made yet: it differs
  }
}
