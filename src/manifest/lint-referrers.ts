import type { AttributePath } from "../core/attribute-path.ts";
import { coversReferrer, formatReferrerPattern, OWN_PORT, type ReferrerPattern } from "../core/referrer-pattern.ts";
import { readReferrer } from "./check-fields.ts";
import { asWritten, problemIn, type DeclarationFile } from "./declaration-file.ts";
import { shownValue } from "./explain-value.ts";
import type { Problems, Wording } from "./problem.ts";

/** Lists up to this length are compared entry by entry; longer ones by look-up. */
const SHORT_LIST = 8;

/** Warns of each referrer that has no effect beside another one of its list. */
export function lintReferrers(
  from: DeclarationFile,
  path: AttributePath,
  hosts: readonly string[],
  problems: Problems,
): void {
  if (hosts.length < 2 || (hosts.length === 2 && isPlainPair(hosts))) return;
  const patterns = hosts.map(readReferrer);
  const coverOf = patterns.length <= SHORT_LIST ? pairwise(patterns) : byLookUp(patterns);
  for (const [index, pattern] of patterns.entries()) {
    const cover = pattern && coverOf(pattern, index);
    if (cover === undefined) continue;
    const at = [...path, index];
    const entry = shownValue(asWritten(from, at, hosts[index] ?? ""));
    const by = shownValue(asWritten(from, [...path, cover.index], hosts[cover.index] ?? ""));
    const wording: Wording = cover.same
      ? { code: "duplicate-entry", summary: `${entry} says the same as ${by}`, fix: "Take one of the two away." }
      : {
          code: "covered-referrer",
          summary: `${entry} is covered by ${by} already`,
          fix: "Take it away, or the wider entry if that is not meant.",
        };
    problems.push(problemIn(from, at, wording, { severity: "warning" }));
  }
}

/** A plain lower-case host is its own comparison form; scheme, port, capitals and other alphabets need reading. */
const PLAIN = /^(?:\*\.)?[a-z0-9.-]+$/;

/** True for two plain hosts that have nothing to do with each other, the usual list, which then costs nothing. */
function isPlainPair([first = "", second = ""]: readonly string[]): boolean {
  if (first === second || !PLAIN.test(first) || !PLAIN.test(second)) return false;
  return !isBelow(first, second) && !isBelow(second, first);
}

function isBelow(wide: string, narrow: string): boolean {
  return wide.startsWith("*.") && narrow.endsWith(wide.slice(1));
}

/** The entry that makes another one needless. */
interface Cover {
  readonly index: number;
  /** True if they say the same: then the later one is needless. */
  readonly same: boolean;
}

type CoverOf = (pattern: ReferrerPattern, index: number) => Cover | undefined;
type Patterns = readonly (ReferrerPattern | undefined)[];

function pairwise(patterns: Patterns): CoverOf {
  return (pattern, index) => {
    for (const [other, wide] of patterns.entries()) {
      if (wide === undefined || other === index || !coversReferrer(wide, pattern)) continue;
      const same = coversReferrer(pattern, wide);
      if (!same || other < index) return { index: other, same };
    }
    return undefined;
  };
}

/** An entry is covered by one of its own host or of a host above: as many look-ups as its host has parts, however long the list. */
function byLookUp(patterns: Patterns): CoverOf {
  const first = new Map<string, number>();
  const above = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    if (pattern === undefined) continue;
    const form = formatReferrerPattern(pattern);
    if (!first.has(form)) first.set(form, index);
    if (pattern.below) above.add(pattern.host);
  }
  return (pattern, index) => {
    const own = formatReferrerPattern(pattern);
    for (const wide of widerPatterns(pattern, above)) {
      const form = formatReferrerPattern(wide);
      const found = first.get(form);
      if (found !== undefined && form !== own && coversReferrer(wide, pattern)) return { index: found, same: false };
    }
    const earlier = first.get(own);
    return earlier !== undefined && earlier < index ? { index: earlier, same: true } : undefined;
  };
}

/** Every pattern that may cover another, of the hosts in `above` and of its own host. */
function* widerPatterns(pattern: ReferrerPattern, above: ReadonlySet<string>): Iterable<ReferrerPattern> {
  const { host, below } = pattern;
  yield* variantsOf(pattern, { host, below });
  for (let dot = host.indexOf("."); above.size > 0 && dot >= 0; dot = host.indexOf(".", dot + 1)) {
    const parent = host.slice(dot + 1);
    if (above.has(parent)) yield* variantsOf(pattern, { host: parent, below: true });
  }
}

const SCHEMES = [undefined, "https", "http"] as const;

function* variantsOf(
  { port }: ReferrerPattern,
  site: Pick<ReferrerPattern, "host" | "below">,
): Iterable<ReferrerPattern> {
  const ports = new Set([undefined, "*", port, ...Object.values(OWN_PORT)] as const);
  for (const scheme of SCHEMES) for (const each of ports) yield { ...site, scheme, port: each };
}
