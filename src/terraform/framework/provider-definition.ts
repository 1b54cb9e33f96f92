import type { CtyRecord, CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic, ValuePath } from "../protocol/provider-diagnostic.ts";
import type { FunctionResult, ImportBy, MoveSource, ResourceObject } from "../protocol/provider-port.ts";
import type { FunctionSchema, IdentitySchema } from "../protocol/schema.ts";
import type { Attributes } from "./attribute.ts";

/** Either what was asked for, or errors; warnings with both. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly ProviderDiagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly ProviderDiagnostic[] };

/** A value, now or later. */
export type Awaitable<T> = T | Promise<T>;

/** What a provider is made of. `Connection`: what its configuration opens. */
export interface ProviderDefinition<Connection> {
  /** Markdown. */
  readonly description: string;
  readonly attributes: Attributes;
  validate(config: CtyRecord): readonly ProviderDiagnostic[];
  /** Opens nothing yet if that takes time: Terraform configures providers that it then asks nothing. */
  connect(config: CtyRecord): Promise<Attempt<Connection>>;
  /** Ends what a connection holds. */
  disconnect(connection: Connection): Promise<void>;
  readonly resources: Readonly<Record<string, ManagedResource<Connection>>>;
  readonly dataSources: Readonly<Record<string, DataSource<Connection>>>;
  readonly ephemeralResources: Readonly<Record<string, EphemeralResource>>;
  readonly functions: Readonly<Record<string, ProviderFunction>>;
  /** The words for what the world did, such as a platform that is not there; undefined: it is a bug. */
  explain(error: unknown): ProviderDiagnostic | undefined;
}

/** A resource type. Objects are plain records of its attributes; `private` is what its provider keeps beside them. */
export interface ManagedResource<Connection> {
  /** The version of the attributes' meaning; an earlier one is upgraded step by step. */
  readonly version: number;
  readonly description: string;
  readonly attributes: Attributes;
  readonly identity: IdentitySchema;
  /** From each earlier version to the next, by the version it starts from. State as parsed JSON. */
  readonly upgrades: Readonly<
    Record<number, (state: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>>
  >;
  /** The configuration alone; parts of it may be unknown. */
  validate(config: CtyRecord, writeOnlyAllowed: boolean): Awaitable<readonly ProviderDiagnostic[]>;
  /** Told of each object that stands in Terraform's state, as soon as there is a connection and Terraform names it. */
  standsInState(connection: Connection, state: CtyRecord): void;
  /** Null: it is gone. */
  read(connection: Connection, object: ResourceObject): Promise<Attempt<ResourceObject | null>>;
  /** `connection` null: the provider's own configuration is not known yet. */
  plan(connection: Connection | null, request: PlanObject): Promise<Attempt<PlannedObject>>;
  planDestroy(connection: Connection | null, object: ResourceObject): Promise<readonly ProviderDiagnostic[]>;
  create(connection: Connection, request: CreateObject): Promise<Attempt<ResourceObject>>;
  update(connection: Connection, request: UpdateObject): Promise<Attempt<ResourceObject>>;
  destroy(connection: Connection, object: ResourceObject): Promise<readonly ProviderDiagnostic[]>;
  import(connection: Connection, by: ImportBy): Promise<Attempt<ResourceObject>>;
  /** The id of the object that a foreign state is of, if it can become one of these. */
  move?(from: MoveSource): Attempt<ResourceObject>;
}

/** What a plan starts from; `prior` null: it is to be made. */
export interface PlanObject {
  readonly prior: ResourceObject | null;
  readonly config: CtyRecord;
}

/** What is planned. */
export interface PlannedObject {
  readonly state: CtyRecord;
  readonly private: Uint8Array;
  readonly requiresReplace: readonly ValuePath[];
}

/** What is to be made. `config` holds what is write-only. */
export interface CreateObject {
  readonly planned: CtyRecord;
  readonly config: CtyRecord;
  readonly private: Uint8Array;
}

/** What is to be changed. */
export interface UpdateObject extends CreateObject {
  readonly prior: CtyRecord;
}

/** A data source: reads, and nothing else. */
export interface DataSource<Connection> {
  readonly description: string;
  readonly attributes: Attributes;
  validate(config: CtyRecord): Awaitable<readonly ProviderDiagnostic[]>;
  read(connection: Connection, config: CtyRecord): Promise<Attempt<CtyRecord>>;
}

/** A value that is drawn anew each time, and never kept. */
export interface EphemeralResource {
  readonly description: string;
  readonly attributes: Attributes;
  open(config: CtyRecord): Attempt<CtyRecord>;
}

/** A pure function. */
export interface ProviderFunction extends FunctionSchema {
  call(args: readonly CtyValue[]): Awaitable<FunctionResult>;
}
