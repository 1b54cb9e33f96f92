import type { ApiKey, KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { Manifest, ManifestKey } from "../core/manifest.ts";
import type { PlanOptions } from "./plan-options.ts";

/** What a declared key is on the platform. */
export type KeyMatch =
  /** It is not live. */
  | { readonly type: "absent"; readonly declared: ManifestKey }
  /** It is that live key, under its own name, the one it is renamed from, or the one that somebody else gave it. */
  | { readonly type: "live"; readonly declared: ManifestKey; readonly live: ApiKey }
  /** It would be that live key, which is not ours to touch. */
  | { readonly type: "refused"; readonly declared: ManifestKey; readonly live: ApiKey };

/** Declared and live keys, each with its counterpart or without one. */
export interface KeyMatches {
  /** One for each declared key. */
  readonly declared: readonly KeyMatch[];
  /** Live keys of the project that nothing declares. */
  readonly undeclared: readonly ApiKey[];
  /** Live keys that nobody manages and nothing declares. */
  readonly unmanaged: readonly ApiKey[];
  /** Renames that cannot be, because the name is taken, of keys that are declared in no other way. */
  readonly blocked: readonly BlockedRename[];
}

/** A rename to the name of another live key. */
export interface BlockedRename {
  readonly from: string;
  readonly to: string;
}

/**
 * Finds the live key of every declared one: by name ignoring case, or by `renamedFrom` where that rename is still to be
 * carried out. Swaps and chains of renames come out right together. A rename that ownership forbids, or that meets a taken
 * name, is refused rather than turned into another key of that name. A key that somebody else renamed is the same key still.
 */
export function matchKeys(
  manifest: Manifest,
  live: readonly ApiKey[],
  { adopt, takeover }: Pick<PlanOptions, "adopt" | "takeover">,
): KeyMatches {
  const byName = new Map(live.map((key) => [nameKey(key.name), key]));
  const isOurs = (key: ApiKey): boolean => key.managedBy?.project === manifest.project;
  const isWithinReach = (key: ApiKey): boolean =>
    isOurs(key) || (key.managedBy === null ? adopt : key.managedBy.project === takeover);
  const renames = pendingRenames(manifest.keys, byName, isWithinReach);
  const sources = new Map([...renames].map(([id, declared]) => [declared, id]));
  const byId = new Map(live.map((key) => [key.id, key]));

  const match = (declared: ManifestKey): KeyMatch => {
    const sourceId = sources.get(declared);
    const source = sourceId === undefined ? undefined : byId.get(sourceId);
    if (source !== undefined) return { type: "live", declared, live: source };
    const named = byName.get(nameKey(declared.name));
    const found = named !== undefined && !renames.has(named.id) ? named : undefined;
    const wanted = found ?? renameSource(declared, byName);
    if (wanted !== undefined && !isWithinReach(wanted)) return { type: "refused", declared, live: wanted };
    return found === undefined ? { type: "absent", declared } : { type: "live", declared, live: found };
  };

  const matches = manifest.keys.map(match);
  const spoken = new Set<KeyId>();
  for (const one of matches) {
    if (one.type !== "absent") spoken.add(one.live.id);
    // The key whose rename is blocked is spoken for: a refused plan must not show it as deleted.
    const source = one.type === "refused" ? renameSource(one.declared, byName) : undefined;
    if (source !== undefined) spoken.add(source.id);
  }
  const blocked = blockedRenames(matches, renames, byName).filter(
    ({ source }) => !spoken.has(source.id) && isOurs(source),
  );
  for (const { source } of blocked) spoken.add(source.id);
  const free = live.filter((key) => !spoken.has(key.id));
  const found = withRenamedElsewhere(matches, free.filter(isOurs), byName, manifest.project);
  for (const one of found) if (one.type === "live") spoken.add(one.live.id);
  const rest = free.filter((key) => !spoken.has(key.id));
  return {
    declared: found,
    undeclared: rest.filter(isOurs),
    unmanaged: rest.filter((key) => key.managedBy === null),
    blocked: blocked.map(({ source, declared }) => ({ from: source.name, to: declared.name })),
  };
}

/**
 * The matches, with declared keys that are not live under their name found among those that others renamed. Who made a
 * rename is not kept, so the key's last change tells it, as it tells drift. Of two keys that had the name, neither is taken.
 */
function withRenamedElsewhere(
  matches: readonly KeyMatch[],
  undeclared: readonly ApiKey[],
  byName: ReadonlyMap<string, ApiKey>,
  project: string,
): readonly KeyMatch[] {
  const byOldName = new Map<string, ApiKey | null>();
  for (const key of undeclared) {
    if (key.renamedFrom === null || key.lastChange.project === project) continue;
    const name = nameKey(key.renamedFrom);
    byOldName.set(name, byOldName.has(name) ? null : key);
  }
  return matches.map((match) => {
    const name = nameKey(match.declared.name);
    const live = byOldName.get(name) ?? null;
    if (match.type !== "absent" || byName.has(name) || live === null) return match;
    return { type: "live", declared: match.declared, live };
  });
}

/** The renames that are neither pending nor carried out: another live key has the name, and keeps it. */
function blockedRenames(
  matches: readonly KeyMatch[],
  pending: ReadonlyMap<KeyId, ManifestKey>,
  byName: ReadonlyMap<string, ApiKey>,
): readonly { readonly source: ApiKey; readonly declared: ManifestKey }[] {
  return matches.flatMap(({ type, declared }) => {
    const source = renameSource(declared, byName);
    if (type !== "live" || source === undefined || pending.has(source.id)) return [];
    return wasCarriedOut(declared, byName.get(nameKey(declared.name))) ? [] : [{ source, declared }];
  });
}

/** The live key that a declaration says it was, or undefined. */
function renameSource(declared: ManifestKey, byName: ReadonlyMap<string, ApiKey>): ApiKey | undefined {
  if (declared.renamedFrom === null || nameKey(declared.renamedFrom) === nameKey(declared.name)) return undefined;
  return byName.get(nameKey(declared.renamedFrom));
}

/** The renames to carry out, by the id of the live key that they rename. */
function pendingRenames(
  keys: readonly ManifestKey[],
  byName: ReadonlyMap<string, ApiKey>,
  isWithinReach: (key: ApiKey) => boolean,
): ReadonlyMap<KeyId, ManifestKey> {
  const renames = new Map<KeyId, ManifestKey>();
  const sourceByName = new Map<string, ApiKey>();
  for (const declared of keys) {
    const source = renameSource(declared, byName);
    if (source === undefined || renames.has(source.id) || !isWithinReach(source)) continue;
    if (wasCarriedOut(declared, byName.get(nameKey(declared.name)))) continue;
    renames.set(source.id, declared);
    sourceByName.set(nameKey(declared.name), source);
  }
  // A name that stays taken blocks the rename to it, which in turn leaves the name of that rename's source taken.
  for (const [id, declared] of [...renames]) {
    let blocked: { id: KeyId; declared: ManifestKey } | undefined = { id, declared };
    while (blocked !== undefined) {
      const holder = byName.get(nameKey(blocked.declared.name));
      if (!renames.has(blocked.id) || holder === undefined || renames.has(holder.id)) break;
      renames.delete(blocked.id);
      blocked = blockedBy(renameSource(blocked.declared, byName), sourceByName, renames);
    }
  }
  return renames;
}

/** The pending rename to the name of a key that, as it turns out, keeps its name. */
function blockedBy(
  stays: ApiKey | undefined,
  sourceByName: ReadonlyMap<string, ApiKey>,
  renames: ReadonlyMap<KeyId, ManifestKey>,
): { id: KeyId; declared: ManifestKey } | undefined {
  const source = stays && sourceByName.get(nameKey(stays.name));
  const declared = source && renames.get(source.id);
  return declared && { id: source.id, declared };
}

/** True if the live key of the wanted name already records that very rename. */
function wasCarriedOut(declared: ManifestKey, named: ApiKey | undefined): boolean {
  if (named === undefined || named.renamedFrom === null || declared.renamedFrom === null) return false;
  return nameKey(named.renamedFrom) === nameKey(declared.renamedFrom);
}
