import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { canonicalJson } from "../core/canonical.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { HiddenEntry } from "./field-faults.ts";
import type { Input } from "./find-inputs.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { loadModule } from "./load-module.ts";
import type { Problem } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";
import { readSource, tooLarge, type SourceFile } from "./source-file.ts";
import type { YamlTree } from "./yaml-tree.ts";

/** One input as it was read: its value, unless it could not be read, and what counts for the digest. */
export interface Reading {
  readonly file: SourceFile;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly hashed: string;
  readonly tree?: YamlTree | undefined;
  readonly places?: (() => YamlTree) | undefined;
  readonly hidden?: readonly HiddenEntry[] | undefined;
}

/** What reading an input takes from its surroundings. */
export interface InputSources {
  /** All of standard input; asked for only if `-` is among the inputs. */
  readonly stdin: () => Promise<Uint8Array>;
  /** Runs a declaration that is a program, for those who guard themselves against what it does. */
  readonly runModule?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Reads any input; a diagnostic for one that cannot be read at all. */
export async function readInput(
  input: Input,
  { stdin, runModule = (work) => work() }: InputSources,
): Promise<Reading | Diagnostic> {
  if (input.type === "data") return readFile(input);
  if (input.type === "stdin") {
    try {
      return readBytes(input, await stdin());
    } catch (error) {
      return unreadableInput(input, error);
    }
  }
  const source = sourceOf(input);
  if (!("content" in source)) return source;
  const file = { ...source, content: undefined };
  const module = await runModule(() => loadModule(file, input.path, source));
  return { file, ...module, hashed: module.value === undefined ? "" : canonicalJson(module.value) };
}

/** Reads a file of YAML or JSON. */
export function readFile(input: Input): Reading | Diagnostic {
  const source = sourceOf(input);
  return "content" in source ? readText(source) : source;
}

/** Reads YAML or JSON that is there already. */
export function readBytes(input: Input, bytes: Uint8Array): Reading {
  const source = readSource(bytes, input.filename, folderOf(input));
  return "code" in source ? stopped(source) : readText(source);
}

/** The text of a file, or what there is to say instead. */
function sourceOf(input: Input): SourceFile | Reading | Diagnostic {
  const { filename, path, size } = input;
  const folder = folderOf(input);
  if (size > MAX_FILE_BYTES) return stopped(tooLarge({ filename, folder, content: undefined }));
  try {
    const source = readSource(readFileSync(path), filename, folder);
    return "code" in source ? stopped(source) : source;
  } catch (error) {
    return unreadableInput(input, error);
  }
}

function folderOf({ filename }: Input): string {
  const parent = posix.dirname(filename);
  return parent === "." ? "" : parent;
}

function readText(source: SourceFile): Reading {
  const { content } = source;
  if (content === undefined) return { file: source, value: undefined, problems: [], hashed: "" };
  const { value, problems, tree, places, hidden } = readYaml(source, content);
  if (problems.length === 0 && (value === undefined || value === null)) return stopped(emptyFile(source, places?.()));
  return { file: source, value, problems, hashed: content.text, tree, places, hidden };
}

function unreadableInput(input: Input, error: unknown): Diagnostic {
  const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  const summary = `${input.type === "stdin" ? "standard input" : input.filename} cannot be read${reason}`;
  return { severity: "error", code: "file-unreadable", summary, fix: "Check that you may read it." };
}

/** What is said of an input that is a program, where only data is read. */
export function noData({ filename }: Input): Diagnostic {
  const summary = `${filename} is no YAML or JSON`;
  return {
    severity: "error",
    code: "unsupported-file",
    summary,
    fix: "Name a .yaml, .yml or .json file, or a folder.",
  };
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
