import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openEmbeddedPlatform, type EmbeddedOptions, type EmbeddedPlatform } from "../../src/platform/embedded.ts";

/** Gives fresh folders, all removed after each test; nothing outside them is touched. */
export function tempFolders(): () => string {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), "algokeys-"));
    folders.push(folder);
    return folder;
  };
}

/** Opens an embedded platform as `tester`. */
export function openPlatform(file: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPlatform> {
  return openEmbeddedPlatform({ file, actor: "tester", clock: Date.now, random: randomBytes, ...options });
}
