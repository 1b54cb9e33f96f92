import { isUnknown, isWhollyKnown, UNKNOWN, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import { mapped } from "../protocol/mapped.ts";
import { typeOf } from "../protocol/schema.ts";
import type { Attribute, Attributes } from "./attribute.ts";
import { sameValue } from "./same-value.ts";

/**
 * What an object is to become, after Terraform's rules: what the author states, as stated; else the default; else what the
 * provider said before, or what it is still to say. Where what is stated means what is there, what is there stays. What is
 * write-only is in no plan.
 */
export function plannedObject(attributes: Attributes, prior: CtyRecord | null, config: CtyRecord): CtyRecord {
  return mapped(attributes, (attribute, name) =>
    plannedValue(attribute, prior === null ? undefined : (prior[name] ?? null), config[name] ?? null),
  );
}

/** `prior` undefined: there is no object yet. */
function plannedValue(attribute: Attribute, prior: CtyValue | undefined, config: CtyValue): CtyValue {
  if (attribute.writeOnly === true) return null;
  if (attribute.setBy === "provider") return prior ?? (prior === undefined ? UNKNOWN : null);
  if (config === null) {
    if (attribute.default !== undefined) return kept(attribute, prior ?? null, attribute.default);
    if (attribute.setBy === "author-or-provider") return prior ?? (prior === undefined ? UNKNOWN : null);
    return null;
  }
  if (isUnknown(config)) return config;
  if (attribute.nested?.nesting === "single") {
    const before = isRecord(prior) ? prior : null;
    return plannedObject(attribute.nested.attributes, before, config as CtyRecord);
  }
  if (attribute.nested?.nesting === "map") {
    const { attributes } = attribute.nested;
    return eachElement(prior, config as CtyRecord, (before, element) => plannedObject(attributes, before, element));
  }
  return kept(attribute, prior ?? null, config);
}

/** A map of objects, each beside the one of its key before. */
function eachElement(
  prior: CtyValue | undefined,
  map: CtyRecord,
  of: (before: CtyRecord | null, element: CtyRecord) => CtyValue,
): CtyRecord {
  const before = isRecord(prior) ? prior : {};
  return Object.fromEntries(
    Object.entries(map).map(([key, element]) => {
      const one = Object.hasOwn(before, key) ? before[key] : null;
      return [key, isRecord(element) ? of(isRecord(one) ? one : null, element) : element];
    }),
  );
}

/** What was read, in the spelling that stands in the state where that means the same. */
export function readObject(attributes: Attributes, prior: CtyRecord | null, live: CtyRecord): CtyRecord {
  return mapped(live, (value, name) => {
    const attribute = attributes[name];
    return attribute === undefined ? value : readValue(attribute, prior?.[name] ?? null, value);
  });
}

function readValue(attribute: Attribute, prior: CtyValue, live: CtyValue): CtyValue {
  if (attribute.nested?.nesting === "single" && isRecord(prior) && isRecord(live)) {
    return readObject(attribute.nested.attributes, prior, live);
  }
  if (attribute.nested?.nesting === "map" && isRecord(live)) {
    const { attributes } = attribute.nested;
    return eachElement(prior, live, (before, element) => readObject(attributes, before, element));
  }
  return kept(attribute, prior, live);
}

/** The names of the attributes in which two objects differ in meaning; something unknown differs from everything. */
export function changedAttributes(attributes: Attributes, prior: CtyRecord, planned: CtyRecord): readonly string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const [before, after] = [prior[name] ?? null, planned[name] ?? null];
    return sameValue(typeOf(attribute), before, after) ? [] : [name];
  });
}

function kept(attribute: Attribute, prior: CtyValue, value: CtyValue): CtyValue {
  if (prior === null || !isWhollyKnown(value) || !isWhollyKnown(prior)) return value;
  if (value === null) return value;
  // Most often it is the same to the letter, which is told sooner than what it means.
  const isSame = sameValue(typeOf(attribute), prior, value) || attribute.sameMeaning?.(prior, value) === true;
  return isSame ? prior : value;
}

function isRecord(value: CtyValue | undefined): value is CtyRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}
