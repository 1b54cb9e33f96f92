import { formatAlgorithmPattern, parseAlgorithmPattern } from "./algorithm-pattern.ts";
import type { Origins } from "./caller-origin.ts";
import { durationMs, formatDuration } from "./duration.ts";
import type { KeySpec } from "./key-spec.ts";
import { formatReferrerPattern, parseReferrerPattern } from "./referrer-pattern.ts";

/**
 * The form in which specs are compared and hashed: lists sorted without repetition, patterns in their comparison form,
 * labels sorted. Idempotent and blind to order, case and redundant `/*`, so two specs that mean the same are equal here.
 */
export function canonicalSpec(spec: KeySpec): KeySpec {
  return {
    description: spec.description.normalize("NFC"),
    algorithms: sortedSet(spec.algorithms.map(canonicalAlgorithm)),
    origins: canonicalOrigins(spec.origins),
    data: spec.data,
    management: spec.management,
    enabled: spec.enabled,
    expires: spec.expires,
    protect: spec.protect,
    labels: sortedRecord(spec.labels),
    rotation: spec.rotation && {
      every: canonicalDuration(spec.rotation.every),
      overlap: canonicalDuration(spec.rotation.overlap),
    },
  };
}

/** The comparison form of an algorithm pattern as written; what is no pattern stands for itself. */
export function canonicalAlgorithm(text: string): string {
  const pattern = parseAlgorithmPattern(text);
  return pattern === undefined ? text : formatAlgorithmPattern(pattern);
}

/** The comparison form of a referrer pattern as written; what is no pattern stands for itself. */
export function canonicalReferrer(text: string): string {
  const pattern = parseReferrerPattern(text);
  return pattern === undefined ? text : formatReferrerPattern(pattern);
}

/** JSON with sorted property names and no white space: equal values give equal text, so it can be hashed. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? sortedRecord(inner as Record<string, unknown>)
      : inner,
  );
}

function canonicalOrigins(origins: Origins): Origins {
  if (typeof origins.web === "string") return origins;
  const [first, ...rest] = sortedSet(origins.web.hosts.map(canonicalReferrer));
  return first === undefined ? origins : { native: origins.native, web: { hosts: [first, ...rest] } };
}

function canonicalDuration(text: string): string {
  const ms = durationMs(text);
  return ms === undefined ? text : formatDuration(ms);
}

function sortedSet(texts: readonly string[]): string[] {
  return texts.length < 2 ? [...texts] : [...new Set(texts)].sort();
}

function sortedRecord<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
