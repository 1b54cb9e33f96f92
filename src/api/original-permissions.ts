import { ALGORITHM_SCHEME, parseAlgorithmPattern } from "../core/algorithm-pattern.ts";
import type { Origins } from "../core/caller-origin.ts";
import type { DataAccess } from "../core/data-access.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { parseReferrerPattern } from "../core/referrer-pattern.ts";

/** `permissions` of a key as the original platform's published schema has it (`AuthPermissions`). */
export interface OriginalPermissions {
  readonly allow_data: boolean;
  readonly allow_data_write: boolean;
  readonly allow_algo: boolean;
  readonly allow_web_algo: boolean;
  /** The one site whose pages may call; absent for any site. */
  readonly referer_host?: string;
  readonly allow_algo_management: boolean;
  readonly algo_acl: readonly string[];
  /** Ours, in answers only: what restricts the key beyond what this form can say. Absent if nothing does. */
  readonly also_restricted_by?: readonly AlsoRestrictedBy[];
}

/** The restrictions that the original's form has no words for. */
export type AlsoRestrictedBy = "referrers" | "enabled" | "expires";

/** The part of a spec that the original's form can say. */
export type OriginalAccess = Pick<KeySpec, "algorithms" | "origins" | "data" | "management">;

/**
 * What a key may do at the moment `now` (milliseconds), in the original's words. Where they do not suffice the answer is
 * narrower, never wider: of several referrers the first is given, and a disabled or expired key may do nothing.
 */
export function originalPermissions(spec: KeySpec, now: number): OriginalPermissions {
  const { web } = spec.origins;
  const hosts: readonly string[] = typeof web === "string" ? [] : web.hosts;
  const restricted: AlsoRestrictedBy[] = [
    ...(hosts.length > 1 ? (["referrers"] as const) : []),
    ...(spec.enabled ? [] : (["enabled"] as const)),
    ...(spec.expires === null ? [] : (["expires"] as const)),
  ];
  const works = spec.enabled && (spec.expires === null || now < Date.parse(spec.expires));
  return {
    allow_data: works && spec.data !== "none",
    allow_data_write: works && spec.data === "readwrite",
    allow_algo: works && spec.origins.native,
    allow_web_algo: works && web !== "none",
    ...(hosts[0] === undefined ? {} : { referer_host: hosts[0] }),
    allow_algo_management: works && spec.management,
    algo_acl: works ? spec.algorithms : [],
    ...(restricted.length === 0 ? {} : { also_restricted_by: restricted }),
  };
}

/**
 * Reads `permissions` as a client of the original sends them, or says everything that is wrong with them. Total: the
 * value may be anything. What a key here cannot mean is refused rather than stretched: write without read, a referrer
 * without web callers, and a key that nobody may use.
 */
export function readOriginalPermissions(
  value: unknown,
): { readonly access: OriginalAccess } | { readonly problems: readonly string[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problems: ["permissions must be an object"] };
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const problems = [...fields.keys()].filter((field) => !FIELDS.includes(field)).map(unknownField);
  const flags = readFlags(fields, problems);
  const algorithms = readAlgorithms(fields.get("algo_acl"), problems);
  const origins = readOrigins(flags, fields.get("referer_host"), problems);
  const data = readData(flags, problems);
  if (problems.length > 0 || origins === undefined) return { problems };
  return { access: { algorithms, origins, data, management: flags.allow_algo_management } };
}

const REQUIRED_FLAGS = ["allow_data", "allow_data_write", "allow_algo", "allow_web_algo"] as const;
const FLAGS = [...REQUIRED_FLAGS, "allow_algo_management"] as const;
const FIELDS: readonly string[] = [...FLAGS, "referer_host", "algo_acl"];

type Flags = Readonly<Record<(typeof FLAGS)[number], boolean>>;

function unknownField(field: string): string {
  const isOurs = field === "also_restricted_by";
  const hint = isOurs ? "is read only; send such a key to /v2" : "is unknown";
  return `permissions.${field.slice(0, 64)} ${hint}`;
}

function readFlags(fields: ReadonlyMap<string, unknown>, problems: string[]): Flags {
  for (const flag of REQUIRED_FLAGS) {
    if (typeof fields.get(flag) !== "boolean") problems.push(`permissions.${flag} must be true or false`);
  }
  const management = fields.get("allow_algo_management") ?? false;
  if (typeof management !== "boolean") problems.push("permissions.allow_algo_management must be true or false");
  return {
    allow_data: fields.get("allow_data") === true,
    allow_data_write: fields.get("allow_data_write") === true,
    allow_algo: fields.get("allow_algo") === true,
    allow_web_algo: fields.get("allow_web_algo") === true,
    allow_algo_management: management === true,
  };
}

function readAlgorithms(value: unknown, problems: string[]): readonly string[] {
  if (!Array.isArray(value)) {
    problems.push("permissions.algo_acl must be a list; an empty one allows no algorithm");
    return [];
  }
  const algorithms = value.filter((entry: unknown): entry is string => typeof entry === "string");
  value.forEach((entry: unknown, position) => {
    if (typeof entry === "string" && parseAlgorithmPattern(entry) !== undefined) return;
    problems.push(`permissions.algo_acl[${position}] must be a pattern such as ${ALGORITHM_SCHEME}owner/name`);
  });
  return algorithms;
}

function readOrigins(flags: Flags, value: unknown, problems: string[]): Origins | undefined {
  const host = value === undefined || value === null || value === "" ? undefined : value;
  if (host !== undefined && (typeof host !== "string" || parseReferrerPattern(host) === undefined)) {
    problems.push("permissions.referer_host must be one host such as my-website.com");
    return undefined;
  }
  const { allow_algo: native, allow_web_algo: fromWeb } = flags;
  if (!fromWeb) {
    if (host !== undefined) problems.push("permissions.referer_host needs allow_web_algo");
    if (native) return { native, web: "none" };
    problems.push(
      "permissions.allow_algo or allow_web_algo must be true; for a key that calls no algorithm leave algo_acl empty",
    );
    return undefined;
  }
  return { native, web: typeof host === "string" ? { hosts: [host] } : "any" };
}

function readData({ allow_data, allow_data_write }: Flags, problems: string[]): DataAccess {
  if (!allow_data_write) return allow_data ? "read" : "none";
  if (!allow_data) problems.push("permissions.allow_data_write needs allow_data");
  return "readwrite";
}
