import type { Construct } from "constructs";
import type { TerraformMetaArguments, TerraformProvider, TerraformProviderGeneratorMetadata } from "#cdk";
import { cdk, sameLibrary } from "./cdk.ts";
import { unknownFields } from "./field-faults.ts";
import { argumentsIn, type FieldTable } from "./field-table.ts";
import { literal } from "./literal.ts";

/** Where Terraform gets the provider from, and under which name and of which versions. */
export const PROVIDER_SOURCE = "algokeys/algorithmia";

/** What the synthesis looks for a provider by. The versions are those whose schema these constructs are written for. */
export const PROVIDER_METADATA: TerraformProviderGeneratorMetadata = {
  providerName: "algorithmia",
  providerVersionConstraint: "~> 0.1",
};

/** Parts of a configuration that may be changed after it was given, by aspects. */
export type Changeable<T> = { -readonly [Field in keyof T]: T[Field] };

/** A block's own fields: what is left without the arguments that Terraform gives every block. */
export type OwnFields<Config> = Changeable<Omit<Config, keyof TerraformMetaArguments>>;

const META_ARGUMENTS = [
  "dependsOn",
  "count",
  "provider",
  "lifecycle",
  "forEach",
  "provisioners",
  "connection",
] as const satisfies readonly (keyof TerraformMetaArguments)[];

/** Terraform's own arguments among those of a block. */
export function metaArgumentsOf(config: TerraformMetaArguments): TerraformMetaArguments {
  return Object.fromEntries(
    META_ARGUMENTS.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]),
  );
}

/** A block's own fields, to be changed by aspects until the synthesis. */
export function ownFieldsOf<Config extends TerraformMetaArguments>(config: Config): OwnFields<Config> {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { dependsOn, count, provider, lifecycle, forEach, provisioners, connection, ...own } = config;
  return own;
}

/** A resource of the provider, written from a table of its fields. */
export abstract class ManagedResource<Config extends TerraformMetaArguments> extends cdk.TerraformResource {
  /** What was given for it. Aspects may change it before it is synthesized. */
  readonly fields: OwnFields<Config>;
  readonly #table: FieldTable;
  #import: { readonly id: string; readonly provider: TerraformProvider | undefined } | undefined;

  constructor(scope: Construct, id: string, type: string, table: FieldTable, config: Config) {
    const metadata = { terraformResourceType: type, terraformGeneratorMetadata: PROVIDER_METADATA };
    super(sameLibrary(scope), id, { ...metadata, ...metaArgumentsOf(config) });
    this.fields = ownFieldsOf(config);
    this.#table = table;
    this.node.addValidation({
      validate: () => [...unknownFields(this.fields, table, this.fieldsBeside), ...this.validateFields()],
    });
  }

  /** What is wrong with the fields, for the synthesis to end with. */
  protected abstract validateFields(): readonly string[];

  /** Fields that Terraform does not know. */
  protected get fieldsBeside(): readonly string[] {
    return [];
  }

  /**
   * Takes what lives already instead of making it. Unlike the library's own, it does not start `terraform` for each
   * element at synthesis; import blocks need Terraform 1.5, and the provider needs a later one anyway.
   */
  override importFrom(id: string, provider?: TerraformProvider): void {
    this.#import = { id, provider };
  }

  override toTerraform(): unknown {
    const made = super.toTerraform() as Record<string, unknown>;
    if (this.#import === undefined) return made;
    const { id, provider } = this.#import;
    const to = `${this.terraformResourceType}.${this.friendlyUniqueId}`;
    return { ...made, import: [{ id: literal(id), to, provider: provider?.fqn }] };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return argumentsIn(this.node.path, this.fields, this.#table);
  }
}

/** A data source of the provider, written from a table of its fields. */
export abstract class ReadData<Config extends TerraformMetaArguments> extends cdk.TerraformDataSource {
  /** What was given for it. */
  readonly fields: OwnFields<Config>;
  readonly #table: FieldTable;

  constructor(scope: Construct, id: string, type: string, table: FieldTable, config: Config) {
    const metadata = { terraformResourceType: type, terraformGeneratorMetadata: PROVIDER_METADATA };
    super(sameLibrary(scope), id, { ...metadata, ...metaArgumentsOf(config) });
    this.fields = ownFieldsOf(config);
    this.#table = table;
    this.node.addValidation({ validate: () => [...unknownFields(this.fields, table)] });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return argumentsIn(this.node.path, this.fields, this.#table);
  }
}
