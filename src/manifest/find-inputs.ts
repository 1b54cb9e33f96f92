import { readdirSync, statSync, type Dirent } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../core/diagnostic.ts";
import { suggest } from "../core/suggest.ts";

/** One source of the declaration. */
export interface Input {
  readonly type: "data" | "module" | "stdin";
  /** Relative to the working folder, with `/`; `-` for standard input. */
  readonly filename: string;
  /** Absolute; empty for standard input. */
  readonly path: string;
  /** In bytes, as far as it is known beforehand. */
  readonly size: number;
}

/** The inputs that arguments name, sorted by name without repetition, and what is wrong with the arguments. */
export interface FoundInputs {
  readonly inputs: readonly Input[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What is read where no argument says what: every one of these that exists, together. */
export const DEFAULT_INPUTS: readonly string[] = ["algokeys.yaml", "algokeys.yml", "keys.yaml", "keys.yml", "keys"];

const DATA: readonly string[] = [".yaml", ".yml", ".json"];
const MODULES: readonly string[] = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];
const FOLDER_FILES: readonly string[] = [".yaml", ".yml"];

/** Finds what to read: files, folders (their YAML files at any depth) and `-`; without arguments {@link DEFAULT_INPUTS}. */
export function findInputs(args: readonly string[], cwd: string): FoundInputs {
  const found = new Map<string, Input>();
  const diagnostics: Diagnostic[] = [];
  for (const argument of args.length > 0 ? args : DEFAULT_INPUTS) {
    if (argument === "-") {
      found.set("-", { type: "stdin", filename: "-", path: "", size: 0 });
      continue;
    }
    const path = resolve(cwd, argument);
    const kind = kindOf(path);
    if (kind.type === "missing" && args.length === 0) continue;
    const listed = kind.type === "folder" ? filesBelow(path) : [{ path, kind }];
    if (listed.length === 0 && args.length > 0) diagnostics.push(emptyFolder(argument));
    for (const file of listed) {
      const input = inputOf(file.path, file.kind, cwd, argument);
      if ("code" in input) diagnostics.push(input);
      else found.set(input.path, input);
    }
  }
  if (found.size === 0 && diagnostics.length === 0) diagnostics.push(noDeclaration());
  const inputs = [...found.values()].sort((left, right) => (left.filename < right.filename ? -1 : 1));
  return { inputs, diagnostics };
}

type Kind =
  { readonly type: "file"; readonly size: number } | { readonly type: "folder" | "unreadable" | "missing" | "other" };

function kindOf(path: string): Kind {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return { type: "folder" };
    return found.isFile() ? { type: "file", size: found.size } : { type: "other" };
  } catch {
    return { type: "missing" }; // or not to be seen, which comes to the same for who asks
  }
}

function filesBelow(folder: string): { path: string; kind: Kind }[] {
  const files: { path: string; kind: Kind }[] = [];
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [{ path: folder, kind: { type: "unreadable" } }];
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links to folders are not followed: they can lead round in circles.
    if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") {
      files.push(...filesBelow(path));
    } else if (!entry.isDirectory() && !entry.name.startsWith(".") && FOLDER_FILES.includes(extname(entry.name))) {
      const kind = kindOf(path);
      if (kind.type !== "folder") files.push({ path, kind });
    }
  }
  return files;
}

function inputOf(path: string, kind: Kind, cwd: string, argument: string): Input | Diagnostic {
  const filename = relative(cwd, path).split(sep).join("/");
  const extension = extname(path).toLowerCase();
  const type = DATA.includes(extension) ? "data" : MODULES.includes(extension) ? "module" : undefined;
  if (kind.type === "missing") return notFound(path, argument);
  if (kind.type === "unreadable") return unreadable(filename);
  if (kind.type === "file" && type !== undefined) return { type, filename, path, size: kind.size };
  const summary = kind.type === "file" ? `${filename} is no kind of declaration` : `${filename} is not a regular file`;
  const fix = "Name a .yaml, .yml, .json, .ts or .js file, a folder of YAML files, or - for standard input.";
  return { severity: "error", code: "unsupported-file", summary, fix };
}

function notFound(path: string, argument: string): Diagnostic {
  const near = suggest(basename(path), namesIn(dirname(path)));
  const meant =
    near === undefined ? undefined : `${argument.slice(0, argument.length - basename(argument).length)}${near}`;
  const fix =
    meant === undefined ? "Check the path; it is taken from the folder you are in." : `Did you mean \`${meant}\`?`;
  return { severity: "error", code: "file-not-found", summary: `there is no file or folder ${argument}`, fix };
}

function unreadable(folder: string): Diagnostic {
  const summary = `the folder ${folder} cannot be read, so it cannot be said what it declares`;
  return { severity: "error", code: "file-unreadable", summary, fix: "Check that you may read it, or name the files." };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the folder is not there either
  }
}

function emptyFolder(argument: string): Diagnostic {
  const fix = "Put a declaration there, or name another folder.";
  return {
    severity: "error",
    code: "no-declaration",
    summary: `the folder ${argument} holds no .yaml or .yml file`,
    fix,
  };
}

function noDeclaration(): Diagnostic {
  return {
    severity: "error",
    code: "no-declaration",
    summary: "there is no declaration here",
    detail: "Looked for algokeys.yaml, keys.yaml and YAML files in the folder keys.",
    fix: "Name a file, or run `algokeys init` to write a first one.",
  };
}
