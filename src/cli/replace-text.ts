import { chmod, realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * Replaces the text of a file that is there, whole or not at all, mode and links kept. Rejects with what the system threw;
 * the file is then as it was.
 */
export async function replaceText(path: string, text: string): Promise<void> {
  const file = await realpath(path);
  const fresh = `${file}.algokeys-new`;
  try {
    await writeFile(fresh, text, { flag: "wx", flush: true });
    await chmod(fresh, (await stat(file)).mode);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
