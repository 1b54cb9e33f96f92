import type { KeyApi } from "../../api/key-api.ts";
import type { RetryPorts } from "../../api/retry.ts";
import type { RandomBytes, Sha256 } from "../../core/token.ts";
import type { Confirm } from "./confirmations.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { ThisRun } from "./this-run.ts";

/** What resources work with, once the provider is configured. */
export interface Connection extends RetryPorts {
  readonly api: KeyApi;
  /** Where the platform is, for plans and messages. */
  readonly url: string;
  /** The account of what states none. */
  readonly account: string | null;
  /** The ownership marker of the keys that Terraform makes. */
  readonly project: string;
  readonly live: LiveKeys;
  readonly confirm: Confirm;
  /** Accounts that are not there, as far as that has been told. */
  readonly missing: Set<string>;
  /** What this process has met: a key has one block, and is never replaced. */
  readonly run: ThisRun;
  readonly random: RandomBytes;
  readonly sha256: Sha256;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes an id of the form that change sets and credentials have, never the same twice. */
  readonly newId: () => string;
  readonly close: () => Promise<void>;
}
