import { createHash } from "node:crypto";
import { hasErrors, type Diagnostic, type Result } from "../core/diagnostic.ts";
import { nameKey } from "../core/key-name.ts";
import type { Manifest } from "../core/manifest.ts";
import {
  createAlgorithmReader,
  declarationFile,
  type AlgorithmReader,
  type DeclarationFile,
} from "./declaration-file.ts";
import { findInputs, type FoundInputs } from "./find-inputs.ts";
import { hiddenProblems, hiddenVariants } from "./hidden-fields.ts";
import { warnOfExpired } from "./lint-expiry.ts";
import { createPlacer } from "./place.ts";
import { createProblems, type Problem, type Problems } from "./problem.ts";
import { noData, readBytes, readFile, readInput, type InputSources, type Reading } from "./read-input.ts";
import { readYaml } from "./read-yaml.ts";
import { resolveFiles } from "./resolve.ts";
import type { SourceFile } from "./source-file.ts";
import { substitute, type Variables } from "./substitute.ts";
import { disagreement } from "./stack-problems.ts";
import { isStackFile, readStack, type StackDeclaration } from "./synthesized-stack.ts";
import type { YamlTree } from "./yaml-tree.ts";

/** What loading takes from its surroundings. */
export interface LoadOptions extends Variables, InputSources {
  /** The working folder; names of files are relative to it. */
  readonly cwd: string;
  /** Milliseconds since 1970: keys that have expired by then are warned of. Absent: nobody asks. */
  readonly now?: number;
}

/**
 * Reads a declaration: files, folders and standard input become one manifest, or every problem with them is named, in
 * one pass. Nothing the author wrote makes it throw. Files are read without giving way to the event loop: reading is
 * short, and V8 takes every turn of the loop for a pause long enough to collect garbage in.
 */
export async function loadManifest(inputs: readonly string[], options: LoadOptions): Promise<Result<Manifest>> {
  const found = findInputs(inputs, options.cwd);
  const collection = createCollection(options);
  for (const input of found.inputs) collection.add(await readInput(input, options));
  return collection.manifest(found);
}

/** Like {@link loadManifest}, at once: for files and folders of YAML or JSON alone. */
export function loadDataFiles(
  inputs: readonly string[],
  options: Omit<LoadOptions, keyof InputSources>,
): Result<Manifest> {
  const found = findInputs(inputs, options.cwd);
  const collection = createCollection(options);
  for (const input of found.inputs) collection.add(input.type === "data" ? readFile(input) : noData(input));
  return collection.manifest(found);
}

/** Like {@link loadManifest}, of one text in YAML. */
export function loadText(text: string, variables: Variables): Result<Manifest> {
  const input = { type: "stdin", filename: "-", path: "", size: 0 } as const;
  const collection = createCollection(variables);
  collection.add(readBytes(input, new TextEncoder().encode(text)));
  return collection.manifest({ inputs: [input], diagnostics: [] });
}

/** Gathers inputs one by one, and makes a manifest of them. */
function createCollection(options: Variables & Pick<LoadOptions, "now">): {
  readonly add: (reading: Reading | Diagnostic) => void;
  readonly manifest: (found: FoundInputs) => Result<Manifest>;
} {
  const problems = createProblems();
  const unreadable: Diagnostic[] = [];
  const readings: Reading[] = [];
  const files: DeclarationFile[] = [];
  const stacks = new Map<SourceFile, StackDeclaration>();
  let complete = true;
  const readAlgorithm = createAlgorithmReader();
  return {
    add: (reading) => {
      if ("code" in reading) {
        unreadable.push(reading);
        complete = false;
        return;
      }
      const before = problems.count;
      const made = isStackFile(reading.file.filename)
        ? declaredByStack(reading, options, { readAlgorithm, problems, stacks })
        : [declared(reading, options, readAlgorithm, problems)];
      for (const file of made) {
        if (file === undefined) complete = false;
        else files.push(file);
      }
      const { places, ...kept } = reading;
      // Positions are cheapest now, while what the reader saw is still there; most files never need them.
      readings.push(problems.count > before && places !== undefined ? { ...kept, tree: places() } : kept);
    },
    manifest: (found) => {
      const isWhole = complete && found.diagnostics.length === 0 && files.length > 0;
      const resolution = resolveFiles(files, isWhole, problems);
      if (options.now !== undefined) warnOfExpired(files, resolution.keys, options.now, problems);
      const told = problems.list().map((problem) => inStack(problem, stacks));
      const placed = told.length > 0 ? createPlacer(treesOf(readings)).diagnostics(told) : [];
      const diagnostics = [...found.diagnostics, ...unreadable, ...placed];
      if (files.length === 0 && complete && readings.length > 0 && !hasErrors(diagnostics)) {
        diagnostics.push(noKeys(readings));
      }
      if (hasErrors(diagnostics)) return { ok: false, diagnostics };
      const source = { files: readings.map(({ file }) => file.filename), digest: digestOf(readings) };
      return { ok: true, value: { ...resolution, source }, diagnostics };
    },
  };
}

/** What is said of stacks without keys: a plan of none would delete every key, and nobody says so by saying nothing. */
function noKeys(readings: readonly Reading[]): Diagnostic {
  const names = readings.map(({ file }) => file.filename).join(", ");
  const fix =
    "Name the app that declares the keys. One that shall have none any more is ended with `algokeys destroy`.";
  return { severity: "error", code: "no-declaration", summary: `no key is declared in ${names}`, fix };
}

/** The declarations of a stack that CDKTF made; none for one without keys. */
function declaredByStack(
  { file, value, problems: unread }: Reading,
  variables: Variables,
  {
    readAlgorithm,
    problems,
    stacks,
  }: {
    readonly readAlgorithm: AlgorithmReader;
    readonly problems: Problems;
    readonly stacks: Map<SourceFile, StackDeclaration>;
  },
): readonly (DeclarationFile | undefined)[] {
  for (const problem of unread) problems.push(problem);
  if (value === undefined) return [undefined];
  const { declarations, manifests } = readStack(file, value, variables.vars, problems);
  return [
    ...declarations.map((one) => {
      stacks.set(one.file, one);
      const substitution = { value: one.value, written: one.written, problems: [] };
      return declarationFile(one.file, substitution, readAlgorithm, problems);
    }),
    ...manifests.map(({ file: inside, variables: vars, stated, place }) => {
      const reading = { ...readYaml(inside, inside.content), file: inside, hashed: inside.content.text };
      const made = declared(reading, { env: variables.env, vars }, readAlgorithm, problems);
      for (const field of ["account", "project"] as const) {
        const [here, there] = [stated[field], made?.declaration[field]];
        if (here === undefined || there === undefined || nameKey(here) === nameKey(there)) continue;
        problems.push(disagreement(file, place, field, here, there));
      }
      return made;
    }),
  ];
}

/** A problem with what a stack declares, where it stands in the stack's file. */
function inStack(problem: Problem, stacks: ReadonlyMap<SourceFile, StackDeclaration>): Problem {
  const stack = stacks.get(problem.file);
  const related = problem.related?.map((one) => {
    const other = stacks.get(one.file);
    return other === undefined ? one : { ...one, path: other.placeOf(one.path).path };
  });
  if (stack === undefined) return related === undefined ? problem : { ...problem, related };
  const { path, construct } = stack.placeOf(problem.path);
  const where = construct === undefined ? [] : [`The construct is ${construct}.`];
  const detail = [...(problem.detail === undefined ? [] : [problem.detail]), ...where].join(" ");
  return { ...problem, related, path, ...(detail === "" ? {} : { detail }) };
}

/**
 * The digest that a manifest read from exactly these files would bear: what a saved plan is compared with. Undefined if
 * one of them is not there or cannot be read.
 */
export async function declarationDigest(files: readonly string[], options: LoadOptions): Promise<string | undefined> {
  const found = findInputs(files, options.cwd);
  const readings = await Promise.all(found.inputs.map((input) => readInput(input, options)));
  const read = readings.filter((reading): reading is Reading => !("code" in reading));
  return read.length === files.length ? digestOf(read) : undefined;
}

function treesOf(readings: readonly Reading[]): Map<SourceFile, YamlTree> {
  return new Map(readings.flatMap(({ file, tree }) => (tree === undefined ? [] : [[file, tree] as const])));
}

/** Checks one file. Fields that are written twice are checked too, each where it stands. */
function declared(
  reading: Reading,
  variables: Variables,
  readAlgorithm: AlgorithmReader,
  problems: Problems,
): DeclarationFile | undefined {
  const { file, value, hidden = [] } = reading;
  const { variants, left } = hiddenVariants(hidden, HIDDEN_BUDGET + (file.content?.bytes ?? 0) / 4);
  for (const [index, problem] of reading.problems.entries()) {
    const last = index === reading.problems.length - 1;
    problems.push(last && left > 0 ? { ...problem, detail: UNCHECKED_FIELDS } : problem);
  }
  if (value === undefined) return undefined;
  const declaration = declarationFile(file, substitute(file, value, variables), readAlgorithm, problems);
  for (const variant of variants) {
    const found = createProblems();
    const alone = declarationFile(file, substitute(file, variant.value, variables), readAlgorithm, found);
    if (alone !== undefined) resolveFiles([alone], false, found);
    for (const problem of hiddenProblems(variant, found.list())) problems.push(problem);
  }
  return declaration;
}

/** How many values are checked at least that later fields hide; with a large file as many as it may hold itself. */
const HIDDEN_BUDGET = 10_000;
const UNCHECKED_FIELDS = "With so many, not everything that is written twice has been checked.";

/** Over names and contents before variables, so that it tells declarations apart and depends on nothing else. */
function digestOf(readings: readonly Reading[]): string {
  const hash = createHash("sha256");
  for (const { file, hashed } of readings)
    hash.update(`${JSON.stringify([file.filename, hashed.length])}\n`).update(hashed);
  return `sha256:${hash.digest("hex")}`;
}
