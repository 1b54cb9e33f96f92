import { expect } from "vitest";
import { cdk } from "../../src/constructs/cdk.ts";

/** The matchers of CDKTF for vitest; they were made for another runner, which they ask for by a global name. */
const { testingMatchers } = cdk;

type Properties = Readonly<Record<string, unknown>>;

/** True if one of the elements has these properties; without properties, if there is one. */
function someHas(elements: unknown[], properties: Properties): boolean {
  if (Object.keys(properties).length === 0) return elements.length > 0;
  const matcher = expect.arrayContaining([expect.objectContaining(properties)]) as {
    asymmetricMatch(other: unknown): boolean;
  };
  return matcher.asymmetricMatch(elements);
}

const { getToHaveResourceWithProperties, getToHaveDataSourceWithProperties, getToHaveProviderWithProperties } =
  testingMatchers;

expect.extend({
  toHaveResource: (stack: string, type: Type, properties: Properties = {}) =>
    testingMatchers.returnMatcherToJest(getToHaveResourceWithProperties(someHas)(stack, type, properties)),
  toHaveDataSource: (stack: string, type: Type, properties: Properties = {}) =>
    testingMatchers.returnMatcherToJest(getToHaveDataSourceWithProperties(someHas)(stack, type, properties)),
  toHaveProvider: (stack: string, type: Type, properties: Properties = {}) =>
    testingMatchers.returnMatcherToJest(getToHaveProviderWithProperties(someHas)(stack, type, properties)),
});

type Type = Parameters<ReturnType<typeof testingMatchers.getToHaveResourceWithProperties>>[1];

declare module "vitest" {
  // The type parameters must be those of vitest's own declaration.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface Matchers<T> {
    toHaveResource(type: { readonly tfResourceType: string }, properties?: Properties): void;
    toHaveDataSource(type: { readonly tfResourceType: string }, properties?: Properties): void;
    toHaveProvider(type: { readonly tfResourceType: string }, properties?: Properties): void;
  }
}
