import { spawn } from "node:child_process";
import { createReadStream, type Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { findTokens } from "../core/find-tokens.ts";
import { Secret } from "../core/secret.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { tokenScanner, type ScannedToken } from "./token-scanner.ts";

type Tell = (found: ScannedToken) => void;

/** Folders that are read only if they are named themselves: what they hold is found in the history, or is others'. */
const SKIPPED: readonly string[] = [".git", "node_modules"];

/** Scans a file, or a folder with all that it holds. Links are not followed. Gives the number of files that were read. */
export async function scanPath(path: string, tell: Tell, { cwd, signal }: Context): Promise<number> {
  const full = resolve(cwd, path);
  const about = await lstat(full).catch(() => undefined);
  if (about === undefined) {
    throw new CommandFailure(EXIT.usage, `there is no file or folder ${path}`, {
      fix: "Check the path; it is taken from the folder you are in.",
    });
  }
  if (about.isFile()) return await scanStream(path, createReadStream(full, { signal }), tell);
  if (!about.isDirectory()) return 0;
  let count = 0;
  for (const entry of await entriesOf(full, path)) {
    if (entry.isDirectory() && SKIPPED.includes(entry.name)) continue;
    if (entry.isDirectory() || entry.isFile()) {
      count += await scanPath(join(path, entry.name), tell, { cwd, signal } as Context);
    }
  }
  return count;
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

/** What git is asked: every line that any commit added, oldest first, also in files that are no text. */
const LOG = ["log", "--all", "--reverse", "--text", "-p", "-m", "-U0", "--no-color", "--no-ext-diff", "--no-textconv"];

/**
 * Scans every line that the history of a git checkout ever added. A token is told of once for each file, with the commit that
 * first brought it. Gives the number of commits.
 */
export async function scanHistory(path: string, tell: Tell, { cwd, env, signal }: Context): Promise<number> {
  const folder = resolve(cwd, path);
  const child = spawn("git", ["-C", folder, "-c", "core.quotePath=false", ...LOG, "--format=%x00%H"], {
    env,
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  ended.catch(() => undefined); // awaited below
  const reader = historyReader(tell);
  for await (const part of child.stdout) reader.push(part as Buffer);
  reader.end();
  const exitCode = await ended.catch((error: unknown) => {
    signal.throwIfAborted();
    throw error instanceof Error && "code" in error && error.code === "ENOENT" ? noGit() : error;
  });
  if (exitCode === 0) return reader.commits();
  throw new CommandFailure(EXIT.usage, `${path} has no history that git can read`, {
    detail: said.trim().split("\n")[0],
    fix: `Name a folder of a git checkout, or leave --history out (${basename(folder)} is scanned all the same then).`,
  });
}

function noGit(): CommandFailure {
  return new CommandFailure(EXIT.error, "git cannot be started, so no history can be read", { fix: "Install git." });
}

/** A line that is longer is read in pieces; a token is never lost between two. */
const LONGEST = 1 << 20;

function historyReader(tell: Tell): { push(bytes: Buffer): void; end(): void; commits(): number } {
  let rest = "";
  let commit = "";
  let count = 0;
  let file = "";
  let line = 0;
  const told = new Set<string>();

  function read(text: string): void {
    if (text.startsWith("\0")) {
      commit = text.slice(1);
      count++;
    } else if (text.startsWith("+++ ")) file = named(text.slice(4));
    else if (text.startsWith("@@ ")) line = Number(/^@@ -\S+ \+(\d+)/.exec(text)?.[1] ?? 0);
    else if (text.startsWith("+")) {
      for (const { token, kind, index } of findTokens(text)) {
        const place = `${token} ${file}`;
        if (told.has(place)) continue;
        told.add(place);
        tell({ secret: new Secret(token), kind, file, commit, line, column: index });
      }
      line++;
    }
  }

  return {
    push(bytes) {
      rest += bytes.toString("latin1");
      let from = 0;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
        read(rest.slice(from, end));
        from = end + 1;
      }
      rest = rest.slice(from);
      if (rest.length <= LONGEST) return;
      read(rest);
      line--;
      rest = `${rest.slice(0, 1)}${rest.slice(-27)}`;
    },
    end() {
      if (rest !== "") read(rest);
    },
    commits: () => count,
  };
}

/** The name in the head of a diff: `b/` before it, and a tab behind it where it has blanks. */
function named(text: string): string {
  return Buffer.from(text.replace(/\t$/, "").replace(/^b\//, ""), "latin1").toString("utf8");
}
