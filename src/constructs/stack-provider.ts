import type { IConstruct } from "constructs";
import { AlgorithmiaProvider } from "./algorithmia-provider.ts";
import { cdk } from "./cdk.ts";

/** The provider that a construct's blocks use: the one that they are handed, else that of the stack without an alias. */
export function providerOf(construct: IConstruct, handed: unknown): AlgorithmiaProvider | undefined {
  if (handed !== undefined) return handed instanceof AlgorithmiaProvider ? handed : undefined;
  const all = cdk.TerraformStack.of(construct).allProviders();
  return all.find((one): one is AlgorithmiaProvider => one instanceof AlgorithmiaProvider && one.alias === undefined);
}

/** Who manages the keys of a provider that names no project; the provider itself has the same default. */
export const DEFAULT_PROJECT = "terraform";
