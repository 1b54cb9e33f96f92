import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readChangeSet } from "../../src/api/wire-requests.ts";
import { declaredSpec, specOf } from "../../src/core/declared-spec.ts";
import { DEFAULT_OVERLAP, DEFAULT_SPEC, SPEC_FIELDS, type KeySpec } from "../../src/core/key-spec.ts";
import { flatSpec } from "../../src/plan/flat-spec.ts";
import type { Attributes } from "../../src/terraform/framework/attribute.ts";
import { algorithmiaProvider } from "../../src/terraform/resources/algorithmia-provider.ts";
import { SPEC_ATTRIBUTES } from "../../src/terraform/resources/spec-attributes.ts";
import { providerWorld } from "../support/terraform.ts";
import {
  defaultsOfSchema,
  fieldsOfAttributes,
  fieldsOfSchema,
  fieldsOfValue,
  type FieldList,
  type SchemaDocument,
} from "./field-lists.ts";

/** A spec in which nothing is as it is by default. */
const FULL: KeySpec = {
  description: "what it is for",
  algorithms: ["algo://acme/*"],
  origins: { native: true, web: { hosts: ["shop.example.com"] } },
  data: "read",
  management: true,
  enabled: false,
  expires: "2030-01-01T00:00:00.000Z",
  protect: true,
  labels: { team: "shop" },
  rotation: { every: "90d", overlap: "1h" },
};

/** The one field list: that of the domain's type, which `SPEC_FIELDS` orders. */
const FIELDS: FieldList = fieldsOfValue(declaredSpec(FULL));

/** What else a declaration says of a key; it is no part of the spec. */
const BESIDE_THE_SPEC = ["renamed_from", "deliver", "tests"];

const MANIFEST = schema("manifest.schema.json");
const OPENAPI = schema("key-api.openapi.json");
const PLAN = schema("plan.schema.json");
const PROVIDER = algorithmiaProvider(providerWorld("")).schema;

describe("one field list", () => {
  test("in the domain: type, order, and every field is told apart when it differs", () => {
    expect(Object.keys(FIELDS)).toEqual([...SPEC_FIELDS]);
    const same = SPEC_FIELDS.filter((field) => JSON.stringify(FULL[field]) === JSON.stringify(DEFAULT_SPEC[field]));
    expect(same).toEqual([]);
  });

  test.each([
    ["a key's fields in the manifest's schema", () => without(fieldsOfSchema(MANIFEST, "#/definitions/key"))],
    ["the defaults of the manifest's schema", () => fieldsOfSchema(MANIFEST, "#/definitions/defaults")],
    ["the wire: what is asked for", () => fieldsOfSchema(OPENAPI, "#/components/schemas/Spec")],
    ["the wire: what is patched", () => fieldsOfSchema(OPENAPI, "#/components/schemas/SpecPatch")],
    ["the wire: what is told", () => fieldsOfSchema(OPENAPI, "#/components/schemas/ToldSpec")],
    ["the spec of a saved plan", () => fieldsOfSchema(PLAN, "#/$defs/spec")],
    ["Terraform: a key", () => only(fieldsOfAttributes(attributesOf("resources", "algorithmia_api_key")))],
    ["Terraform: a key in a project", () => without(fieldsOfAttributes(keyInProject()))],
    [
      "Terraform: a key that is read",
      () => only(fieldsOfAttributes(attributesOf("dataSources", "algorithmia_api_key"))),
    ],
    ["Terraform: keys that are read", () => only(fieldsOfAttributes(keyInListing()))],
  ])("%s", (_, fields) => {
    expect(fields()).toEqual(FIELDS);
    expect(Object.keys(fields())).toEqual([...SPEC_FIELDS]);
  });

  test("what travels over the wire is the whole spec, and comes back as it was", () => {
    const spec = JSON.parse(JSON.stringify(declaredSpec(FULL))) as unknown;
    const change = { action: "create", name: "web", spec, managedBy: null, credential: null };
    const sent = { id: "c".repeat(24), project: null, message: "", changes: [change] };
    const [read] = readChangeSet(sent).changes;
    expect(read).toMatchObject({ action: "create", spec: FULL });
  });

  test("a plan compares every field: one path each, two for those with parts", () => {
    const roots = new Set([...flatSpec(FULL).keys()].map((path) => path.split(".")[0]));
    expect([...roots].sort()).toEqual([...SPEC_FIELDS].sort());
  });
});

describe("one set of defaults", () => {
  const stated = {
    description: DEFAULT_SPEC.description,
    "origins.native": true,
    "origins.web": false,
    data: DEFAULT_SPEC.data,
    management: DEFAULT_SPEC.management,
    enabled: DEFAULT_SPEC.enabled,
    protect: DEFAULT_SPEC.protect,
    labels: DEFAULT_SPEC.labels,
    "rotation.overlap": DEFAULT_OVERLAP,
  };

  test("in the domain", () => {
    expect(specOf({ algorithms: [] })).toEqual(DEFAULT_SPEC);
    expect(declaredSpec(DEFAULT_SPEC).origins).toEqual({ native: true, web: false });
  });

  test("in the manifest's schema", () => {
    expect(defaultsOfSchema(MANIFEST, "#/definitions/key")).toEqual({ ...stated, deliver: [], tests: [] });
    expect(defaultsOfSchema(MANIFEST, "#/definitions/defaults")).toEqual(stated);
  });

  test("in Terraform's attributes", () => {
    const found = Object.entries(SPEC_ATTRIBUTES).flatMap(([name, one]) => {
      const inner = Object.entries((one.nested?.attributes ?? {}) as Attributes);
      return one.default !== undefined && inner.length === 0
        ? [[name, one.default] as const]
        : inner.flatMap(([part, { default: value }]) =>
            value === undefined ? [] : [[`${name}.${part}`, value] as const],
          );
    });
    expect(Object.fromEntries(found)).toEqual(stated);
    expect(SPEC_ATTRIBUTES.origins.default).toEqual({ native: true, web: false, referrers: null });
  });
});

function schema(name: string): SchemaDocument {
  return JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), "utf8")) as SchemaDocument;
}

/** What the provider itself answers when Terraform asks for its schema. */
function attributesOf(kind: "resources" | "dataSources", name: string): Attributes {
  return PROVIDER[kind][name]?.attributes ?? {};
}

function keyInProject(): Attributes {
  return attributesOf("resources", "algorithmia_api_keys")["keys"]?.nested?.attributes ?? {};
}

function keyInListing(): Attributes {
  return attributesOf("dataSources", "algorithmia_api_keys")["keys"]?.nested?.attributes ?? {};
}

/** A declared key's fields that are its spec. */
function without(fields: FieldList): FieldList {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !BESIDE_THE_SPEC.includes(name)));
}

/** The spec's fields among a resource's. */
function only(fields: FieldList): FieldList {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => (SPEC_FIELDS as readonly string[]).includes(name)),
  );
}
