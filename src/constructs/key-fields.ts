import type { IResolvable } from "#cdk";
import type { SPEC_FIELDS } from "../core/key-spec.ts";
import type { DataAccess } from "../core/data-access.ts";
import type { DeliveryDeclaration, TestDeclaration } from "../manifest/declaration.generated.ts";
import type { FieldKind } from "./field-table.ts";

/** A switch, or one that is known only when Terraform runs. */
export type Flag = boolean | IResolvable;

/** Who may call with a key: programs, browsers, or both; not neither. */
export interface KeyOrigins {
  /** Whether programs, scripts and servers may call. Default: `true`. */
  readonly native?: Flag | undefined;
  /** Whether pages in browsers may call. Default: `false`. */
  readonly web?: Flag | undefined;
  /** The hosts whose pages may call: `shop.example.com`, `*.example.com`. Absent: any site. Only with `web: true`. */
  readonly referrers?: readonly string[] | undefined;
}

/** When a key's secret is due to be replaced. */
export interface KeyRotationPolicy {
  /** How long a secret lives, such as `90d`. */
  readonly every: string;
  /** How long the one before goes on working after the new one is confirmed. Default: `24h`. */
  readonly overlap?: string | undefined;
}

/** What a key may do: the fields of a declaration, with the same names, values and defaults as in YAML. */
export interface KeyFields {
  /** What the key is for, in at most 500 characters. */
  readonly description?: string | undefined;
  /** Which algorithms it may call: `algo://*`, `algo://owner/*`, `algo://owner/name`, `algo://owner/name/version`; `[]` none. */
  readonly algorithms: readonly string[];
  /** Who may call with it. Default: programs only. */
  readonly origins?: KeyOrigins | undefined;
  /** What it may do over the Data API. Default: `none`. */
  readonly data?: DataAccess | IResolvable | undefined;
  /** Whether it may manage the account's algorithms. Default: `false`. */
  readonly management?: Flag | undefined;
  /** Whether it works; one that is not enabled keeps its secret and is refused everywhere. Default: `true`. */
  readonly enabled?: Flag | undefined;
  /** When it stops working: a date, `2027-01-31`, or a moment with its offset. Absent: never. */
  readonly expires?: string | undefined;
  /** While true, the platform refuses to delete it, whoever asks. Default: `false`. */
  readonly protect?: Flag | undefined;
  /** Names and values of your own, at most 32. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** When its secret is due to be replaced. Absent: only when asked for. */
  readonly rotation?: KeyRotationPolicy | undefined;
}

/**
 * What the command line alone reads of a key, when it plans an app without Terraform. Terraform takes a rename from its
 * state, and a secret's place from whatever `secretWo` is fed with.
 */
export interface CommandLineFields {
  /** The name that the key had before. */
  readonly renamedFrom?: string | undefined;
  /** Where a new secret goes. */
  readonly deliver?: readonly DeliveryDeclaration[] | undefined;
  /** Calls that the key must allow or refuse. */
  readonly tests?: readonly TestDeclaration[] | undefined;
}

/** {@link KeyFields} as the provider knows them; held against its own answer by the parity test. */
export const SPEC_TABLE: Readonly<Record<(typeof SPEC_FIELDS)[number], FieldKind>> = {
  description: "text",
  algorithms: "texts",
  origins: { object: { native: "flag", web: "flag", referrers: "texts" } },
  data: "text",
  management: "flag",
  enabled: "flag",
  expires: "text",
  protect: "flag",
  labels: "texts by name",
  rotation: { object: { every: "text", overlap: "text" } },
};
