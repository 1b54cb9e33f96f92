import type { CtyType } from "../protocol/cty-type.ts";
import type { CtyValue } from "../protocol/cty-value.ts";
import type { NestedAttributes, SchemaAttribute } from "../protocol/schema.ts";

/** An attribute as it is planned: what Terraform is told of it, and what it means. */
export interface Attribute extends SchemaAttribute {
  readonly nested?: NestedAttributes & { readonly attributes: Attributes };
  /** Its value where the author states none; for `author-or-provider` alone. */
  readonly default?: CtyValue;
  /** True if two values that are not null mean the same. Then the one that stands in the state stays. Absent: equality. */
  readonly sameMeaning?: (left: CtyValue, right: CtyValue) => boolean;
}

/** Attributes by name, in the order of the documentation. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** Of a type without attributes of its own. */
export function attribute(
  type: CtyType,
  setBy: Attribute["setBy"],
  description: string,
  rest: Partial<Pick<Attribute, "default" | "sameMeaning" | "sensitive" | "writeOnly">> = {},
): Attribute {
  return { type, setBy, description, ...rest };
}

/** The same attributes, all of them the provider's to set: what a data source tells of an object. */
export function asResults(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, nested, description, sensitive }]) => [
      name,
      {
        setBy: "provider",
        description,
        ...(type === undefined ? {} : { type }),
        ...(sensitive === undefined ? {} : { sensitive }),
        ...(nested === undefined
          ? {}
          : { nested: { nesting: nested.nesting, attributes: asResults(nested.attributes) } }),
      },
    ]),
  );
}
