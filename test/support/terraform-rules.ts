import {
  isUnknown,
  isWhollyKnown,
  Unknown,
  type CtyRecord,
  type CtyValue,
} from "../../src/terraform/protocol/cty-value.ts";
import { typeOf, type SchemaAttribute, type SchemaAttributes } from "../../src/terraform/protocol/schema.ts";

/*
 * What Terraform demands of a provider, after its public description of a resource's life, written apart from the provider's
 * own code: the plan keeps what the author states, and what is applied is what was planned.
 */

/** What is wrong with a plan: paths, each with why. */
export function planFaults(
  attributes: SchemaAttributes,
  prior: CtyRecord | null,
  config: CtyRecord,
  planned: CtyRecord,
): readonly string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    attributeFaults(name, attribute, prior?.[name] ?? null, config[name] ?? null, planned[name] ?? null),
  );
}

function attributeFaults(
  path: string,
  attribute: SchemaAttribute,
  prior: CtyValue,
  config: CtyValue,
  planned: CtyValue,
): readonly string[] {
  const computed = attribute.setBy === "provider" || attribute.setBy === "author-or-provider";
  if (attribute.writeOnly === true) return planned === null ? [] : [`${path}: a write-only value is planned`];
  if (equal(attribute, config, planned)) return [];
  if (config === null) return computed ? [] : [`${path}: the author states nothing, and nobody else may`];
  // What means the same may stay as it is; that is the one other thing that may stand for what the author states.
  if (prior !== null && equal(attribute, prior, planned)) return [];
  if (attribute.nested?.nesting === "single" && isObject(config) && isObject(planned)) {
    const before = isObject(prior) ? prior : null;
    return planFaults(attribute.nested.attributes, before, config, planned).map((fault) => `${path}.${fault}`);
  }
  return [`${path}: ${shown(planned)} is planned where ${shown(config)} is stated`];
}

/** What is wrong with what was applied. */
export function applyFaults(planned: CtyRecord, applied: CtyRecord, attributes: SchemaAttributes): readonly string[] {
  const unknown = Object.entries(applied).flatMap(([name, value]) =>
    isWhollyKnown(value) ? [] : [`${name}: not known after the apply`],
  );
  const changed = Object.entries(attributes).flatMap(([name, attribute]) => {
    const due = planned[name] ?? null;
    const got = applied[name] ?? null;
    return conforms(attribute, due, got) ? [] : [`${name}: ${shown(got)} was applied where ${shown(due)} was planned`];
  });
  return [...unknown, ...changed];
}

/** True if a value is what was planned, as far as that was known. */
function conforms(attribute: SchemaAttribute, planned: CtyValue, applied: CtyValue): boolean {
  if (isUnknown(planned)) return true;
  if (isWhollyKnown(planned)) return equal(attribute, planned, applied);
  if (attribute.nested?.nesting === "single" && isObject(planned) && isObject(applied)) {
    return Object.entries(attribute.nested.attributes).every(([name, inner]) =>
      conforms(inner, planned[name] ?? null, applied[name] ?? null),
    );
  }
  return Array.isArray(planned) && Array.isArray(applied);
}

function equal(attribute: SchemaAttribute, left: CtyValue, right: CtyValue): boolean {
  const type = typeOf(attribute);
  const isSet = Array.isArray(type) && type[0] === "set";
  return text(left, isSet) === text(right, isSet);
}

/** A value as text: equal values give equal text, whatever the order of a set or of attributes. */
function text(value: CtyValue, isSet: boolean): string {
  if (value instanceof Unknown) return "(unknown)";
  if (Array.isArray(value)) {
    const parts = (value as readonly CtyValue[]).map((element) => text(element, false));
    return `[${(isSet ? [...new Set(parts)].sort() : parts).join()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}:${text(inner as CtyValue, Array.isArray(inner))}`,
  );
  return `{${parts.sort().join()}}`;
}

function isObject(value: CtyValue): value is CtyRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

function shown(value: CtyValue): string {
  return text(value, false);
}
