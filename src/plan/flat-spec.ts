import { declaredOrigins } from "../core/declared-spec.ts";
import { SPEC_FIELDS, type KeySpec } from "../core/key-spec.ts";
import type { AttributeValue } from "./plan.ts";

/** A spec as attributes by their dotted path, as declared; lists whole and as written. */
export type FlatSpec = ReadonlyMap<string, AttributeValue>;

/** Lays a spec out by dotted path. Two canonical specs mean the same exactly if these are equal. */
export function flatSpec(spec: KeySpec): FlatSpec {
  const origins = declaredOrigins(spec.origins);
  const flat = new Map<string, AttributeValue>([
    ["description", spec.description],
    ["algorithms", spec.algorithms],
    ["origins.native", origins.native ?? null],
    ["origins.web", origins.web ?? null],
    ["origins.referrers", origins.referrers ?? null],
    ["data", spec.data],
    ["management", spec.management],
    ["enabled", spec.enabled],
    ["expires", spec.expires],
    ["protect", spec.protect],
  ]);
  for (const [label, value] of Object.entries(spec.labels)) flat.set(`labels.${label}`, value);
  if (spec.rotation !== null) {
    flat.set("rotation.every", spec.rotation.every);
    flat.set("rotation.overlap", spec.rotation.overlap);
  }
  return flat;
}

/** The paths at which two flat specs differ, in the order in which fields are shown; labels by name. */
export function differingPaths(left: FlatSpec, right: FlatSpec): readonly string[] {
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].filter((path) => !sameValue(left.get(path) ?? null, right.get(path) ?? null)).sort(byField);
}

function sameValue(left: AttributeValue, right: AttributeValue): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}

/** By field; labels among themselves by name, and all else in the order in which it was laid out. */
function byField(left: string, right: string): number {
  const order = fieldIndex(left) - fieldIndex(right);
  if (order !== 0 || !left.startsWith("labels.") || left === right) return order;
  return left < right ? -1 : 1;
}

function fieldIndex(path: string): number {
  return SPEC_FIELDS.findIndex((field) => path === field || path.startsWith(`${field}.`));
}
