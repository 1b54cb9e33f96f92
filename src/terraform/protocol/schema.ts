import type { CtyType } from "./cty-type.ts";
import { mapped } from "./mapped.ts";

/** What an attribute is to Terraform. Exactly one of `type` and `nested` is there. */
export interface SchemaAttribute {
  readonly type?: CtyType;
  readonly nested?: NestedAttributes;
  /** Who sets it: the author must, may, or may unless the provider does; or the provider alone. */
  readonly setBy: "author" | "author-or-null" | "author-or-provider" | "provider";
  /** Markdown: what it means, its unit, its default. */
  readonly description: string;
  readonly sensitive?: boolean;
  /** Never in a plan or a state: given to the provider at each step and forgotten. */
  readonly writeOnly?: boolean;
  /** Why not to use it any more. */
  readonly deprecated?: string;
}

/** An object with attributes of its own, or a collection of such. */
export interface NestedAttributes {
  readonly nesting: "single" | "list" | "set" | "map";
  readonly attributes: SchemaAttributes;
}

/** Attributes by name. */
export type SchemaAttributes = Readonly<Record<string, SchemaAttribute>>;

/** The schema of the provider's own configuration, a resource, a data source or an ephemeral resource. */
export interface Schema {
  readonly version: number;
  /** Markdown. */
  readonly description: string;
  readonly attributes: SchemaAttributes;
}

/** What identifies a resource's object wherever it is managed from; all of it strings. */
export interface IdentitySchema {
  readonly version: number;
  readonly attributes: Readonly<
    Record<string, { readonly description: string; readonly import: "required" | "optional" }>
  >;
}

/** A provider function. Its arguments are positional. */
export interface FunctionSchema {
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly type: CtyType; readonly description: string }[];
  readonly returns: CtyType;
}

/** Every schema of a provider. */
export interface ProviderSchema {
  readonly provider: Schema;
  readonly resources: Readonly<Record<string, ResourceSchema>>;
  readonly dataSources: Readonly<Record<string, Schema>>;
  readonly ephemeralResources: Readonly<Record<string, Schema>>;
  readonly functions: Readonly<Record<string, FunctionSchema>>;
}

/** The schema of a resource, and of its identity if it has one. */
export interface ResourceSchema extends Schema {
  readonly identity?: IdentitySchema;
}

/** The type of an object with these attributes; made once for each. */
export function objectType(attributes: SchemaAttributes): CtyType {
  const known = objectTypes.get(attributes);
  if (known !== undefined) return known;
  const type: CtyType = ["object", mapped(attributes, typeOf)];
  objectTypes.set(attributes, type);
  return type;
}

const objectTypes = new WeakMap<SchemaAttributes, CtyType>();

/** The type of an attribute's value. */
export function typeOf(attribute: SchemaAttribute): CtyType {
  if (attribute.nested === undefined) return attribute.type ?? "dynamic";
  const element = objectType(attribute.nested.attributes);
  return attribute.nested.nesting === "single" ? element : [attribute.nested.nesting, element];
}
