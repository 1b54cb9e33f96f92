import { DamagedState, valueOfJson } from "../protocol/cty-json.ts";
import { isWhollyKnown, type CtyRecord } from "../protocol/cty-value.ts";
import { failed, type ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type {
  ApplyRequest,
  PlanRequest,
  ProviderPort,
  ResourceObject,
  ResourceObjectOrGone,
  StoredState,
  Told,
} from "../protocol/provider-port.ts";
import { objectType, type ProviderSchema } from "../protocol/schema.ts";
import type { Attempt, ManagedResource, ProviderDefinition } from "./provider-definition.ts";

/** What the configuration has opened so far. `unknown`: parts of it will be known only when it is applied. */
type Connected<Connection> =
  { readonly type: "none" | "unknown" } | { readonly type: "open"; readonly connection: Connection };

const NOTHING = new Uint8Array();

/** A provider from its definition: everything about Terraform's protocol that is the same for every provider. */
export function makeProvider<Connection>(definition: ProviderDefinition<Connection>): ProviderPort {
  let connected: Connected<Connection> = { type: "none" };

  /** Runs what reaches the world; what the world did is told. */
  const telling = async <T extends Told>(work: () => Promise<T>, otherwise: (told: Told) => T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const explained = definition.explain(error);
      if (explained === undefined) throw error;
      return otherwise({ diagnostics: [explained] });
    }
  };
  const connection = (): Connection => {
    if (connected.type === "open") return connected.connection;
    throw new Error("the provider was not configured");
  };
  const resource = (type: string): ManagedResource<Connection> => found(definition.resources, type);
  const noted = (type: string, state: CtyRecord): void => {
    if (connected.type === "open") resource(type).standsInState(connected.connection, state);
  };

  return {
    schema: schemaOf(definition),
    validateProvider: (config) => Promise.resolve({ diagnostics: definition.validate(config) }),
    configure: async ({ config }) => {
      if (!isWhollyKnown(config)) {
        connected = { type: "unknown" };
        return { diagnostics: [] };
      }
      return await telling(
        async () => {
          const opened = await definition.connect(config);
          if (opened.ok) connected = { type: "open", connection: opened.value };
          return { diagnostics: opened.diagnostics };
        },
        (told) => told,
      );
    },
    validateResource: async (type, { config, writeOnlyAllowed }) => ({
      diagnostics: await resource(type).validate(config, writeOnlyAllowed),
    }),
    upgrade: (type, stored) => {
      const answer = readable<Pick<ResourceObjectOrGone, "state">>(type, { state: null }, () =>
        upgraded(resource(type), type, stored),
      );
      if (answer.state !== null) noted(type, answer.state);
      return Promise.resolve(answer);
    },
    read: async (type, object) => {
      if (connected.type !== "open") return { ...object, diagnostics: [notRefreshed(type)] };
      noted(type, object.state);
      return await telling(
        async () => objectAnswer(await resource(type).read(connection(), object), object),
        (told) => ({ ...object, ...told }),
      );
    },
    plan: async (type, request) => {
      const { prior, config, identity } = request;
      const open = connected.type === "open" ? connected.connection : null;
      if (prior !== null) noted(type, prior);
      return await telling(
        () => planned(resource(type), open, request),
        (told) => ({
          planned: config === null ? null : prior,
          requiresReplace: [],
          private: request.private,
          identity,
          ...told,
        }),
      );
    },
    apply: async (type, request) =>
      await telling(
        () => applied(resource(type), connection(), request),
        (told) => ({ ...asBefore(request), ...told }),
      ),
    import: async (type, by) =>
      await telling(
        async () => {
          const imported = await resource(type).import(connection(), by);
          return { imported: imported.ok ? imported.value : null, diagnostics: imported.diagnostics };
        },
        (told) => ({ imported: null, ...told }),
      ),
    move: (type, from) => {
      const answer = readable<{ readonly moved: ResourceObject | null }>(
        type,
        { moved: null as ResourceObject | null },
        () => {
          const moved = resource(type).move?.(from) ?? { ok: false, diagnostics: [cannotMove(type, from.type)] };
          return { moved: moved.ok ? moved.value : null, diagnostics: moved.diagnostics };
        },
      );
      return Promise.resolve(answer);
    },
    validateDataSource: async (type, config) => ({
      diagnostics: await found(definition.dataSources, type).validate(config),
    }),
    readDataSource: async (type, config) => {
      if (connected.type !== "open") return { state: null, diagnostics: [cannotRead(type)] };
      return await telling(
        async () => {
          const read = await found(definition.dataSources, type).read(connection(), config);
          return { state: read.ok ? read.value : null, diagnostics: read.diagnostics };
        },
        (told) => ({ state: null, ...told }),
      );
    },
    validateEphemeral: () => Promise.resolve({ diagnostics: [] }),
    openEphemeral: (type, config) => {
      const opened = found(definition.ephemeralResources, type).open(config);
      return Promise.resolve({ result: opened.ok ? opened.value : null, diagnostics: opened.diagnostics });
    },
    call: async (name, args) => await found(definition.functions, name).call(args),
    stop: async () => {
      if (connected.type === "open") await definition.disconnect(connected.connection);
      connected = { type: "none" };
    },
  };
}

function schemaOf<Connection>(definition: ProviderDefinition<Connection>): ProviderSchema {
  const { description, attributes, resources, dataSources, ephemeralResources, functions } = definition;
  const unversioned = <T extends { readonly description: string }>(one: T): T & { version: number } => ({
    version: 0,
    ...one,
  });
  const all = <T extends { readonly description: string }>(
    ones: Readonly<Record<string, T>>,
  ): Record<string, T & { version: number }> =>
    Object.fromEntries(Object.entries(ones).map(([name, one]) => [name, unversioned(one)]));
  return {
    provider: { version: 0, description, attributes },
    resources,
    dataSources: all(dataSources),
    ephemeralResources: all(ephemeralResources),
    functions,
  };
}

function found<T>(ones: Readonly<Record<string, T>>, name: string): T {
  const one = Object.hasOwn(ones, name) ? ones[name] : undefined;
  if (one === undefined) throw new Error(`there is nothing named ${name}`);
  return one;
}

async function planned<Connection>(
  resource: ManagedResource<Connection>,
  connection: Connection | null,
  { prior, config, private: kept, identity }: PlanRequest,
): ReturnType<ProviderPort["plan"]> {
  const object = prior === null ? null : { state: prior, private: kept, identity };
  if (config === null) {
    const diagnostics = object === null ? [] : await resource.planDestroy(connection, object);
    return { planned: null, requiresReplace: [], private: kept, identity, diagnostics };
  }
  const attempt = await resource.plan(connection, { prior: object, config });
  if (!attempt.ok)
    return { planned: prior, requiresReplace: [], private: kept, identity, diagnostics: attempt.diagnostics };
  const { state, private: next, requiresReplace } = attempt.value;
  return { planned: state, requiresReplace, private: next, identity, diagnostics: attempt.diagnostics };
}

async function applied<Connection>(
  resource: ManagedResource<Connection>,
  connection: Connection,
  request: ApplyRequest,
): ReturnType<ProviderPort["apply"]> {
  const { prior, planned, config, private: kept, identity } = request;
  if (planned === null || config === null) {
    const diagnostics =
      prior === null ? [] : await resource.destroy(connection, { state: prior, private: kept, identity });
    const state = failed(diagnostics) ? prior : null;
    return { state, private: state === null ? NOTHING : kept, identity: state === null ? null : identity, diagnostics };
  }
  const making = { planned, config, private: kept };
  const attempt =
    prior === null
      ? await resource.create(connection, making)
      : await resource.update(connection, { ...making, prior });
  return attempt.ok
    ? { ...attempt.value, diagnostics: attempt.diagnostics }
    : { ...asBefore(request), diagnostics: attempt.diagnostics };
}

/** What failed is as it was: nothing is half done, because every write is one change set. */
function asBefore({ prior, private: kept, identity }: ApplyRequest): ResourceObjectOrGone {
  return { state: prior, private: kept, identity };
}

function objectAnswer(attempt: Attempt<ResourceObject | null>, before: ResourceObject): Told & ResourceObjectOrGone {
  const { diagnostics } = attempt;
  if (!attempt.ok) return { ...before, diagnostics };
  return { ...(attempt.value ?? { state: null, private: NOTHING, identity: null }), diagnostics };
}

/** A state in the form of this version: attributes that it lacks are null, those that there are no more are dropped. */
function upgraded<Connection>(
  resource: ManagedResource<Connection>,
  type: string,
  { version, state }: StoredState,
): Told & { readonly state: CtyRecord | null } {
  if (version > resource.version) {
    const detail = `It was written by a later version of the provider (schema ${String(version)}, this one knows ${String(resource.version)}). Use that version or a later one.`;
    return { state: null, diagnostics: [{ severity: "error", summary: `The state of ${type} is too new`, detail }] };
  }
  let json = state as Readonly<Record<string, unknown>> | null;
  for (let from = version; from < resource.version && json !== null; from++) {
    const upgrade = resource.upgrades[from];
    if (upgrade === undefined) throw new Error(`no upgrade of ${type} from version ${String(from)}`);
    json = upgrade(json);
  }
  return { state: valueOfJson(objectType(resource.attributes), json) as CtyRecord | null, diagnostics: [] };
}

/** Reads a state, or tells where it is damaged: that is nobody's bug, and the place is what its author needs. */
function readable<T>(type: string, nothing: T, read: () => Told & T): Told & T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DamagedState)) throw error;
    const place = error.place.length === 0 ? "The object itself" : `\`${error.place.join(".")}\``;
    const detail =
      `${place} is no ${error.due}. The state was edited, or cut short. Restore a backup of it (terraform.tfstate.backup, or an ` +
      "earlier version of the backend's), or let go of the object with `terraform state rm ADDRESS` and import it again.";
    return { ...nothing, diagnostics: [{ severity: "error", summary: `The state of ${type} is damaged`, detail }] };
  }
}

function notRefreshed(type: string): ProviderDiagnostic {
  return {
    severity: "warning",
    summary: `${type} was not refreshed`,
    detail: "The provider's configuration will be known only when it is applied, so what is live could not be read.",
  };
}

function cannotRead(type: string): ProviderDiagnostic {
  return {
    severity: "error",
    summary: `${type} cannot be read yet`,
    detail:
      "The provider's configuration will be known only when it is applied. Apply what it depends on first " +
      "(`terraform apply -target=...`), or state it by variables.",
  };
}

function cannotMove(type: string, from: string): ProviderDiagnostic {
  return {
    severity: "error",
    summary: `${from} cannot be moved to ${type}`,
    detail:
      "Nothing is known of how the one becomes the other. Import it instead, and take the other out with a `removed` block.",
  };
}
