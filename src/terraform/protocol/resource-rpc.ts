import type { CtyType } from "./cty-type.ts";
import type { CtyRecord } from "./cty-value.ts";
import { receivedConfig, receivedObject, sentValue } from "./dynamic-value.ts";
import { diagnosticMessages, stepMessages } from "./provider-diagnostic.ts";
import type { ImportBy, ProviderPort, StoredState } from "./provider-port.ts";
import type { HandlersOf } from "./rpc-handlers.ts";
import { identityType } from "./schema-messages.ts";
import { objectType } from "./schema.ts";
import type { RawState, ResourceIdentityData } from "./tfplugin6.generated.ts";

type ResourceMethods =
  | "validateResourceConfig"
  | "upgradeResourceState"
  | "upgradeResourceIdentity"
  | "readResource"
  | "planResourceChange"
  | "applyResourceChange"
  | "importResourceState"
  | "moveResourceState";

/** The methods for resources: each decodes, calls the port, and encodes. */
export function resourceRpc(port: ProviderPort): HandlersOf<ResourceMethods> {
  const types = typesOf(port);
  return {
    validateResourceConfig: async ({ typeName, config, clientCapabilities }) => {
      const request = {
        config: receivedConfig(types.object(typeName), config),
        writeOnlyAllowed: clientCapabilities?.writeOnlyAttributesAllowed === true,
      };
      const { diagnostics } = await port.validateResource(typeName, request);
      return { diagnostics: diagnosticMessages(diagnostics) };
    },

    upgradeResourceState: async ({ typeName, version, rawState }) => {
      const { state, diagnostics } = await port.upgrade(typeName, storedState(version, rawState));
      const upgradedState = sentValue(types.object(typeName), state);
      return { upgradedState, diagnostics: diagnosticMessages(diagnostics) };
    },

    // There has been one form of identity so far: what is stored is what is due.
    upgradeResourceIdentity: ({ typeName, rawIdentity }) => {
      const { state } = storedState(0n, rawIdentity);
      return Promise.resolve({ upgradedIdentity: types.identity(typeName, state as CtyRecord | null) });
    },

    readResource: async (request) => {
      const type = types.object(request.typeName);
      const {
        state,
        private: kept,
        identity,
        diagnostics,
      } = await port.read(request.typeName, {
        state: receivedConfig(type, request.currentState),
        private: request.private,
        identity: types.received(request.typeName, request.currentIdentity),
      });
      return {
        newState: sentValue(type, state),
        private: kept,
        newIdentity: types.identity(request.typeName, identity),
        diagnostics: diagnosticMessages(diagnostics),
      };
    },

    planResourceChange: async (request) => {
      const type = types.object(request.typeName);
      // What Terraform proposes is made of the two others, and the provider has rules of its own.
      const planned = await port.plan(request.typeName, {
        prior: receivedObject(type, request.priorState),
        config: receivedObject(type, request.config),
        private: request.priorPrivate,
        identity: types.received(request.typeName, request.priorIdentity),
      });
      return {
        plannedState: sentValue(type, planned.planned),
        requiresReplace: planned.requiresReplace.map((path) => ({ steps: stepMessages(path) })),
        plannedPrivate: planned.private,
        plannedIdentity: types.identity(request.typeName, planned.identity),
        diagnostics: diagnosticMessages(planned.diagnostics),
      };
    },

    applyResourceChange: async (request) => {
      const type = types.object(request.typeName);
      const applied = await port.apply(request.typeName, {
        prior: receivedObject(type, request.priorState),
        planned: receivedObject(type, request.plannedState),
        config: receivedObject(type, request.config),
        private: request.plannedPrivate,
        identity: types.received(request.typeName, request.plannedIdentity),
      });
      return {
        newState: sentValue(type, applied.state),
        private: applied.private,
        newIdentity: types.identity(request.typeName, applied.identity),
        diagnostics: diagnosticMessages(applied.diagnostics),
      };
    },

    importResourceState: async ({ typeName, id, identity }) => {
      const named = types.received(typeName, identity);
      const by: ImportBy = named === null ? { type: "id", id } : { type: "identity", identity: named };
      const { imported, diagnostics } = await port.import(typeName, by);
      const importedResources =
        imported === null
          ? []
          : [
              {
                typeName,
                state: sentValue(types.object(typeName), imported.state),
                private: imported.private,
                identity: types.identity(typeName, imported.identity),
              },
            ];
      return { importedResources, diagnostics: diagnosticMessages(diagnostics) };
    },

    moveResourceState: async (request) => {
      const { targetTypeName } = request;
      const { moved, diagnostics } = await port.move(targetTypeName, {
        provider: request.sourceProviderAddress,
        type: request.sourceTypeName,
        ...storedState(request.sourceSchemaVersion, request.sourceState),
      });
      return {
        targetState: sentValue(types.object(targetTypeName), moved?.state ?? null),
        targetPrivate: moved?.private ?? new Uint8Array(),
        targetIdentity: types.identity(targetTypeName, moved?.identity ?? null),
        diagnostics: diagnosticMessages(diagnostics),
      };
    },
  };
}

/** The types of resources' objects and identities, made once. */
interface ResourceTypes {
  object(typeName: string): CtyType;
  identity(typeName: string, value: CtyRecord | null): { identityData: { msgpack: Uint8Array } } | undefined;
  received(typeName: string, sent: ResourceIdentityData | undefined): CtyRecord | null;
}

function typesOf({ schema }: ProviderPort): ResourceTypes {
  const objects = new Map(Object.entries(schema.resources).map(([name, one]) => [name, objectType(one.attributes)]));
  const identities = new Map(
    Object.entries(schema.resources).flatMap(([name, { identity }]) =>
      identity === undefined ? [] : [[name, identityType(identity)] as const],
    ),
  );
  return {
    object: (typeName) => {
      const type = objects.get(typeName);
      if (type === undefined) throw new Error(`there is no resource type ${typeName}`);
      return type;
    },
    identity: (typeName, value) => {
      const type = identities.get(typeName);
      return type === undefined || value === null ? undefined : { identityData: sentValue(type, value) };
    },
    received: (typeName, sent) => {
      const type = identities.get(typeName);
      return type === undefined || sent === undefined ? null : receivedObject(type, sent.identityData);
    },
  };
}

function storedState(version: bigint, raw: RawState | undefined): StoredState {
  const json = raw === undefined || raw.json.length === 0 ? "null" : new TextDecoder().decode(raw.json);
  return { version: Number(version), state: JSON.parse(json) as unknown };
}
