import type { AccessTest } from "../core/access-test.ts";
import { formatPath, type AttributePath } from "../core/attribute-path.ts";
import type { Delivery } from "../core/delivery.ts";
import type { KeySpec } from "../core/key-spec.ts";
import type { ManifestKey } from "../core/manifest.ts";
import { resolveTests } from "./access-tests.ts";
import { checkFields } from "./check-fields.ts";
import type { DeclarationFile, Sound } from "./declaration-file.ts";
import type { KeyDeclaration } from "./declaration.generated.ts";
import { resolveDeliveries } from "./deliveries.ts";
import type { DeliveryPlaces } from "./delivery-places.ts";
import { checkName, checkRenames, joinedName, type DeclaredKey, type DeclaredName } from "./join-files.ts";
import { lintKey } from "./lint.ts";
import { createProblems, type Problems } from "./problem.ts";
import { checkDefaults, isBlanked, resolveKey } from "./resolve-key.ts";

/** What files that have the shape of a declaration mean together. */
export interface Resolution {
  readonly account: string;
  readonly project: string;
  /** In the order of their names. */
  readonly keys: readonly ManifestKey[];
}

const NO_DELIVERIES: readonly Delivery[] = [];
const NO_TESTS: readonly AccessTest[] = [];

/**
 * Joins files into one declaration: defaults filled in, every meaning checked. It means nothing if there is an error.
 * Only a `complete` list of files can lack something; one that could not be read might have stated it.
 */
export function resolveFiles(files: readonly DeclarationFile[], complete: boolean, problems: Problems): Resolution {
  const account = joinedName(files, "account", complete, problems) ?? "";
  const project = joinedName(files, "project", complete, problems) ?? "";
  const names = new Map<string, DeclarationFile | DeclaredName>();
  const places: DeliveryPlaces = {
    names: new Map(),
    forms: new Map(),
    sources: new Set(files.map(({ file }) => file.filename)),
  };
  const keys: ManifestKey[] = [];
  const renames: DeclaredKey[] = [];
  for (const from of files) {
    const { declaration } = from;
    if (declaration.defaults !== undefined) {
      checkFields(from, ["defaults"], declaration.defaults, problems);
      checkDefaults(from, problems);
    }
    const told = new Set<string>();
    const declared = declaration.keys ?? {};
    for (const name in declared) {
      checkName(from, name, names, problems);
      const key = declared[name];
      if (key === undefined) continue; // told by the schema
      const path = ["keys", name];
      const resolved = manifestKey(from, path, name, key, places, problems);
      lintOnce(from, path, key, resolved.spec, account, told, problems);
      keys.push(resolved);
      if (resolved.renamedFrom !== null) renames.push({ from, key: resolved });
    }
  }
  if (renames.length > 0) checkRenames(renames, (folded) => names.has(folded), problems);
  return { account, project, keys: sortedByName(keys) };
}

/** Files that a program wrote are sorted already. */
function sortedByName(keys: ManifestKey[]): ManifestKey[] {
  const sorted = keys.every((key, index) => index === 0 || (keys[index - 1]?.name ?? "") < key.name);
  return sorted ? keys : keys.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

function manifestKey(
  from: DeclarationFile,
  path: AttributePath,
  name: string,
  key: Sound<KeyDeclaration>,
  places: DeliveryPlaces,
  problems: Problems,
): ManifestKey {
  checkFields(from, path, key, problems);
  return {
    name,
    spec: resolveKey(from, path, name, key, problems),
    renamedFrom: key.renamed_from ?? null,
    deliver: key.deliver === undefined ? NO_DELIVERIES : resolveDeliveries(from, name, key.deliver, places, problems),
    tests: key.tests === undefined ? NO_TESTS : resolveTests(from, name, key.tests, problems),
  };
}

/** Lints a key; what only the defaults are to blame for is told for the first key that they reach. */
function lintOnce(
  from: DeclarationFile,
  path: AttributePath,
  key: Sound<KeyDeclaration>,
  spec: KeySpec,
  account: string,
  told: Set<string>,
  problems: Problems,
): void {
  const { defaults } = from.declaration;
  for (const stated of [key, defaults]) {
    // What is wrong in itself has been told, and what is left of it would be judged wrongly.
    if (stated?.algorithms?.includes(undefined) === true || (stated?.origins && isBlanked(stated.origins))) return;
  }
  const algorithms = defaults === undefined || "algorithms" in key ? path : ["defaults"];
  const origins = defaults?.origins === undefined || "origins" in key ? path : ["defaults"];
  if (algorithms === path && origins === path) {
    lintKey(from, { algorithms, origins }, spec, account, problems);
    return;
  }
  const found = createProblems();
  lintKey(from, { algorithms, origins }, spec, account, found);
  for (const problem of found.list()) {
    const finding = `${problem.code} ${formatPath(problem.path)}`;
    if (problem.path[0] === "defaults" && told.has(finding)) continue;
    told.add(finding);
    problems.push(problem);
  }
}
