import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Diagnostic, Result } from "../../src/core/diagnostic.ts";
import type { Manifest } from "../../src/core/manifest.ts";
import { loadManifest, type LoadOptions } from "../../src/manifest/load.ts";

/** Loads a declaration from standard input. */
export async function loadText(
  text: string | Uint8Array,
  options: Partial<LoadOptions> = {},
): Promise<Result<Manifest>> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return await loadManifest(["-"], {
    cwd: tmpdir(),
    env: {},
    vars: {},
    stdin: () => Promise.resolve(bytes),
    ...options,
  });
}

/** Writes files into a folder of their own and loads what `inputs` name there. */
export async function loadFiles(
  files: Readonly<Record<string, string>>,
  inputs: readonly string[] = [],
  options: Partial<LoadOptions> = {},
): Promise<Result<Manifest>> {
  const cwd = await mkdtemp(join(tmpdir(), "algokeys-manifest-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), text);
    }
    const stdin = () => Promise.reject(new Error("standard input is not among the inputs"));
    return await loadManifest(inputs, { cwd, env: {}, vars: {}, stdin, ...options });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** A declaration with these keys, given as the lines below `keys:` without their first two blanks. */
export function withKeys(lines: string): string {
  const body = lines.replace(/^\n|\s+$/g, "").replace(/^/gm, "  ");
  return `version: 1\naccount: acme\nproject: shop\nkeys:\n${body}\n`;
}

/** A declaration with one key `web`, given as the lines of its fields. */
export function withKey(lines: string): string {
  return withKeys(`web:\n${lines.replace(/^\n|\s+$/g, "").replace(/^/gm, "  ")}`);
}

/** The manifest of a result that must have one. */
export function manifestOf(result: Result<Manifest>): Manifest {
  if (result.ok) return result.value;
  throw new Error(result.diagnostics.map(summaryLine).join("\n"));
}

/** A diagnostic on one line: where, which code, which words. */
export function summaryLine({ range, code, summary }: Diagnostic): string {
  const at = range === undefined ? "" : `${range.start.line}:${range.start.column} `;
  return `${at}${code}: ${summary}`;
}

/** The text that a diagnostic marks, on its first line. */
export function markedText({ range, snippet }: Diagnostic): string | undefined {
  if (range === undefined || snippet === undefined) return undefined;
  const end = range.end.line === range.start.line ? range.end.column - 1 : undefined;
  return snippet.line.slice(range.start.column - 1, end);
}
