import type { WebCallers } from "../core/caller-origin.ts";
import { canonicalAlgorithm, canonicalReferrer, canonicalSpec } from "../core/canonical.ts";
import { declaredSpec, specOf, type DeclaredSpec } from "../core/declared-spec.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { accessEffect } from "./access-effect.ts";
import { differingPaths, flatSpec, type FlatSpec } from "./flat-spec.ts";
import type { AttributeChange, AttributeValue } from "./plan.ts";

const NONE: readonly AttributeChange[] = [];

/**
 * What differs between two specs, attribute by attribute, in the order in which fields are shown. Order, case and
 * spelling never differ; lists hold only what goes and what comes, as written.
 */
export function attributeChanges(before: KeySpec, after: KeySpec, account: string): readonly AttributeChange[] {
  // Nearly always a spec stands as it was written, and comparing that is far cheaper than reading every pattern.
  if (writtenAlike(before, after)) return NONE;
  const paths = differingPaths(flatSpec(canonicalSpec(before)), flatSpec(canonicalSpec(after)));
  if (paths.length === 0) return NONE;
  const [left, right] = [flatSpec(before), flatSpec(after)];
  return paths.map((path) => {
    const [goes, comes] = [left.get(path) ?? null, right.get(path) ?? null];
    const lists = isList(goes) && isList(comes);
    return {
      path,
      before: lists ? without(path, goes, comes) : goes,
      after: lists ? without(path, comes, goes) : comes,
      access: accessEffect(path, before, after, account),
    };
  });
}

/**
 * The attributes that a planned change took for granted, by path and in comparison form: its `after` with its attribute
 * changes undone.
 */
export function attributesBefore(after: DeclaredSpec, changes: readonly AttributeChange[]): FlatSpec {
  const flat = new Map(flatSpec(canonicalSpec(specOf(after))));
  for (const change of changes) {
    const whole = flat.get(change.path) ?? null;
    const undone =
      isList(whole) && isList(change.before) && isList(change.after)
        ? [...without(change.path, whole, change.after), ...change.before]
        : change.before;
    flat.set(change.path, isList(undone) ? comparable(change.path, undone) : undone);
  }
  return flat;
}

/** The written form that a plan carries: every field stated, so that another version's defaults cannot change it. */
export function plannedSpec(spec: KeySpec): DeclaredSpec {
  return declaredSpec(spec);
}

function isList(value: AttributeValue): value is readonly string[] {
  return Array.isArray(value);
}

function canonicalEntry(path: string, entry: string): string {
  return path === "algorithms" ? canonicalAlgorithm(entry) : canonicalReferrer(entry);
}

function comparable(path: string, entries: readonly string[]): readonly string[] {
  return [...new Set(entries.map((entry) => canonicalEntry(path, entry)))].sort();
}

/** The entries of a list that another lacks, as written, each once, sorted by what they mean. */
function without(path: string, entries: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others.map((entry) => canonicalEntry(path, entry)));
  const left = new Map<string, string>();
  for (const entry of entries) {
    const meaning = canonicalEntry(path, entry);
    if (!known.has(meaning) && !left.has(meaning)) left.set(meaning, entry);
  }
  return [...left].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
}

/** True if two specs are written alike; cheap, because it runs for every key that stays as it is. */
function writtenAlike(left: KeySpec, right: KeySpec): boolean {
  return (
    left.description === right.description &&
    left.data === right.data &&
    left.management === right.management &&
    left.enabled === right.enabled &&
    left.expires === right.expires &&
    left.protect === right.protect &&
    sameList(left.algorithms, right.algorithms) &&
    left.origins.native === right.origins.native &&
    sameWeb(left.origins.web, right.origins.web) &&
    left.rotation?.every === right.rotation?.every &&
    left.rotation?.overlap === right.rotation?.overlap &&
    sameLabels(left.labels, right.labels)
  );
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}

function sameWeb(left: WebCallers, right: WebCallers): boolean {
  return typeof left === "string" || typeof right === "string" ? left === right : sameList(left.hosts, right.hosts);
}

function sameLabels(left: KeySpec["labels"], right: KeySpec["labels"]): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
