import { parseAlgorithmPattern } from "../core/algorithm-pattern.ts";
import { DATA_ACCESS } from "../core/data-access.ts";
import { durationMs } from "../core/duration.ts";
import { parseInstant } from "../core/instant.ts";
import { NAME_PATTERN } from "../core/key-name.ts";
import { SPEC_FIELDS, type KeySpec } from "../core/key-spec.ts";
import { parseReferrerPattern } from "../core/referrer-pattern.ts";

/** Bounds of one spec, so that no client can make listings slow for everyone. */
export const SPEC_LIMITS = { description: 500, entries: 1_000, labels: 32, labelValue: 200 } as const;

/**
 * Checks a spec as it came in: total, because it may have come over a wire. Gives the spec with nothing but its fields,
 * or the first thing that is wrong with it, as the end of a sentence. Every field must be stated.
 */
export function checkSpec(value: unknown): { readonly spec: KeySpec } | { readonly problem: string } {
  if (!isRecord(value)) return { problem: "the spec must be an object" };
  const unknown = Object.keys(value).find((field) => !(SPEC_FIELDS as readonly string[]).includes(field));
  if (unknown !== undefined)
    return { problem: `the spec has the unknown field ${JSON.stringify(unknown.slice(0, 64))}` };
  for (const field of SPEC_FIELDS) {
    const problem = CHECKS[field](value[field]);
    if (problem !== undefined) return { problem };
  }
  return { spec: cleanSpec(value as unknown as KeySpec) };
}

/** True for text that every database and every encoding keeps as it is: no NUL, no half of a surrogate pair. */
export function isPlainText(value: unknown, longest: number): value is string {
  return typeof value === "string" && value.length <= longest && !/[\0\p{Surrogate}]/u.test(value);
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Check = (value: unknown) => string | undefined;

const CHECKS: Readonly<Record<keyof KeySpec, Check>> = {
  description: (value) =>
    isPlainText(value, SPEC_LIMITS.description)
      ? undefined
      : `description must be text of at most ${SPEC_LIMITS.description} characters`,
  algorithms: (value) =>
    listProblem("algorithms", value, (entry) => parseAlgorithmPattern(entry) !== undefined, "an algorithm pattern"),
  origins: originsProblem,
  data: (value) =>
    DATA_ACCESS.some((access) => access === value) ? undefined : `data must be ${DATA_ACCESS.join(", ")}`,
  management: (value) => booleanProblem("management", value),
  enabled: (value) => booleanProblem("enabled", value),
  expires: (value) =>
    value === null || (typeof value === "string" && parseInstant(value) === value)
      ? undefined
      : "expires must be null or an instant such as 2027-01-31T00:00:00Z",
  protect: (value) => booleanProblem("protect", value),
  labels: labelsProblem,
  rotation: rotationProblem,
};

function booleanProblem(field: string, value: unknown): string | undefined {
  return typeof value === "boolean" ? undefined : `${field} must be true or false`;
}

function listProblem(
  field: string,
  value: unknown,
  accepts: (entry: string) => boolean,
  what: string,
): string | undefined {
  if (!Array.isArray(value) || value.length > SPEC_LIMITS.entries) {
    return `${field} must be a list of at most ${SPEC_LIMITS.entries} entries`;
  }
  const wrong = value.findIndex((entry: unknown) => typeof entry !== "string" || !accepts(entry));
  return wrong < 0 ? undefined : `${field}[${wrong}] is not ${what}`;
}

function originsProblem(value: unknown): string | undefined {
  if (!isRecord(value) || hasOther(value, ["native", "web"])) return "origins must have native and web, nothing else";
  const { native, web } = value;
  if (typeof native !== "boolean") return "origins.native must be true or false";
  if (web === "none") return native ? undefined : "origins must allow native or web callers";
  if (web === "any") return undefined;
  if (!isRecord(web) || hasOther(web, ["hosts"])) return 'origins.web must be "none", "any" or hosts';
  const hosts = web["hosts"];
  if (Array.isArray(hosts) && hosts.length === 0) return "origins.referrers must not be empty";
  return listProblem(
    "origins.referrers",
    hosts,
    (host) => parseReferrerPattern(host) !== undefined,
    "a referrer pattern",
  );
}

function labelsProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return "labels must be an object";
  const entries = Object.entries(value);
  if (entries.length > SPEC_LIMITS.labels) return `labels must be at most ${SPEC_LIMITS.labels}`;
  for (const [name, label] of entries) {
    if (!NAME_PATTERN.test(name)) return `labels has the invalid name ${JSON.stringify(name.slice(0, 64))}`;
    if (!isPlainText(label, SPEC_LIMITS.labelValue)) {
      return `labels.${name} must be text of at most ${SPEC_LIMITS.labelValue} characters`;
    }
  }
  return undefined;
}

function rotationProblem(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isRecord(value) || hasOther(value, ["every", "overlap"])) return "rotation must be null, or every and overlap";
  const { every, overlap } = value;
  if (!isDuration(every) || durationMs(every) === 0) return "rotation.every must be a duration such as 90d";
  return isDuration(overlap) ? undefined : "rotation.overlap must be a duration such as 24h";
}

function isDuration(value: unknown): value is string {
  return typeof value === "string" && durationMs(value) !== undefined;
}

function hasOther(value: Readonly<Record<string, unknown>>, fields: readonly string[]): boolean {
  return Object.keys(value).some((field) => !fields.includes(field));
}

/** The same spec in one form: nothing but its fields, in one order, so that equal specs give equal JSON. */
function cleanSpec(spec: KeySpec): KeySpec {
  const { description, algorithms, origins, data, management, enabled, expires, protect, labels, rotation } = spec;
  const byName = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    description,
    algorithms,
    origins: { native: origins.native, web: origins.web } as KeySpec["origins"],
    data,
    management,
    enabled,
    expires,
    protect,
    labels: Object.fromEntries(byName),
    rotation: rotation && { every: rotation.every, overlap: rotation.overlap },
  };
}
