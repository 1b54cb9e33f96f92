import { create } from "@bufbuild/protobuf";
import { encodeType, type CtyType } from "./cty-type.ts";
import type {
  FunctionSchema,
  IdentitySchema,
  ProviderSchema,
  Schema as ProtocolSchema,
  SchemaAttribute,
  SchemaAttributes,
} from "./schema.ts";
import {
  FunctionSchema as FunctionMessage,
  ResourceIdentitySchemaSchema,
  SchemaSchema,
  Schema_AttributeSchema,
  type Function,
  type ResourceIdentitySchema,
  type Schema,
  type Schema_Attribute,
} from "./tfplugin6.generated.ts";

const MARKDOWN = 1;
const NESTING = { single: 1, list: 2, set: 3, map: 4 } as const;

/** A schema as the protocol sends it. */
export function schemaMessage({ version, description, attributes }: ProtocolSchema): Schema {
  const block = {
    version: BigInt(version),
    description,
    descriptionKind: MARKDOWN,
    attributes: attributesOf(attributes),
  };
  return create(SchemaSchema, { version: BigInt(version), block });
}

/** Every schema of a kind, by name. */
export function schemaMessages(schemas: ProviderSchema["dataSources"]): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaMessage(schema)]));
}

/** A function's signature as the protocol sends it. */
export function functionMessage({ summary, description, parameters, returns }: FunctionSchema): Function {
  return create(FunctionMessage, {
    summary,
    description,
    descriptionKind: MARKDOWN,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      type: encodeType(parameter.type),
      description: parameter.description,
      descriptionKind: MARKDOWN,
    })),
    return: { type: encodeType(returns) },
  });
}

/** What identifies a resource's object, as the protocol sends it. */
export function identityMessage({ version, attributes }: IdentitySchema): ResourceIdentitySchema {
  return create(ResourceIdentitySchemaSchema, {
    version: BigInt(version),
    identityAttributes: Object.entries(attributes).map(([name, attribute]) => ({
      name,
      type: encodeType("string"),
      description: attribute.description,
      requiredForImport: attribute.import === "required",
      optionalForImport: attribute.import === "optional",
    })),
  });
}

/** The type of an identity's value. */
export function identityType({ attributes }: IdentitySchema): CtyType {
  return ["object", Object.fromEntries(Object.keys(attributes).map((name) => [name, "string"]))];
}

function attributesOf(attributes: SchemaAttributes): Schema_Attribute[] {
  return Object.entries(attributes).map(([name, attribute]) => attributeMessage(name, attribute));
}

function attributeMessage(name: string, attribute: SchemaAttribute): Schema_Attribute {
  const { type, nested, setBy, deprecated } = attribute;
  return create(Schema_AttributeSchema, {
    name,
    description:
      deprecated === undefined ? attribute.description : `${attribute.description}\n\n**Deprecated**: ${deprecated}`,
    descriptionKind: MARKDOWN,
    required: setBy === "author",
    optional: setBy === "author-or-null" || setBy === "author-or-provider",
    computed: setBy === "provider" || setBy === "author-or-provider",
    sensitive: attribute.sensitive === true,
    writeOnly: attribute.writeOnly === true,
    deprecated: deprecated !== undefined,
    ...(type === undefined ? {} : { type: encodeType(type) }),
    ...(nested === undefined
      ? {}
      : { nestedType: { nesting: NESTING[nested.nesting], attributes: attributesOf(nested.attributes) } }),
  });
}
