import type { KeyApiErrorCode } from "../api/errors.ts";
import type { KeyId } from "../core/api-key.ts";
import type { Delivery } from "../core/delivery.ts";
import type { PlanAction } from "../plan/plan.ts";

/** What happens during an apply, as it happens; secrets never appear. */
export type ApplyEvent =
  | { readonly type: "apply-started"; readonly changes: number }
  | { readonly type: "account-created"; readonly account: string }
  /** The platform has committed the whole plan. */
  | { readonly type: "committed"; readonly changeSet: string; readonly revision: number; readonly changes: number }
  | {
      readonly type: "secret-delivered";
      readonly key: string;
      readonly delivery: Delivery;
      readonly fingerprint: string;
    }
  | { readonly type: "secret-revealed"; readonly key: string; readonly fingerprint: string }
  | {
      readonly type: "delivery-failed";
      readonly key: string;
      readonly delivery: Delivery | null;
      readonly error: string;
    }
  /** The platform knows that these keys' holders have their new secrets. */
  | { readonly type: "acknowledged"; readonly keys: readonly string[] };

/** What an apply did: exactly what happened, nothing that was only planned. `schemas/report.schema.json` documents it. */
export interface ApplyReport {
  readonly formatVersion: 1;
  /**
   * `failed`: nothing was written. `applied-in-part`: the keys are as declared, but a secret did not arrive or was not
   * confirmed; a second apply confirms it, or issues another in its place.
   */
  readonly outcome: "nothing-to-do" | "applied" | "applied-in-part" | "failed";
  readonly account: string;
  readonly project: string;
  /** Null if none was sent. With the outcome `failed`: it was sent, but no answer tells whether it was committed. */
  readonly changeSet: string | null;
  /** The account's revision afterwards; null if it is not known. */
  readonly revision: number | null;
  readonly changes: readonly AppliedChange[];
  readonly unchanged: number;
  readonly secrets: readonly SecretReport[];
  /** Keys that came to be without any credential, because nothing declares where a secret would go. */
  readonly withoutCredential: readonly string[];
  /** Keys that got no secret although the plan says so, and why: nothing was issued for them. */
  readonly withheld: readonly { readonly key: string; readonly why: string }[];
  /** What went wrong; null if nothing did. */
  readonly error: { readonly code: KeyApiErrorCode | "cancelled" | "delivery"; readonly message: string } | null;
}

/** One change that was committed. */
export interface AppliedChange {
  readonly action: PlanAction;
  readonly name: string;
  readonly id: KeyId;
  readonly revision: number;
}

/** What became of one new secret at one place it was to go; `delivery` is null for the terminal. */
export interface SecretReport {
  readonly key: string;
  readonly delivery: Delivery | null;
  readonly fingerprint: string;
  /**
   * `confirmed`: the place held it already, from a run that did not come to its end. `unconfirmed`: it is there, but the
   * platform could not be told.
   */
  readonly status: "delivered" | "confirmed" | "failed" | "unconfirmed";
  readonly error: string | null;
}
