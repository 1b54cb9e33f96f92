import type { ApiKey, KeyId } from "../core/api-key.ts";

/** What lives on the platform, read completely: absence here is proof of absence (design decision 6). */
export interface LiveState {
  readonly platform: { readonly url: string; readonly instance: string };
  readonly account: {
    readonly name: string;
    /** False if the platform has no such account yet. */
    readonly exists: boolean;
    readonly revision: number;
  };
  /** The key that authenticates this very run; null if none does. */
  readonly callerKey: KeyId | null;
  /** Every live key of the account, whoever manages it. */
  readonly keys: readonly ApiKey[];
}

/** The `instance` of a platform that is not made yet: a plan that found none may be applied to the one that it makes. */
export const NO_PLATFORM = "none";
