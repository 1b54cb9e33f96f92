import type { Construct } from "constructs";
import type { TerraformMetaArguments } from "#cdk";
import { cdk, sameLibrary } from "./cdk.ts";
import { metaArgumentsOf } from "./elements.ts";
import { argumentsOf } from "./field-table.ts";
import type { Trigger, TriggerFactory } from "./trigger.ts";

/**
 * `terraform_data`, which Terraform has built in. The library's own `DataResource` starts `terraform` once for each element
 * at synthesis, to ask for its version.
 */
class TerraformData extends cdk.TerraformResource {
  readonly #values: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, values: Readonly<Record<string, string>>, meta: TerraformMetaArguments) {
    super(sameLibrary(scope), id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
      ...metaArgumentsOf(meta),
    });
    this.#values = values;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return argumentsOf({ triggersReplace: this.#values }, { triggers_replace: "texts by name" });
  }
}

/** {@link Trigger}s of Terraform's built-in `terraform_data`: nothing else needs to be installed. */
export const terraformDataTrigger: TriggerFactory = (scope, id, { values, ...meta }): Trigger => {
  const element = new TerraformData(scope, id, values, meta);
  return { element, id: element.getStringAttribute("id") };
};
