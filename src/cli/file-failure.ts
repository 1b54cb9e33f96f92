import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";

/** What the system's error codes mean to the person who named the file, and what to do. */
const REASONS: Readonly<Record<string, readonly [detail: string, fix: string]>> = {
  EEXIST: ["It is there already, and it is left as it is.", "Name another file, or move that one away first."],
  ENOENT: ["Its folder is not there.", "Make the folder first, or name a file in one that is there."],
  ENOTDIR: ["What would be its folder is a file.", "Name a file in a folder."],
  EISDIR: ["That is a folder.", "Name a file in it."],
  EACCES: ["This user may not write there.", "Name a file in a folder that this user may write to."],
  EPERM: ["This user may not write there.", "Name a file in a folder that this user may write to."],
  EROFS: ["That disk is read-only.", "Name a file on another disk."],
  ENOSPC: ["The disk is full.", "Free some space, then run the command again."],
  ENAMETOOLONG: ["Its name is too long.", "Name it shorter."],
};

/** A file that could not be written, in words: `what` begins the sentence, `error` is what the system threw. */
export function writeFailure(what: string, file: string, error: unknown): CommandFailure {
  if (file === "") return new CommandFailure(EXIT.usage, `${what} "": that names no file`, { fix: "Name a file." });
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  const [detail, fix] = REASONS[code] ?? [message, "Name another file."];
  return new CommandFailure(EXIT.error, `${what} ${file}`, { detail, fix });
}
