import type { CtyRecord, CtyValue } from "./cty-value.ts";
import type { ProviderDiagnostic, ValuePath } from "./provider-diagnostic.ts";
import type { ProviderSchema } from "./schema.ts";

/**
 * The port between Terraform's protocol and what a provider means: one method per call, values instead of bytes. Users'
 * mistakes are diagnostics in the answer; what is thrown is a bug, which the protocol tells as one.
 */
export interface ProviderPort {
  readonly schema: ProviderSchema;
  validateProvider(config: CtyRecord): Promise<Told>;
  configure(request: ConfigureRequest): Promise<Told>;
  validateResource(type: string, request: ValidateRequest): Promise<Told>;
  upgrade(type: string, stored: StoredState): Promise<Told & { readonly state: CtyRecord | null }>;
  read(type: string, request: ResourceObject): Promise<Told & ResourceObjectOrGone>;
  plan(type: string, request: PlanRequest): Promise<Told & Planned>;
  apply(type: string, request: ApplyRequest): Promise<Told & ResourceObjectOrGone>;
  import(type: string, by: ImportBy): Promise<Told & { readonly imported: ResourceObject | null }>;
  move(type: string, from: MoveSource): Promise<Told & { readonly moved: ResourceObject | null }>;
  validateDataSource(type: string, config: CtyRecord): Promise<Told>;
  readDataSource(type: string, config: CtyRecord): Promise<Told & { readonly state: CtyRecord | null }>;
  validateEphemeral(type: string, config: CtyRecord): Promise<Told>;
  openEphemeral(type: string, config: CtyRecord): Promise<Told & { readonly result: CtyRecord | null }>;
  /** Pure; never reaches the platform. */
  call(name: string, args: readonly CtyValue[]): Promise<FunctionResult>;
  /** Ends what is under way as soon as it safely can. */
  stop(): Promise<void>;
}

/** What every answer may tell. After an error the rest of the answer does not count. */
export interface Told {
  readonly diagnostics: readonly ProviderDiagnostic[];
}

/** What the provider is configured with. */
export interface ConfigureRequest {
  readonly config: CtyRecord;
  readonly terraformVersion: string;
}

/** A resource's configuration to check. */
export interface ValidateRequest {
  readonly config: CtyRecord;
  /** False for a Terraform before 1.11, which cannot keep a write-only value out of its state. */
  readonly writeOnlyAllowed: boolean;
}

/** A state as it was written once, perhaps by an earlier version of the schema. */
export interface StoredState {
  readonly version: number;
  readonly state: unknown;
}

/** A resource's object: its state, what the provider keeps beside it, and what identifies it. */
export interface ResourceObject {
  readonly state: CtyRecord;
  readonly private: Uint8Array;
  readonly identity: CtyRecord | null;
}

/** A {@link ResourceObject}, whose state is null if there is none any more. */
export interface ResourceObjectOrGone {
  readonly state: CtyRecord | null;
  readonly private: Uint8Array;
  readonly identity: CtyRecord | null;
}

/** What a plan starts from. `prior` null: to be made. `config` null: to be destroyed. */
export interface PlanRequest {
  readonly prior: CtyRecord | null;
  readonly config: CtyRecord | null;
  readonly private: Uint8Array;
  readonly identity: CtyRecord | null;
}

/** What is planned. */
export interface Planned {
  readonly planned: CtyRecord | null;
  /** Attributes whose change only a new object can have. */
  readonly requiresReplace: readonly ValuePath[];
  readonly private: Uint8Array;
  readonly identity: CtyRecord | null;
}

/** What is applied. `prior` null: make it. `planned` null: destroy it. */
export interface ApplyRequest {
  readonly prior: CtyRecord | null;
  readonly planned: CtyRecord | null;
  readonly config: CtyRecord | null;
  readonly private: Uint8Array;
  readonly identity: CtyRecord | null;
}

/** How an object is named that Terraform is to manage from now on. */
export type ImportBy =
  { readonly type: "id"; readonly id: string } | { readonly type: "identity"; readonly identity: CtyRecord };

/** A resource of another type or provider that is to become one of ours. */
export interface MoveSource {
  readonly provider: string;
  readonly type: string;
  readonly version: number;
  readonly state: unknown;
}

/** What a function gives, or what is wrong with one of its arguments (counted from 0; null: with the call). */
export type FunctionResult =
  | { readonly ok: true; readonly value: CtyValue }
  | { readonly ok: false; readonly text: string; readonly argument: number | null };
