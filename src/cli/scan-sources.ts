import { createReadStream, type Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { tokenScanner, type Tell } from "./token-scanner.ts";

/** Folders that are read only if they are named themselves: what they hold is found in the history, or is others'. */
const SKIPPED: readonly string[] = [".git", "node_modules"];

/**
 * Scans a file, or a folder with all that it holds. What is named is read even if it is a link or a pipe; links and pipes that
 * a folder holds are not. Gives the number of files that were read.
 */
export async function scanPath(path: string, tell: Tell, context: Context): Promise<number> {
  const full = resolve(context.cwd, path);
  const about = await stat(full).catch(() => undefined);
  if (about === undefined) {
    const isLink = (await lstat(full).catch(() => undefined))?.isSymbolicLink() === true;
    throw new CommandFailure(
      EXIT.usage,
      isLink ? `the link ${path} leads nowhere` : `there is no file or folder ${path}`,
      {
        fix: "Check the path; it is taken from the folder you are in.",
      },
    );
  }
  return about.isDirectory() ? await scanFolder(path, tell, context) : await scanFile(path, tell, context);
}

async function scanFolder(path: string, tell: Tell, context: Context): Promise<number> {
  let count = 0;
  for (const entry of await entriesOf(resolve(context.cwd, path), path)) {
    const inner = join(path, entry.name);
    if (entry.isFile()) count += await scanFile(inner, tell, context);
    else if (entry.isDirectory() && !SKIPPED.includes(entry.name)) count += await scanFolder(inner, tell, context);
  }
  return count;
}

async function scanFile(path: string, tell: Tell, { cwd, signal }: Context): Promise<number> {
  return await scanStream(path, createReadStream(resolve(cwd, path), { signal }), tell);
}

/** Scans whatever is streamed. */
export async function scanStream(file: string, stream: AsyncIterable<unknown>, tell: Tell): Promise<number> {
  const scanner = tokenScanner(file, tell);
  try {
    for await (const part of stream) scanner.push(typeof part === "string" ? Buffer.from(part) : (part as Buffer));
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CommandFailure(EXIT.error, `${file} cannot be read${reason}`, {
      fix: "Check that you may read it: what was not read was not scanned.",
    });
  }
  return 1;
}

async function entriesOf(folder: string, shown: string): Promise<Dirent[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch {
    throw new CommandFailure(EXIT.error, `the folder ${shown} cannot be read`, {
      fix: "Check that you may read it: what was not read was not scanned.",
    });
  }
}
