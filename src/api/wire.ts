import type { ApiKey } from "../core/api-key.ts";
import { declaredOrigins, declaredSpec, type DeclaredSpec } from "../core/declared-spec.ts";
import { SPEC_FIELDS, type KeySpec } from "../core/key-spec.ts";
import type { ChangeSet, RecordedChange, RecordedKey } from "./change-set.ts";
import type { ChangePage, KeyPage } from "./key-api.ts";

/**
 * A spec on the wire: as it is declared, so that YAML, TypeScript, HCL and the key API have one form. Answers state every
 * field; requests may leave out what equals its default, but not `algorithms`.
 */
export type WireSpec = Required<DeclaredSpec>;

/** A key on the wire. */
export type WireKey = Omit<ApiKey, "spec"> & { readonly spec: WireSpec };

/** One page of keys on the wire. */
export type WireKeyPage = Omit<KeyPage, "keys"> & { readonly keys: readonly WireKey[] };

/**
 * The wire form of a key. Accounts, callers, results of commits, pages of history and the platform's own facts need no
 * such function: they are JSON as they stand.
 */
export function wireKey(key: ApiKey): WireKey {
  return { ...key, spec: declaredSpec(key.spec) };
}

/** The wire form of a page of keys. */
export function wireKeyPage(page: KeyPage): WireKeyPage {
  return { ...page, keys: page.keys.map(wireKey) };
}

/** A key of the audit record on the wire. */
export type WireRecordedKey = Omit<RecordedKey, "spec"> & { readonly spec: WireSpec };

/** One page of a change set's changes on the wire. */
export type WireChangePage = Omit<ChangePage, "changes"> & {
  readonly changes: readonly (Omit<RecordedChange, "before" | "after"> & {
    readonly before: WireRecordedKey | null;
    readonly after: WireRecordedKey;
  })[];
};

/** The wire form of a page of a change set's changes. */
export function wireChangePage({ changes, nextCursor }: ChangePage): WireChangePage {
  const told = ({ spec, ...key }: RecordedKey): WireRecordedKey => ({ ...key, spec: declaredSpec(spec) });
  return {
    changes: changes.map((change) => {
      return { ...change, before: change.before && told(change.before), after: told(change.after) };
    }),
    nextCursor,
  };
}

/**
 * The JSON of a change set. Total, because what is wrong with a change is the platform's to say: whatever has come past
 * the type system goes out as it is, and a field that a spec lacks as null, so that no default slips into its place.
 */
export function wireChangeSet(changeSet: ChangeSet): unknown {
  const changes: readonly unknown[] = changeSet.changes;
  return { ...changeSet, changes: changes.map(wireChange) };
}

function wireChange(change: unknown): unknown {
  if (!isObject(change) || !isObject(change["spec"])) return change;
  return { ...change, spec: statedSpec(change["spec"]) };
}

function statedSpec(spec: Partial<KeySpec>): unknown {
  const stated = Object.fromEntries(SPEC_FIELDS.map((field) => [field, spec[field] ?? null]));
  return { ...spec, ...stated, origins: spec.origins === undefined ? null : declaredOrigins(spec.origins) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
