import type { ApiKey } from "../../core/api-key.ts";
import { changedAttributes } from "../framework/plan-attributes.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { API_KEY_ATTRIBUTES } from "./api-key-attributes.ts";
import { objectOf, type KeptBeside } from "./api-key-object.ts";
import { error } from "./diagnostics.ts";
import { SPEC_ATTRIBUTES } from "./spec-attributes.ts";

/**
 * What is said if a live key is not what the state shows of it, which is what the plan was made from; undefined if it is.
 * Its revision does not count: that a secret was confirmed changes nothing that anybody planned.
 */
export function changedSince(state: CtyRecord, { manager }: KeptBeside, live: ApiKey): ProviderDiagnostic | undefined {
  const shown = objectOf(live, state, null).state;
  const handed = manager !== undefined && manager !== (live.managedBy?.project ?? null);
  if (live.deletedAt === null && !handed && changedAttributes(SHOWN, state, shown).length === 0) return undefined;
  const { actor, at } = live.lastChange;
  const did = live.deletedAt === null ? "changed" : "deleted";
  const detail = `${actor} ${did} it at ${at}. Nothing was written. Plan again, without -refresh=false, to see what changed.`;
  return error(`The key ${live.name} has changed since it was planned`, detail);
}

/** What of a key the plan was made from, of all that others can change. */
const SHOWN = Object.fromEntries(
  Object.entries(API_KEY_ATTRIBUTES).filter(
    ([name]) => name in SPEC_ATTRIBUTES || ["name", "fingerprint"].includes(name),
  ),
);
