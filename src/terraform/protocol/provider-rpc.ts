import type { CtyType } from "./cty-type.ts";
import { receivedConfig, receivedValue, sentValue } from "./dynamic-value.ts";
import { bugDiagnostic } from "./guarded.ts";
import { diagnosticMessages } from "./provider-diagnostic.ts";
import type { ProviderPort } from "./provider-port.ts";
import { resourceRpc } from "./resource-rpc.ts";
import type { HandlersOf, ProviderHandlers } from "./rpc-handlers.ts";
import { schemaRpc } from "./schema-rpc.ts";
import { objectType, type Schema } from "./schema.ts";

/** Serves a provider over the protocol. What is thrown underneath is a bug; it is told as one, in the answer. */
export function providerRpc(port: ProviderPort): ProviderHandlers {
  const handlers: ProviderHandlers = {
    ...schemaRpc(port.schema),
    ...resourceRpc(port),
    ...otherRpc(port),
  };
  return guarded(handlers);
}

function otherRpc(
  port: ProviderPort,
): Omit<ProviderHandlers, keyof ReturnType<typeof schemaRpc> | keyof ReturnType<typeof resourceRpc>> {
  const { schema } = port;
  const provider = objectType(schema.provider.attributes);
  const dataSource = (name: string): CtyType => typeNamed(schema.dataSources, name);
  const ephemeral = (name: string): CtyType => typeNamed(schema.ephemeralResources, name);
  return {
    validateProviderConfig: async ({ config }) => {
      const { diagnostics } = await port.validateProvider(receivedConfig(provider, config));
      return { diagnostics: diagnosticMessages(diagnostics) };
    },
    configureProvider: async ({ config, terraformVersion }) => {
      const { diagnostics } = await port.configure({ config: receivedConfig(provider, config), terraformVersion });
      return { diagnostics: diagnosticMessages(diagnostics) };
    },
    validateDataResourceConfig: async ({ typeName, config }) => {
      const { diagnostics } = await port.validateDataSource(typeName, receivedConfig(dataSource(typeName), config));
      return { diagnostics: diagnosticMessages(diagnostics) };
    },
    readDataSource: async ({ typeName, config }) => {
      const type = dataSource(typeName);
      const { state, diagnostics } = await port.readDataSource(typeName, receivedConfig(type, config));
      return { state: sentValue(type, state), diagnostics: diagnosticMessages(diagnostics) };
    },
    ...ephemeralRpc(port, ephemeral),
    callFunction: async ({ name, arguments: sent }) => {
      const signature = schema.functions[name];
      if (signature === undefined) throw new Error(`there is no function ${name}`);
      const args = sent.map((value, index) => receivedValue(signature.parameters[index]?.type ?? "dynamic", value));
      const result = await port.call(name, args);
      if (result.ok) return { result: sentValue(signature.returns, result.value) };
      const functionArgument = result.argument === null ? {} : { functionArgument: BigInt(result.argument) };
      return { error: { text: result.text, ...functionArgument } };
    },
    stopProvider: async () => {
      await port.stop();
      return {};
    },
  };
}

/** Ephemeral values of ours need neither renewal nor closing: nothing outside holds them. */
function ephemeralRpc(
  port: ProviderPort,
  typeOf: (name: string) => CtyType,
): HandlersOf<
  "validateEphemeralResourceConfig" | "openEphemeralResource" | "renewEphemeralResource" | "closeEphemeralResource"
> {
  return {
    validateEphemeralResourceConfig: async ({ typeName, config }) => {
      const { diagnostics } = await port.validateEphemeral(typeName, receivedConfig(typeOf(typeName), config));
      return { diagnostics: diagnosticMessages(diagnostics) };
    },
    openEphemeralResource: async ({ typeName, config }) => {
      const type = typeOf(typeName);
      const { result, diagnostics } = await port.openEphemeral(typeName, receivedConfig(type, config));
      return { result: sentValue(type, result), diagnostics: diagnosticMessages(diagnostics) };
    },
    renewEphemeralResource: () => Promise.resolve({}),
    closeEphemeralResource: () => Promise.resolve({}),
  };
}

function typeNamed(schemas: Readonly<Record<string, Schema>>, name: string): CtyType {
  const schema = schemas[name];
  if (schema === undefined) throw new Error(`there is nothing named ${name}`);
  return objectType(schema.attributes);
}

/** Every method, with what it throws in its answer. An apply that ends so says of its object what was known before. */
function guarded(handlers: ProviderHandlers): ProviderHandlers {
  const guard = ([name, handle]: [string, unknown]): [string, unknown] => [
    name,
    async (request: { readonly priorState?: unknown; readonly plannedPrivate?: unknown }) => {
      try {
        return await (handle as (request: unknown) => Promise<unknown>)(request);
      } catch (error) {
        const bug = bugDiagnostic(error, name);
        if (name === "callFunction") return { error: { text: `${bug.summary}: ${bug.detail}` } };
        if (name === "stopProvider") return { error: bug.detail };
        const kept =
          name === "applyResourceChange" ? { newState: request.priorState, private: request.plannedPrivate } : {};
        return { ...kept, diagnostics: diagnosticMessages([bug]) };
      }
    },
  ];
  return Object.fromEntries(Object.entries(handlers).map(guard)) as unknown as ProviderHandlers;
}
