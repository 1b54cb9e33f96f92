/**
 * Algorithm patterns, the entries of a key's allow-list (design section 6, `vectors/algorithm.json`):
 *
 *     algo://*                      every algorithm
 *     algo://owner/*                every algorithm of an owner; the owner `.my` is the account itself
 *     algo://owner/name             one algorithm, any version (the same as algo://owner/name/*)
 *     algo://owner/name/version     x.y.z, x.y.*, x.*, a 40-hex commit, latest, latestPrivate
 *
 * A call is matched by what it asks for, so a pattern with a version does not allow a call without one.
 * Everything is compared ignoring ASCII case. All functions here run in time linear in their input.
 */
export interface AlgorithmPattern {
  /** Lower-case owner, or undefined for every owner. */
  readonly owner: string | undefined;
  /** Lower-case name, or undefined for every name of the owner. */
  readonly name: string | undefined;
  /** Lower-case version, or undefined for any version and for calls that name none. */
  readonly version: string | undefined;
}

/** Why a call path cannot name an algorithm. Stable codes, part of the deny reasons. */
export type CallPathProblem = "bad_path_char" | "bad_segment" | "bad_segments";

/** The scheme that every pattern begins with. */
export const ALGORITHM_SCHEME = "algo://";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,29}$/;
const OWN = ".my";
const VERSION = /^(?:\d{1,9}\.\d{1,9}\.\d{1,9}|\d{1,9}\.\d{1,9}\.\*|\d{1,9}\.\*|[0-9a-f]{40}|latest|latestprivate)$/;

/** Reads a pattern as it stands in a declaration; undefined if it is not one. */
export function parseAlgorithmPattern(text: string): AlgorithmPattern | undefined {
  if (!text.startsWith(ALGORITHM_SCHEME) || text.length > 128) return undefined;
  const segments = text.slice(ALGORITHM_SCHEME.length).split("/");
  const [owner = "", name, version] = segments;
  if (segments.length === 1)
    return owner === "*" ? { owner: undefined, name: undefined, version: undefined } : undefined;
  if (segments.length > 3 || !isOwner(owner) || name === undefined) return undefined;
  if (name === "*") return version === undefined ? pattern(owner) : undefined;
  if (!NAME.test(name)) return undefined;
  if (version === undefined || version === "*") return pattern(owner, name);
  return VERSION.test(version.toLowerCase()) ? pattern(owner, name, version) : undefined;
}

/** The comparison form: lower case, without a redundant `/*`. Two patterns mean the same exactly if these are equal. */
export function formatAlgorithmPattern(algorithm: AlgorithmPattern): string {
  if (algorithm.owner === undefined) return `${ALGORITHM_SCHEME}*`;
  if (algorithm.name === undefined) return `${ALGORITHM_SCHEME}${algorithm.owner}/*`;
  const version = algorithm.version === undefined ? "" : `/${algorithm.version}`;
  return `${ALGORITHM_SCHEME}${algorithm.owner}/${algorithm.name}${version}`;
}

/**
 * Reads the raw path of a call after `/v1/algo/`, still percent-encoded: one trailing slash is allowed, nothing is
 * decoded. `name` is always set in what it returns.
 */
export function parseAlgorithmCall(path: string): AlgorithmPattern | CallPathProblem {
  if (path.length > 256 || !/^[A-Za-z0-9_.*/-]*$/.test(path)) return "bad_path_char";
  const segments = (path.endsWith("/") ? path.slice(0, -1) : path).split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) return "bad_segment";
  const [owner = "", name = "", version] = segments;
  if (segments.length < 2 || segments.length > 3) return "bad_segments";
  if (!isOwner(owner) || !NAME.test(name)) return "bad_segment";
  if (version !== undefined && !VERSION.test(version.toLowerCase())) return "bad_segment";
  return pattern(owner, name, version);
}

/**
 * True if everything that `narrow` allows is allowed by `wide` too; a partial order up to {@link formatAlgorithmPattern}.
 * `account` gives `.my` its meaning; without it `.my` equals only itself.
 */
export function coversAlgorithm(wide: AlgorithmPattern, narrow: AlgorithmPattern, account?: string): boolean {
  if (wide.owner === undefined) return true;
  if (narrow.owner === undefined || resolved(wide.owner, account) !== resolved(narrow.owner, account)) return false;
  if (wide.name === undefined) return true;
  if (wide.name !== narrow.name) return false;
  return wide.version === undefined || (narrow.version !== undefined && coversVersion(wide.version, narrow.version));
}

/** How a pattern allowed a call: by `algo://*`, by its owner, or by its name. Stable codes. */
export type AlgorithmMatch = "any" | "owner" | "algo";

/** How the pattern allows a call that {@link parseAlgorithmCall} has read, or undefined if it does not. */
export function matchAlgorithm(
  allowed: AlgorithmPattern,
  call: AlgorithmPattern,
  account: string,
): AlgorithmMatch | undefined {
  if (!coversAlgorithm(allowed, call, account)) return undefined;
  if (allowed.owner === undefined) return "any";
  return allowed.name === undefined ? "owner" : "algo";
}

function isOwner(segment: string): boolean {
  return segment.toLowerCase() === OWN || NAME.test(segment);
}

function pattern(owner: string, name?: string, version?: string): AlgorithmPattern {
  return { owner: owner.toLowerCase(), name: name?.toLowerCase(), version: version?.toLowerCase() };
}

function resolved(owner: string, account: string | undefined): string {
  return owner === OWN && account !== undefined ? account.toLowerCase() : owner;
}

/** `1.2.*` covers `1.2.9` and itself, `1.*` covers `1.2.*` too; every other version covers only itself. */
function coversVersion(wide: string, narrow: string): boolean {
  return wide === narrow || (wide.endsWith(".*") && narrow.startsWith(wide.slice(0, -1)) && /^[\d.*]+$/.test(narrow));
}
