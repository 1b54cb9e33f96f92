import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Ajv2020 as Ajv2020Class, ValidateFunction } from "ajv/dist/2020.js";

/** A schema, an operation or whatever else stands in the API's description. */
export type Node = Readonly<Record<string, unknown>>;

/** One operation of the description. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Node & {
    readonly operationId: string;
    readonly responses: Readonly<Record<string, Node>>;
    readonly parameters?: readonly Node[];
    readonly requestBody?: { readonly content: Readonly<Record<string, Node>> };
    readonly security?: readonly unknown[];
    readonly "x-algokeys-role"?: string;
  };
}

/** The API's description as it is published. */
export const DESCRIPTION = JSON.parse(
  readFileSync(new URL("../../schemas/key-api.openapi.json", import.meta.url), "utf8"),
) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation["operation"]>>>>;
  readonly components: Readonly<
    Record<"schemas" | "responses" | "parameters" | "headers", Readonly<Record<string, Node>>>
  >;
};

const METHODS = ["get", "post", "patch", "delete"];

/** Every operation of the description. */
export const OPERATIONS: readonly Operation[] = Object.entries(DESCRIPTION.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => METHODS.includes(method))
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

// The class is not to be had by a named import under every loader.
const { Ajv2020 } = createRequire(import.meta.url)("ajv/dist/2020.js") as { readonly Ajv2020: typeof Ajv2020Class };
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false, discriminator: true });
ajv.addVocabulary(["components", "example"]);
ajv.addFormat("date-time", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);
ajv.addFormat("uri", /^https:\/\/\S+$/);
ajv.addSchema({ $id: "key-api", components: { schemas: withoutMappings(DESCRIPTION.components.schemas) } });

/** What a component schema finds wrong with a value: nothing, if it is valid against all of the published schema. */
export function schemaErrors(name: string, value: unknown): readonly string[] {
  const validate: ValidateFunction | undefined = ajv.getSchema(`key-api#/components/schemas/${name}`);
  if (validate === undefined) return [`there is no schema ${name}`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath} ${message}`);
}

/** The value that a reference within the description leads to; undefined if it leads nowhere. */
export function resolved(reference: string): unknown {
  const steps = reference.replace("#/", "").split("/");
  let value: unknown = DESCRIPTION;
  for (const step of steps) value = (value as Node | undefined)?.[step];
  return value;
}

/** ajv takes discriminators without the mapping that OpenAPI allows; the constants of the schemas say the same. */
function withoutMappings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMappings);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) =>
    name === "discriminator"
      ? [name, { propertyName: (inner as Node)["propertyName"] }]
      : [name, withoutMappings(inner)],
  );
  return Object.fromEntries(entries) as unknown;
}
