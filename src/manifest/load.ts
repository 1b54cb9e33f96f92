import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { canonicalJson } from "../core/canonical.ts";
import { hasErrors, type Diagnostic, type Result } from "../core/diagnostic.ts";
import type { Manifest } from "../core/manifest.ts";
import {
  createAlgorithmReader,
  declarationFile,
  type AlgorithmReader,
  type DeclarationFile,
} from "./declaration-file.ts";
import type { HiddenEntry } from "./field-faults.ts";
import { findInputs, type Input } from "./find-inputs.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { warnOfExpired } from "./lint-expiry.ts";
import { hiddenProblems, hiddenVariants } from "./hidden-fields.ts";
import { loadModule } from "./load-module.ts";
import { createPlacer } from "./place.ts";
import { createProblems, type Problem, type Problems } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { resolveFiles } from "./resolve.ts";
import { readSource, tooLarge, type SourceFile } from "./source-file.ts";
import { substitute, type Variables } from "./substitute.ts";
import type { YamlTree } from "./yaml-tree.ts";

/** What loading takes from its surroundings. */
export interface LoadOptions extends Variables {
  /** The working folder; names of files are relative to it. */
  readonly cwd: string;
  /** All of standard input; asked for only if `-` is among the inputs. */
  readonly stdin: () => Promise<Uint8Array>;
  /** Milliseconds since 1970: keys that have expired by then are warned of. Absent: nobody asks. */
  readonly now?: number;
  /** Runs a declaration that is a program, for those who guard themselves against what it does. */
  readonly runModule?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** One input as it was read: its value, unless it could not be read, and what counts for the digest. */
interface Reading {
  readonly file: SourceFile;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly hashed: string;
  readonly tree?: YamlTree | undefined;
  readonly places?: (() => YamlTree) | undefined;
  readonly hidden?: readonly HiddenEntry[] | undefined;
}

/**
 * Reads a declaration: files, folders and standard input become one manifest, or every problem with them is named, in
 * one pass. Nothing the author wrote makes it throw. Files are read without giving way to the event loop: reading is
 * short, and V8 takes every turn of the loop for a pause long enough to collect garbage in.
 */
export async function loadManifest(inputs: readonly string[], options: LoadOptions): Promise<Result<Manifest>> {
  const found = findInputs(inputs, options.cwd);
  const problems = createProblems();
  const unreadable: Diagnostic[] = [];
  const readings: Reading[] = [];
  const files: DeclarationFile[] = [];
  const readAlgorithm = createAlgorithmReader();
  for (const input of found.inputs) {
    const reading = await readInput(input, options);
    if ("code" in reading) {
      unreadable.push(reading);
      continue;
    }
    const before = problems.count;
    const file = declared(reading, options, readAlgorithm, problems);
    if (file !== undefined) files.push(file);
    const { places, ...kept } = reading;
    // Positions are cheapest now, while what the reader saw is still there; most files never need them.
    readings.push(problems.count > before && places !== undefined ? { ...kept, tree: places() } : kept);
  }
  const complete = files.length === found.inputs.length && found.diagnostics.length === 0;
  const resolution = resolveFiles(files, complete, problems);
  if (options.now !== undefined) warnOfExpired(files, resolution.keys, options.now, problems);
  const placed = problems.count > 0 ? createPlacer(treesOf(readings)).diagnostics(problems.list()) : [];
  const diagnostics = [...found.diagnostics, ...unreadable, ...placed];
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const source = { files: readings.map(({ file }) => file.filename), digest: digestOf(readings) };
  return { ok: true, value: { ...resolution, source }, diagnostics };
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

async function readInput(
  input: Input,
  { stdin, runModule = (work) => work() }: LoadOptions,
): Promise<Reading | Diagnostic> {
  const { filename, path, size } = input;
  const parent = posix.dirname(filename);
  const folder = parent === "." ? "" : parent;
  if (size > MAX_FILE_BYTES) return stopped(tooLarge({ filename, folder, content: undefined }));
  let bytes: Uint8Array;
  try {
    bytes = input.type === "stdin" ? await stdin() : readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    const summary = `${input.type === "stdin" ? "standard input" : filename} cannot be read${reason}`;
    return { severity: "error", code: "file-unreadable", summary, fix: "Check that you may read it." };
  }
  const source = readSource(bytes, filename, folder);
  if ("code" in source) return stopped(source);
  if (input.type === "module") {
    const file = { filename, folder, content: undefined };
    const module = await runModule(() => loadModule(file, path, source));
    return { file, ...module, hashed: module.value === undefined ? "" : canonicalJson(module.value) };
  }
  const { content } = source;
  if (content === undefined) return { file: source, value: undefined, problems: [], hashed: "" };
  const { value, problems, tree, places, hidden } = readYaml(source, content);
  if (problems.length === 0 && (value === undefined || value === null)) return stopped(emptyFile(source, places?.()));
  return { file: source, value, problems, hashed: content.text, tree, places, hidden };
}

function treesOf(readings: readonly Reading[]): Map<SourceFile, YamlTree> {
  return new Map(readings.flatMap(({ file, tree }) => (tree === undefined ? [] : [[file, tree] as const])));
}

function stopped(problem: Problem): Reading {
  return { file: problem.file, value: undefined, problems: [problem], hashed: "" };
}

/** A file without a value is an error: it would plan the deletion of every key, and nobody says so by writing nothing. */
function emptyFile(file: SourceFile, tree: YamlTree | undefined): Problem {
  const { start, end } = tree?.place(tree.root) ?? { start: -1, end: -1 };
  const written = file.content?.text.slice(Math.max(start, 0), Math.max(end, 0)) ?? "";
  return {
    file,
    severity: "error",
    code: "no-declaration",
    summary: written === "" ? "the file is empty" : `the file holds only \`${written}\`, which is no value`,
    detail: written === "" ? "It holds no value, only blank lines and comments at most." : undefined,
    fix: "Write a declaration; one without keys says `keys: {}`.",
    path: [],
    mark: written === "" ? { type: "start" } : { type: "offset", start, end },
  };
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
