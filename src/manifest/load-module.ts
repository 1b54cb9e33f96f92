import { fileURLToPath, pathToFileURL } from "node:url";
import { createLineTable } from "./line-table.ts";
import { plainValue } from "./plain-value.ts";
import type { Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";

/** What a module declares. */
export interface ModuleReading {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** The package's entry beside this file: from the sources, from the library and from the bundle alike. */
const OWN_ENTRY = import.meta.url.endsWith(".ts") ? "../index.ts" : "../index.js";

/**
 * Runs a `.ts` or `.js` declaration and takes its export. `text` is its source, for the place of an error. Type errors
 * are the editor's to find: types are taken away, not checked.
 */
export async function loadModule(file: SourceFile, path: string, text: SourceFile): Promise<ModuleReading> {
  let exports: unknown;
  try {
    const { createJiti } = await import("jiti");
    // A declaration imports `defineManifest` from us, wherever the declaration lies.
    const alias = { algokeys: fileURLToPath(new URL(OWN_ENTRY, import.meta.url)) };
    const jiti = createJiti(pathToFileURL(path).href, { fsCache: false, moduleCache: false, alias });
    exports = await jiti.import(path);
  } catch (error) {
    return { value: undefined, problems: [moduleFailed(text, path, error)] };
  }
  const declared = exportOf(exports);
  if (declared === undefined) {
    const summary = "the module exports no declaration";
    const fix = "Write `export default defineManifest({ ... })`.";
    const problem = {
      file,
      severity: "error",
      code: "no-declaration",
      summary,
      fix,
      path: [],
      mark: { type: "start" },
    } as const;
    return { value: undefined, problems: [problem] };
  }
  try {
    return plainValue(file, declared);
  } catch (error) {
    return { value: undefined, problems: [moduleFailed(text, path, error)] }; // a getter or a proxy of the author's
  }
}

function exportOf(exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null) return undefined;
  if ("manifest" in exports && exports.manifest !== undefined) return exports.manifest;
  return "default" in exports ? exports.default : undefined;
}

function moduleFailed(file: SourceFile, path: string, error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const [firstLine = ""] = message.trim().split(/\s*\n/);
  return {
    file,
    severity: "error",
    code: "module-failed",
    summary: `the module failed: ${firstLine.trim() || "it threw without a message"}`,
    fix: "Run it by itself to see the whole error.",
    path: [],
    mark: placeOf(file, path, error),
  };
}

/** The first line of the stack that lies in the module itself. */
function placeOf({ content }: SourceFile, path: string, error: unknown): Problem["mark"] {
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
  for (const name of [path, pathToFileURL(path).href]) {
    const at = stack.indexOf(`${name}:`);
    const [, line, column] = at < 0 ? [] : (/^:(\d+):(\d+)/.exec(stack.slice(at + name.length)) ?? []);
    if (line === undefined || column === undefined || content === undefined) continue;
    return { type: "offset", start: createLineTable(content).offset(Number(line), Number(column)), end: undefined };
  }
  return { type: "start" };
}
