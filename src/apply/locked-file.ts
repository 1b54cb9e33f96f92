import { constants, type BigIntStats } from "node:fs";
import { lstat, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DeliveryFailure, errorCode } from "./delivery-failure.ts";

/** Resolves after that many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** The bytes that a file is to have, from those that it has; undefined for none, and undefined to leave it as it is. */
export type FileEdit = (bytes: Buffer | undefined) => Buffer | undefined;

const POLL_MS = 25;
/** A lock that does not change for this many polls (5 s) was left by a run that died: writing takes milliseconds. */
const DEAD_AFTER = 200;
/** Longest wait for others who do write (30 s), in polls. */
const GIVE_UP_AFTER = 1_200;
/** How often a write is begun afresh because someone without the lock changed the file meanwhile. */
const MAX_ATTEMPTS = 20;

/**
 * Replaces a file by what `edit` makes of its bytes, whole or not at all: they go to a file beside it, are forced to disk and take its place by one rename, with mode 0600. That file beside it is made
 * exclusively and so is the lock, too: of two runs that write at one moment the second sees what the first wrote.
 * Writers that know nothing of the lock are noticed by comparing the file once more right before the rename.
 */
export async function replaceFile(path: string, edit: FileEdit, sleep: Sleep): Promise<void> {
  const lockPath = join(dirname(path), `.${basename(path)}.algokeys-lock`);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const lock = await acquire(lockPath, sleep);
    let outcome: "replaced" | "left" | "again" = "again";
    try {
      outcome = await writeUnder(lock, lockPath, path, edit);
    } finally {
      if (outcome !== "replaced") await release(lock, lockPath);
      await lock.close();
    }
    if (outcome === "replaced") await syncFolder(dirname(path));
    if (outcome !== "again") return;
  }
  throw new DeliveryFailure(`${basename(path)} is being changed by another program again and again`);
}

/** The bytes of a file, or undefined if there is none. Follows no symbolic link. */
export async function readBytes(path: string): Promise<Buffer | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** `again`: the file or the lock changed hands meanwhile, and nothing was replaced. */
async function writeUnder(
  lock: FileHandle,
  lockPath: string,
  path: string,
  edit: FileEdit,
): Promise<"replaced" | "left" | "again"> {
  const before = await readBytes(path);
  const after = edit(before);
  if (after === undefined) return "left";
  await lock.writeFile(after);
  await lock.chmod(0o600);
  await lock.sync();
  if (!sameBytes(before, await readBytes(path)) || !(await holds(lock, lockPath))) return "again";
  try {
    await rename(lockPath, path);
    return "replaced";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "again"; // another run took the lock for dead
    throw error;
  }
}

async function acquire(lockPath: string, sleep: Sleep): Promise<FileHandle> {
  let seen = "";
  let unchanged = 0;
  for (let poll = 0; poll < GIVE_UP_AFTER; poll++) {
    try {
      return await open(lockPath, "wx", 0o600);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const stamp = stampOf(await statLock(lockPath));
    unchanged = stamp === seen ? unchanged + 1 : 0;
    seen = stamp;
    if (unchanged >= DEAD_AFTER) {
      await removeLock(lockPath);
      unchanged = 0;
    } else await sleep(POLL_MS);
  }
  throw new DeliveryFailure(`${basename(lockPath)} is held by another run; try again when it has ended`);
}

/** True if the path still names the very file that was opened: its inode cannot be reused while it is open. */
async function holds(lock: FileHandle, lockPath: string): Promise<boolean> {
  const [mine, there] = await Promise.all([lock.stat({ bigint: true }), statLock(lockPath)]);
  return there?.ino === mine.ino && there.dev === mine.dev;
}

async function release(lock: FileHandle, lockPath: string): Promise<void> {
  if (await holds(lock, lockPath)) await removeLock(lockPath);
}

async function removeLock(lockPath: string): Promise<void> {
  try {
    await unlink(lockPath);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error; // already gone is what was wanted
  }
}

async function statLock(lockPath: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(lockPath, { bigint: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function stampOf(stats: BigIntStats | undefined): string {
  return stats === undefined ? "" : [stats.ino, stats.mtimeNs, stats.size].join("/");
}

function sameBytes(left: Buffer | undefined, right: Buffer | undefined): boolean {
  return left === undefined || right === undefined ? left === right : left.equals(right);
}

/** Makes the rename itself durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
