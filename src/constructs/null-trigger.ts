import { createRequire } from "node:module";
import type * as NullProvider from "@cdktf/provider-null";
import { cdk } from "./cdk.ts";
import type { Trigger, TriggerFactory } from "./trigger.ts";

/**
 * {@link Trigger}s of `null_resource`, for stacks that use the null provider already. The package `@cdktf/provider-null` is
 * made for `cdktf` alone.
 */
export const nullTrigger: TriggerFactory = (scope, id, { values, provisioners, dependsOn }): Trigger => {
  const { provider, resource } = loadNullProvider();
  const stack = cdk.TerraformStack.of(scope);
  if (!stack.allProviders().some((one) => one.terraformResourceType === "null")) {
    new provider.NullProvider(stack, "null");
  }
  const element = new resource.Resource(scope, id, {
    triggers: { ...values },
    ...(provisioners === undefined ? {} : { provisioners }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  });
  return { element, id: element.id };
};

function loadNullProvider(): typeof NullProvider {
  try {
    return createRequire(import.meta.url)("@cdktf/provider-null") as typeof NullProvider;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    const message =
      "nullTrigger needs the package @cdktf/provider-null, which is not installed (`npm install @cdktf/provider-null@11`), or " +
      "cdktf beside it. terraformDataTrigger, the default, needs neither.";
    throw new Error(message, { cause: error });
  }
}
