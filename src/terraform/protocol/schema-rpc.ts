import { functionMessage, identityMessage, schemaMessage, schemaMessages } from "./schema-messages.ts";
import type { ProviderSchema } from "./schema.ts";
import type { HandlersOf } from "./rpc-handlers.ts";

/**
 * What Terraform may rely on: it asks for the plan of a destruction too, need not ask each process for the schema, and may
 * move resources of other types here.
 */
const CAPABILITIES = { planDestroy: true, getProviderSchemaOptional: true, moveResourceState: true };

/** The methods that tell what the provider has. */
export function schemaRpc(
  schema: ProviderSchema,
): HandlersOf<"getMetadata" | "getProviderSchema" | "getFunctions" | "getResourceIdentitySchemas"> {
  const typeNames = (schemas: object): { readonly typeName: string }[] =>
    Object.keys(schemas).map((typeName) => ({ typeName }));
  const functions = Object.fromEntries(
    Object.entries(schema.functions).map(([name, signature]) => [name, functionMessage(signature)]),
  );
  const identities = Object.fromEntries(
    Object.entries(schema.resources).flatMap(([name, { identity }]) =>
      identity === undefined ? [] : [[name, identityMessage(identity)]],
    ),
  );
  return {
    getMetadata: () =>
      Promise.resolve({
        serverCapabilities: CAPABILITIES,
        resources: typeNames(schema.resources),
        dataSources: typeNames(schema.dataSources),
        ephemeralResources: typeNames(schema.ephemeralResources),
        functions: Object.keys(schema.functions).map((name) => ({ name })),
      }),
    getProviderSchema: () =>
      Promise.resolve({
        serverCapabilities: CAPABILITIES,
        provider: schemaMessage(schema.provider),
        resourceSchemas: schemaMessages(schema.resources),
        dataSourceSchemas: schemaMessages(schema.dataSources),
        ephemeralResourceSchemas: schemaMessages(schema.ephemeralResources),
        functions,
      }),
    getFunctions: () => Promise.resolve({ functions }),
    getResourceIdentitySchemas: () => Promise.resolve({ identitySchemas: identities }),
  };
}
