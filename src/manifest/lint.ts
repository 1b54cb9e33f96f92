import { coversAlgorithm, formatAlgorithmPattern, type AlgorithmPattern } from "../core/algorithm-pattern.ts";
import type { AttributePath } from "../core/attribute-path.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { asWritten, problemIn, type DeclarationFile } from "./declaration-file.ts";
import { shownValue } from "./explain-value.ts";
import { lintReferrers } from "./lint-referrers.ts";
import type { Problems, Wording } from "./problem.ts";

/** Lists up to this length are compared entry by entry, which needs no memory; longer ones by look-up. */
const SHORT_LIST = 8;

/** Which block states a field: the key's own, or the defaults, whose faults are told once and not for each key. */
export interface FieldOwners {
  readonly algorithms: AttributePath;
  readonly origins: AttributePath;
}

/** Warns of what is allowed but hardly meant. `account` gives the owner `.my` its meaning. */
export function lintKey(
  from: DeclarationFile,
  owners: FieldOwners,
  spec: KeySpec,
  account: string,
  problems: Problems,
): void {
  lintAlgorithms(from, owners, spec, account, problems);
  const { native, web } = spec.origins;
  if (web === "none") return;
  if (web === "any") {
    const summary = "browsers of every site may call with this key";
    const detail = "Whatever a browser holds, its user can read and others can embed.";
    warn(
      from,
      [...owners.origins, "origins", "web"],
      { code: "open-browser", summary, detail, fix: "List the sites under `referrers`." },
      problems,
    );
    return;
  }
  lintReferrers(from, [...owners.origins, "origins", "referrers"], web.hosts, problems);
  if (native) {
    const summary = "`referrers` bind browsers only, and programs may call with this key too";
    const detail = "A program can call without a referrer, so the list keeps nobody out.";
    const fix = "Write `native: false`, or declare a second key for programs.";
    warn(
      from,
      [...owners.origins, "origins", "referrers"],
      { code: "native-with-referrers", summary, detail, fix },
      problems,
    );
  }
}

function lintAlgorithms(
  from: DeclarationFile,
  owners: FieldOwners,
  { algorithms, origins }: KeySpec,
  account: string,
  problems: Problems,
): void {
  const browsers = origins.web !== "none";
  const [only] = algorithms;
  if (only === undefined || (algorithms.length === 1 && (!browsers || only !== "algo://*"))) return;
  const path = [...owners.algorithms, "algorithms"];
  const patterns = algorithms.map(from.readAlgorithm);
  const coverOf = patterns.length <= SHORT_LIST ? pairwise(patterns, account) : byLookUp(patterns, account);
  for (let index = 0; index < patterns.length; index++) {
    const pattern = patterns[index];
    if (pattern === undefined) continue; // told as an error
    const at = [...path, index];
    if (pattern.owner === undefined && browsers) {
      const summary = "browsers may call every algorithm with this key";
      warn(
        from,
        at,
        { code: "wildcard-in-browser", summary, fix: "List the algorithms that the page calls." },
        problems,
      );
    }
    const cover = coverOf(pattern, index);
    if (cover === undefined) continue;
    const entry = shownValue(asWritten(from, at, algorithms[index] ?? ""));
    const by = shownValue(asWritten(from, [...path, cover.index], algorithms[cover.index] ?? ""));
    const wording: Wording = cover.same
      ? { code: "duplicate-entry", summary: `${entry} says the same as ${by}`, fix: "Take one of the two away." }
      : {
          code: "covered-algorithm",
          summary: `${entry} is covered by ${by} already`,
          fix: "Take it away, or the wider entry if that is not meant.",
        };
    warn(from, at, wording, problems);
  }
}

/** The entry that makes another one needless. */
interface Cover {
  readonly index: number;
  /** True if they say the same: then the later one is needless. */
  readonly same: boolean;
}

type CoverOf = (pattern: AlgorithmPattern, index: number) => Cover | undefined;
type Patterns = readonly (AlgorithmPattern | undefined)[];

function pairwise(patterns: Patterns, account: string): CoverOf {
  return (pattern, index) => {
    for (let other = 0; other < patterns.length; other++) {
      const wide = patterns[other];
      if (wide === undefined || other === index || !coversAlgorithm(wide, pattern, account)) continue;
      const same = coversAlgorithm(pattern, wide, account);
      if (!same || other < index) return { index: other, same };
    }
    return undefined;
  };
}

/** Every pattern that could cover another is one of six, so each entry costs six look-ups however long the list is. */
function byLookUp(patterns: Patterns, account: string): CoverOf {
  const first = new Map<string, number>();
  for (const [index, pattern] of patterns.entries()) {
    const form = pattern && formOf(pattern, account);
    if (form !== undefined && !first.has(form)) first.set(form, index);
  }
  return (pattern, index) => {
    const own = formOf(pattern, account);
    for (const form of widerForms(pattern, account)) {
      const found = first.get(form);
      if (found !== undefined && form !== own) return { index: found, same: false };
    }
    const earlier = first.get(own);
    return earlier !== undefined && earlier < index ? { index: earlier, same: true } : undefined;
  };
}

function formOf(pattern: AlgorithmPattern, account: string): string {
  return formatAlgorithmPattern(pattern.owner === ".my" ? { ...pattern, owner: account.toLowerCase() } : pattern);
}

function widerForms({ owner, name, version }: AlgorithmPattern, account: string): string[] {
  if (owner === undefined) return [];
  const any = { owner: undefined, name: undefined, version: undefined };
  const wider: AlgorithmPattern[] = [any, { owner, name: undefined, version: undefined }];
  if (name !== undefined) wider.push({ owner, name, version: undefined });
  const [, major = "", minor] = /^(\d+)\.(?:(\d+)\.)?(?:\d+|\*)$/.exec(version ?? "") ?? [];
  if (major !== "") wider.push({ owner, name, version: `${major}.*` });
  if (minor !== undefined) wider.push({ owner, name, version: `${major}.${minor}.*` });
  return wider.map((pattern) => formOf(pattern, account));
}

function warn(from: DeclarationFile, path: AttributePath, wording: Wording, problems: Problems): void {
  problems.push(problemIn(from, path, wording, { severity: "warning" }));
}
