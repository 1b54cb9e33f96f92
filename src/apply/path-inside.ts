import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { DeliveryFailure, errorCode } from "./delivery-failure.ts";
import { makeFolder } from "./make-folder.ts";

/** Whether folders that are missing on the way are made. */
export type MissingFolders = "make" | "leave";

/**
 * The absolute path of a file below `root`, once every step of it is known to be no symbolic link, so that nothing is
 * ever read or written outside. Missing folders are made for their owner only, if asked for. Throws
 * {@link DeliveryFailure}.
 */
export async function pathInside(root: string, file: string, missing: MissingFolders): Promise<string> {
  const steps = file.split("/");
  const plain = steps.every((step) => step !== "" && step !== "." && step !== ".." && !/[\\\0]/.test(step));
  if (!plain || /^[A-Za-z]:/.test(file)) {
    throw new DeliveryFailure(`${file} is not a plain path below the folder of this run`);
  }
  let path = await realpath(root);
  for (const [index, step] of steps.entries()) {
    path = join(path, step);
    const isFile = index === steps.length - 1;
    let found = await statOf(path);
    if (found === undefined && !isFile) {
      if (missing === "leave") return join(path, ...steps.slice(index + 1));
      await makeFolder(path, 0o700);
      found = await statOf(path);
    }
    const shown = steps.slice(0, index + 1).join("/");
    if (found?.isSymbolicLink() === true)
      throw new DeliveryFailure(`${shown} is a symbolic link: secrets are not written through links`);
    if (isFile && found !== undefined && !found.isFile()) throw new DeliveryFailure(`${shown} is not a regular file`);
    if (!isFile && found?.isDirectory() !== true) throw new DeliveryFailure(`${shown} is not a folder`);
  }
  return path;
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
