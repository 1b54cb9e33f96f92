import { spawn } from "node:child_process";
import { basename, resolve } from "node:path";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { COMMIT_FORMAT, historyReader } from "./history-reader.ts";
import { tokenScanner, type Tell } from "./token-scanner.ts";

/**
 * What git is asked: every line that any commit added, oldest first, also in files that are no text, and every message, byte by
 * byte. What git reads and how it writes it is stated, for a user's or a checkout's own configuration must hide nothing.
 */
const LOG = [
  ...["-c", "core.quotePath=false", "-c", "log.showRoot=true", "-c", "log.diffMerges=separate"],
  ...["log", "--all", "--reverse", "--encoding=none", "--no-show-signature", "--no-notes", `--format=${COMMIT_FORMAT}`],
  ...["-p", "-m", "-U0", "--inter-hunk-context=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv"],
  ...["--no-renames", "--no-relative", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", "-O/dev/null"],
];

/**
 * Scans every line that the history of a git checkout ever added, the messages of its commits and those of its tags. A token
 * is told of once for each file, with the commit that first brought it. Gives the number of commits.
 */
export async function scanHistory(path: string, tell: Tell, context: Context): Promise<number> {
  const reader = historyReader(tell);
  await readGit(path, LOG, context, (part) => {
    reader.push(part);
  });
  reader.end();
  await scanTags(path, tell, context);
  return reader.commits();
}

/** An annotated tag. */
interface Tag {
  readonly name: string;
  /** The id of what it is put to, and of what type that is. */
  readonly of: string;
  readonly type: string;
  readonly message: string;
}

/** Scans the messages of annotated tags, those too that another tag is put to. */
async function scanTags(path: string, tell: Tell, context: Context): Promise<void> {
  const tags = new Map<string, Tag>();
  for (let wanted = await namedTags(path, context); wanted.size > 0;) {
    const objects = await readObjects(path, [...wanted.keys()], context);
    const inner = new Map<string, undefined>();
    for (const [index, [id, name]] of [...wanted].entries()) {
      const text = objects[index] ?? "";
      const [, of = "", type = "", ownName = ""] = /^object (\w+)\ntype (\w+)\ntag (.*)\n/.exec(text) ?? [];
      tags.set(id, { name: name ?? ownName, of, type, message: text.slice(text.indexOf("\n\n") + 2) });
      if (type === "tag" && !tags.has(of) && !wanted.has(of)) inner.set(of, undefined);
    }
    wanted = inner;
  }
  for (const tag of tags.values()) {
    let last: Tag | undefined = tag;
    while (last?.type === "tag") last = tags.get(last.of);
    const commit = last?.type === "commit" ? last.of : null;
    tokenScanner(`(tag ${utf8(tag.name)})`, tell, commit).push(Buffer.from(tag.message, "latin1"));
  }
}

/** The names of the annotated tags that references lead to, by the ids of their objects. */
async function namedTags(path: string, context: Context): Promise<ReadonlyMap<string, string | undefined>> {
  const refs = await gitText(path, ["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"], context);
  return new Map(
    refs.split("\n").flatMap((line): (readonly [string, string])[] => {
      const [, id, ref] = /^tag (\w+) (.*)$/.exec(line) ?? [];
      return id === undefined || ref === undefined ? [] : [[id, ref.replace(/^refs\/tags\//, "")]];
    }),
  );
}

/** Objects as git keeps them, one character for each byte; of one that is missing, nothing. */
async function readObjects(path: string, ids: readonly string[], context: Context): Promise<readonly string[]> {
  const output = await gitText(path, ["cat-file", "--batch", "--buffer"], context, `${ids.join("\n")}\n`);
  const objects: string[] = [];
  for (let from = 0; from < output.length;) {
    const start = output.indexOf("\n", from) + 1;
    const size = Number(/ tag (\d+)$/.exec(output.slice(from, start - 1))?.[1] ?? -1);
    objects.push(output.slice(start, start + Math.max(0, size)));
    from = start + size + 1;
  }
  return objects;
}

async function gitText(path: string, args: readonly string[], context: Context, input = ""): Promise<string> {
  const parts: Buffer[] = [];
  await readGit(path, args, context, (part) => parts.push(part), input);
  return Buffer.concat(parts).toString("latin1");
}

function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

/** Runs git in a folder and hands on what it writes; ends the command if git refuses. */
async function readGit(
  path: string,
  args: readonly string[],
  { cwd, env, signal }: Context,
  take: (part: Buffer) => void,
  input = "",
): Promise<void> {
  const folder = resolve(cwd, path);
  // A replacement would stand for what the history really holds.
  const child = spawn("git", ["-C", folder, "--no-replace-objects", ...args], { env, signal, stdio: "pipe" });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stdin.on("error", () => undefined); // that it ended early shows in how it ended
  child.stdin.end(input);
  const ended = new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  ended.catch(() => undefined); // awaited below
  for await (const part of child.stdout) take(part as Buffer);
  const exitCode = await ended.catch((error: unknown) => {
    signal.throwIfAborted();
    throw error instanceof Error && "code" in error && error.code === "ENOENT" ? noGit() : error;
  });
  if (exitCode === 0) return;
  throw new CommandFailure(EXIT.usage, `${path} has no history that git can read`, {
    detail: said.trim().split("\n")[0],
    fix: `Name a folder of a git checkout, or leave --history out (${basename(folder)} is scanned all the same then).`,
  });
}

function noGit(): CommandFailure {
  return new CommandFailure(EXIT.error, "git cannot be started, so no history can be read", { fix: "Install git." });
}
