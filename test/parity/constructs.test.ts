import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PROVIDER_TABLE } from "../../src/constructs/algorithmia-provider.ts";
import { API_KEY_TABLE } from "../../src/constructs/api-key.ts";
import { API_KEYS_TABLE } from "../../src/constructs/api-keys.ts";
import { API_KEY_DATA_TABLE } from "../../src/constructs/data-algorithmia-api-key.ts";
import { DataAlgorithmiaApiKey, AlgorithmiaSecret, ApiKey, ApiKeys } from "../../src/constructs/index.ts";
import { PROVIDER_METADATA } from "../../src/constructs/elements.ts";
import { propertyName, type FieldKind, type FieldTable } from "../../src/constructs/field-table.ts";
import { SPEC_TABLE } from "../../src/constructs/key-fields.ts";
import { SPEC_FIELDS } from "../../src/core/key-spec.ts";
import type { SchemaAttribute, SchemaAttributes } from "../../src/terraform/protocol/schema.ts";
import { algorithmiaProvider } from "../../src/terraform/resources/algorithmia-provider.ts";
import { providerWorld } from "../support/terraform.ts";

/** What the provider answers when it is asked for its schema. */
const { schema } = algorithmiaProvider(providerWorld(""));

function kindOf({ type, nested }: SchemaAttribute): FieldKind {
  if (nested !== undefined) {
    const inner = settable(nested.attributes);
    return nested.nesting === "map" ? { "objects by name": inner } : { object: inner };
  }
  const kinds: Readonly<Record<string, FieldKind>> = {
    '"string"': "text",
    '"bool"': "flag",
    '["set","string"]': "texts",
    '["map","string"]': "texts by name",
  };
  const kind = kinds[JSON.stringify(type)];
  if (kind === undefined) throw new Error(`no kind for ${JSON.stringify(type)}`);
  return kind;
}

/** What an author may state. */
function settable(attributes: SchemaAttributes): FieldTable {
  const stated = Object.entries(attributes).filter(([, { setBy }]) => setBy !== "provider");
  return Object.fromEntries(stated.map(([name, attribute]) => [name, kindOf(attribute)]));
}

/** What the provider alone sets. */
function results(attributes: SchemaAttributes): readonly string[] {
  return Object.keys(attributes).filter((name) => attributes[name]?.setBy === "provider");
}

describe("the constructs' tables are the provider's own schema", () => {
  test.each([
    ["provider", PROVIDER_TABLE, schema.provider],
    ["algorithmia_api_key", API_KEY_TABLE, schema.resources["algorithmia_api_key"]],
    ["algorithmia_api_keys", API_KEYS_TABLE, schema.resources["algorithmia_api_keys"]],
    ["data.algorithmia_api_key", API_KEY_DATA_TABLE, schema.dataSources["algorithmia_api_key"]],
  ])("%s", (_, table, described) => {
    expect(table).toEqual(settable(described?.attributes ?? {}));
  });

  test("a key's fields are those of every description of one", () => {
    expect(Object.keys(SPEC_TABLE)).toEqual([...SPEC_FIELDS]);
  });

  test.each([
    ["algorithmia_api_key", ApiKey, schema.resources["algorithmia_api_key"]],
    ["algorithmia_api_keys", ApiKeys, schema.resources["algorithmia_api_keys"]],
    ["data.algorithmia_api_key", DataAlgorithmiaApiKey, schema.dataSources["algorithmia_api_key"]],
    ["ephemeral.algorithmia_secret", AlgorithmiaSecret, schema.ephemeralResources["algorithmia_secret"]],
  ])("what %s tells, the construct has as an output", (_, made, described) => {
    const outputs = results(described?.attributes ?? {}).map(propertyName);
    const found = Object.getOwnPropertyNames(made.prototype);
    expect(outputs.filter((name) => !found.includes(name))).toEqual([]);
    expect(outputs.length).toBeGreaterThan(2);
  });

  test("the versions that the constructs ask for hold this one", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(PROVIDER_METADATA.providerVersionConstraint).toBe(`~> ${version.split(".").slice(0, 2).join(".")}`);
  });
});
