import type { Construct } from "constructs";
import type { TerraformMetaArguments, TerraformResource } from "#cdk";

/** What a trigger is made of. */
export interface TriggerProps extends Pick<TerraformMetaArguments, "provisioners" | "dependsOn"> {
  /** When any of these changes, the trigger is made anew. */
  readonly values: Readonly<Record<string, string>>;
}

/** A resource that holds nothing: it is made anew when its values change, and runs its provisioners each time. */
export interface Trigger {
  readonly element: TerraformResource;
  /** Differs each time the trigger is made; known only once it is. */
  readonly id: string;
}

/** Makes triggers of one kind: `terraformDataTrigger`, or `nullTrigger` of `algokeys/constructs/null`. */
export type TriggerFactory = (scope: Construct, id: string, props: TriggerProps) => Trigger;
