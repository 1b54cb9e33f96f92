import { createHmac, timingSafeEqual } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { platform } from "node:os";
import { dirname } from "node:path";
import { KeyApiError } from "../api/errors.ts";
import type { RandomBytes } from "../core/token.ts";

/**
 * The platform's own secret, kept outside the database: whoever has only the database can neither use nor test a token.
 * It stays inside; what it offers is what is stored.
 */
export interface Pepper {
  /** What is stored of a token: HMAC-SHA-256(pepper, SHA-256(token)) in hexadecimal. `digest` is 64 hexadecimal digits. */
  readonly seal: (digest: string) => string;
  /** What a database stores to know its pepper again. */
  readonly canary: string;
}

/** The length of a pepper in bytes. */
export const PEPPER_BYTES = 32;

const CANARY_TEXT = "algokeys pepper canary 1";

/** Makes a pepper of its bytes. */
export function pepperOf(bytes: Uint8Array): Pepper {
  const hmac = (data: Uint8Array): string => createHmac("sha256", bytes).update(data).digest("hex");
  return {
    seal: (digest) => hmac(Buffer.from(digest, "hex")),
    canary: hmac(Buffer.from(CANARY_TEXT)),
  };
}

/** True if the database that stored `canary` is this pepper's. */
export function matchesCanary(pepper: Pepper, canary: string): boolean {
  const left = Buffer.from(pepper.canary);
  const right = Buffer.from(canary);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Reads a pepper file. Undefined if there is none; one that cannot be read, that others than its owner may use or that
 * holds something else seals the platform.
 */
export function readPepper(file: string): Pepper | undefined {
  const read = readWithMode(file);
  if (read === undefined) return undefined;
  // Windows has no modes: what it tells of them means nothing.
  if (platform() !== "win32" && (read.mode & 0o077) !== 0) {
    const mode = (read.mode & 0o777).toString(8).padStart(4, "0");
    throw sealed(
      `others than its owner may use its pepper file ${file} (mode ${mode}). Run: chmod 600 ${quoted(file)}`,
    );
  }
  const pepper = pepperOfText(read.content);
  if (pepper !== undefined) return pepper;
  throw sealed(`its pepper file ${file} holds no pepper (64 hexadecimal digits). Bring back the right one.`);
}

/** Makes a pepper of its text, 64 hexadecimal digits; undefined for any other. */
export function pepperOfText(content: string): Pepper | undefined {
  const hex = content.trim();
  return /^[0-9a-f]{64}$/.test(hex) ? pepperOf(Buffer.from(hex, "hex")) : undefined;
}

/** The file's content with its mode, both of the very file that was opened. */
function readWithMode(file: string): { content: string; mode: number } | undefined {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  }
  try {
    return { content: readFileSync(handle, "utf8"), mode: fstatSync(handle).mode };
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    closeSync(handle);
  }
}

function unreadable(file: string, cause: unknown): KeyApiError {
  return sealed(`its pepper file ${file} cannot be read. Give this user read access to it.`, cause);
}

/** A path as a word of a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Draws a pepper and writes its file (0600), whole or not at all and on disk before this returns. */
export async function makePepper(file: string, random: RandomBytes): Promise<Pepper> {
  const bytes = random(PEPPER_BYTES);
  const draft = `${file}.draft`;
  try {
    await writeSynced(draft, `${Buffer.from(bytes).toString("hex")}\n`);
    await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    const message = `The pepper file ${file} cannot be written. Check the path and this user's rights.`;
    throw new KeyApiError("unavailable", message, { retryable: false, cause: error });
  }
  return pepperOf(bytes);
}

/** The refusal of a platform whose stored credentials cannot be checked. Nothing is ever made anew then. */
export function sealed(why: string, cause?: unknown): KeyApiError {
  return new KeyApiError("unavailable", `The platform is sealed: ${why}`, { retryable: false, cause });
}

async function writeSynced(file: string, content: string): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
