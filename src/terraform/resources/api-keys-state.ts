import type { ApiKey, KeyId } from "../../core/api-key.ts";
import { canonicalSpec } from "../../core/canonical.ts";
import { shortDeclaredSpec } from "../../core/declared-spec.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import type { Sha256 } from "../../core/token.ts";
import type { LiveState } from "../../plan/live-state.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import { newestCredential } from "./api-key-object.ts";
import { keptJson } from "./kept-json.ts";
import type { CreationMark } from "./this-run.ts";

/** What the provider keeps beside a project's state. */
export interface KeptOfProject extends CreationMark {
  /** A digest of the keys as the state tells of them; null: never read. */
  readonly seen: string | null;
  /** Credentials that Terraform issued and nobody has confirmed yet, by the key's id. */
  readonly unconfirmed: Readonly<Record<KeyId, string>>;
}

/** The bytes that Terraform keeps. */
export function keepOfProject(kept: KeptOfProject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(kept));
}

/** What was kept; nothing if there is nothing that can be read. */
export function keptOfProject(bytes: Uint8Array): KeptOfProject {
  const { seen, unconfirmed, creates } = keptJson(bytes);
  const isMap = typeof unconfirmed === "object" && unconfirmed !== null;
  return {
    seen: typeof seen === "string" ? seen : null,
    unconfirmed: isMap ? (unconfirmed as Readonly<Record<KeyId, string>>) : {},
    ...(typeof creates === "string" || creates === null ? { creates } : {}),
  };
}

/**
 * A digest of which keys there are and of what the state shows of each. Terraform plans anew in the middle of an apply, from
 * what is live then; by this the provider knows that somebody came between, and that what was reviewed is not what would be
 * done. Revisions do not count: that a secret was confirmed changes nothing that anybody planned.
 */
export function seenDigest(keys: readonly ApiKey[], sha256: Sha256): string {
  const shown = keys.map((key) => [key.id, key.name, specText(key.spec), newestCredential(key)?.fingerprint ?? null]);
  return sha256(JSON.stringify(shown.sort(([one = ""], [other = ""]) => ((one ?? "") < (other ?? "") ? -1 : 1))));
}

/** The live keys of a project. */
export function keysOf(live: LiveState, project: string): readonly ApiKey[] {
  return live.keys.filter((key) => key.managedBy?.project === project);
}

/** What a spec means, as one text: equal for equal specs, and readable as JSON in a plan. */
export function specText(spec: KeySpec): string {
  const known = specTexts.get(spec);
  if (known !== undefined) return known;
  const text = JSON.stringify(shortDeclaredSpec(canonicalSpec(spec)));
  specTexts.set(spec, text);
  return text;
}

/** The refresh and the plan tell of the same live specs. */
const specTexts = new WeakMap<KeySpec, string>();

/** What is live of a project, as the attributes that the provider sets. */
export function resultsOfProject(keys: readonly ApiKey[]): CtyRecord {
  const sorted = keys.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const credentials = sorted.flatMap((key) => {
    const credential = newestCredential(key);
    return credential === undefined ? [] : [{ name: key.name, ...credential }];
  });
  return {
    specs: Object.fromEntries(sorted.map(({ name, spec }) => [name, specText(spec)])),
    ids: Object.fromEntries(sorted.map(({ name, id }) => [name, id])),
    masks: Object.fromEntries(credentials.map(({ name, mask }) => [name, mask])),
    fingerprints: Object.fromEntries(credentials.map(({ name, fingerprint }) => [name, fingerprint])),
  };
}
