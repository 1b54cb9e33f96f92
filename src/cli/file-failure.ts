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
  EFBIG: ["Files may not grow that large here.", "Raise that limit (ulimit -f), then run the command again."],
  EDQUOT: ["The disk quota is used up.", "Free some space, then run the command again."],
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

/** What differs of those reasons where a folder was named, not a file. */
const FOLDER_REASONS: Readonly<Record<string, readonly [detail: string, fix: string]>> = {
  ENOENT: ["No folder can be made there.", "Name a folder in a place where this user may write."],
  ENOTDIR: ["A file is in its place, or in that of a folder above it.", "Name a folder, or move that file away first."],
  EACCES: ["This user may not write there.", "Name a folder that this user may write to."],
  EPERM: ["This user may not write there.", "Name a folder that this user may write to."],
  EROFS: ["That disk is read-only.", "Name a folder on another disk."],
};

/** A folder that could not be made or filled, in words like those of {@link writeFailure}. */
export function folderFailure(what: string, folder: string, error: unknown): CommandFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [detail, fix] = FOLDER_REASONS[code] ?? [];
  if (detail === undefined || fix === undefined) return writeFailure(what, folder, error);
  return new CommandFailure(EXIT.error, `${what} ${folder}`, { detail, fix });
}
