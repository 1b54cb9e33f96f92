// Compiles the component schemas of schemas/key-api.openapi.json that src/api checks: what comes as an answer, and what a
// server is asked. Forms and sizes of text are the service's to judge, which has better words for them.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Ajv2020 } = require("ajv/dist/2020.js");
const standaloneCode = require("ajv/dist/standalone").default;

/** What is compiled into each file. `closed`: an unknown field is an error; in an answer it may come of a later version. */
const MODULES = {
  "src/api/validate-answers.generated.ts": {
    closed: false,
    schemas: [
      ...["PlatformInfo", "Caller", "Account", "ApiKey", "KeyPage", "CommitResult", "ChangeSetPage", "ChangePage"],
      ...["LeaseAnswer", "Lease", "ReleasedLease", "Problem"],
    ],
  },
  "src/api/validate-requests.generated.ts": {
    closed: true,
    schemas: [
      ...["NewAccount", "NewKey", "KeyPatch", "ChangeSet", "Change", "NewAdminKey", "VerifyRequest"],
      ...["LeaseRequest", "LeaseGrip"],
    ],
  },
};

/** Keywords that say what a value is; all others are for readers, or the service's to judge. */
const KEPT = ["type", "enum", "const", "required", "minProperties", "minItems", "maxItems"];

/** The text of every generated file, by path. `document` is the parsed file at `source`. */
export function apiValidators(document, source) {
  const modules = Object.entries(MODULES).map(([file, module]) => [file, moduleText(document, module, source)]);
  return Object.fromEntries(modules);
}

function moduleText(document, { closed, schemas }, source) {
  const ajv = new Ajv2020({ strictTypes: false, discriminator: true, code: { source: true, esm: true } });
  for (const name of schemas) ajv.addSchema(shapeOf(rootOf(document, name), document, closed), name);
  const code = standaloneCode(ajv, Object.fromEntries(schemas.map((name) => [`validate${name}`, name])))
    .replace('"use strict";', "")
    .replaceAll(/export const validate(\w+) = (\w+);/g, (_, name, code) => exported(name, code));
  if (/\brequire\(|\bimport\b/.test(code)) throw new Error("ajv's code is not what is expected");
  return `// @ts-nocheck
// Made by .config/generate.mjs from ${source}; do not edit.
import type { Validator } from "./schema-fault.ts";

${code.trim()}
`;
}

function exported(name, code) {
  return `\n/** Checks the shape of the component schema \`${name}\`. */\nexport const validate${name}: Validator = ${code};\n`;
}

/** The changes of a change set are checked one by one, so that each has its own finding. */
function rootOf(document, name) {
  const schema = document.components.schemas[name];
  if (name !== "ChangeSet") return schema;
  return { ...schema, properties: { ...schema.properties, changes: { type: "array" } } };
}

/** The shape of a schema: references resolved (none is recursive), and only what {@link KEPT} says. */
function shapeOf(node, document, closed) {
  const shaped = (inner) => shapeOf(inner, document, closed);
  if ("$ref" in node) return shaped(document.components.schemas[node.$ref.split("/").at(-1)]);
  if (node.anyOf?.[1]?.type === "null") {
    const shape = shaped(node.anyOf[0]);
    return { ...shape, type: [shape.type, "null"] };
  }
  const shape = Object.fromEntries(KEPT.flatMap((keyword) => (keyword in node ? [[keyword, node[keyword]]] : [])));
  if ("properties" in node) {
    shape.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, inner]) => [name, shaped(inner)]),
    );
  }
  if (typeof node.additionalProperties === "object") shape.additionalProperties = shaped(node.additionalProperties);
  else if (closed && node.additionalProperties === false) shape.additionalProperties = false;
  if ("items" in node) shape.items = shaped(node.items);
  if ("anyOf" in node) shape.anyOf = node.anyOf.map(shaped);
  if ("discriminator" in node) {
    shape.discriminator = { propertyName: node.discriminator.propertyName };
    shape.oneOf = node.oneOf.map(shaped);
  }
  return shape;
}
