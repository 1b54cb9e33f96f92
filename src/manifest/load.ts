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
import { findInputs, type Input } from "./find-inputs.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { loadModule } from "./load-module.ts";
import { createPlacer } from "./place.ts";
import type { Problem } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { resolveFiles } from "./resolve.ts";
import { readSource, tooLarge, type SourceFile } from "./source-file.ts";
import { substitute, type Variables } from "./substitute.ts";
import type { YamlNode } from "./yaml-tree.ts";

/** What loading takes from its surroundings. */
export interface LoadOptions extends Variables {
  /** The working folder; names of files are relative to it. */
  readonly cwd: string;
  /** All of standard input; asked for only if `-` is among the inputs. */
  readonly stdin: () => Promise<Uint8Array>;
}

/** One input as it was read: its value, unless it could not be read, and what counts for the digest. */
interface Reading {
  readonly file: SourceFile;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly hashed: string;
  readonly tree?: YamlNode | undefined;
  readonly places?: (() => YamlNode) | undefined;
}

/**
 * Reads a declaration: files, folders and standard input become one manifest, or every problem with them is named, in
 * one pass. Nothing the author wrote makes it throw. Files are read without giving way to the event loop: reading is
 * short, and V8 takes every turn of the loop for a pause long enough to collect garbage in.
 */
export async function loadManifest(inputs: readonly string[], options: LoadOptions): Promise<Result<Manifest>> {
  const found = findInputs(inputs, options.cwd);
  const problems: Problem[] = [];
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
    const before = problems.length;
    const file = declared(reading, options, readAlgorithm, problems);
    if (file !== undefined) files.push(file);
    const { places, ...kept } = reading;
    // Positions are cheapest now, while what the reader saw is still there; most files never need them.
    readings.push(problems.length > before && places !== undefined ? { ...kept, tree: places() } : kept);
  }
  const complete = files.length === found.inputs.length && found.diagnostics.length === 0;
  const resolution = resolveFiles(files, complete, problems);
  const placed = problems.length > 0 ? createPlacer(treesOf(readings)).diagnostics(problems) : [];
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

async function readInput(input: Input, { stdin }: LoadOptions): Promise<Reading | Diagnostic> {
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
    const module = await loadModule(file, path, source);
    return { file, ...module, hashed: module.value === undefined ? "" : canonicalJson(module.value) };
  }
  const { content } = source;
  if (content === undefined) return { file: source, value: undefined, problems: [], hashed: "" };
  const { value, problems, tree, places } = readYaml(source, content);
  if (problems.length === 0 && (value === undefined || value === null)) return stopped(emptyFile(source));
  return { file: source, value, problems, hashed: content.text, tree, places };
}

function treesOf(readings: readonly Reading[]): Map<SourceFile, YamlNode> {
  return new Map(readings.flatMap(({ file, tree }) => (tree === undefined ? [] : [[file, tree] as const])));
}

function stopped(problem: Problem): Reading {
  return { file: problem.file, value: undefined, problems: [problem], hashed: "" };
}

/** An empty file is an error: it would plan the deletion of every key, and nobody says so by writing nothing. */
function emptyFile(file: SourceFile): Problem {
  return {
    file,
    severity: "error",
    code: "no-declaration",
    summary: "the file is empty",
    detail: "It holds no value, only blank lines and comments at most.",
    fix: "Write a declaration; one without keys says `keys: {}`.",
    path: [],
    mark: { type: "start" },
  };
}

function declared(
  reading: Reading,
  variables: Variables,
  readAlgorithm: AlgorithmReader,
  problems: Problem[],
): DeclarationFile | undefined {
  problems.push(...reading.problems);
  if (reading.value === undefined) return undefined;
  const substitution = substitute(reading.file, reading.value, variables);
  problems.push(...substitution.problems);
  return declarationFile(reading.file, substitution, readAlgorithm, problems);
}

/** Over names and contents before variables, so that it tells declarations apart and depends on nothing else. */
function digestOf(readings: readonly Reading[]): string {
  const hash = createHash("sha256");
  for (const { file, hashed } of readings)
    hash.update(`${JSON.stringify([file.filename, hashed.length])}\n`).update(hashed);
  return `sha256:${hash.digest("hex")}`;
}
