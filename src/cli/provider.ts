import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { pluginOutput } from "../terraform/plugin/output.ts";
import { EXIT } from "./exit-code.ts";
import { runPlace } from "./run-place.ts";
import { runProvider } from "../terraform/serve-provider.ts";

/*
 * The Terraform provider's executable. Terraform starts it anew for each step of a run, so it loads nothing early: SQLite
 * only for an embedded platform, TLS only for a server.
 */

const output = pluginOutput();
const announce = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk: string | Uint8Array): boolean => {
  output.print("stdout", typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  return true;
};

const world = {
  env: process.env,
  readFile: (path: string) => readFileSync(path, "utf8"),
  random: (count: number) => randomBytes(count),
  sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  now: () => Date.now(),
  // Terraform's own process: this one ends with the step.
  from: runPlace({ env: process.env, host: hostname(), pid: process.ppid }),
  sleep: async (ms: number, signal?: AbortSignal) => {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  },
  openEmbedded: async (file: string) => {
    const { openEmbeddedPlatform } = await import("../platform/embedded.ts");
    const random = (count: number): Uint8Array => randomBytes(count);
    return await openEmbeddedPlatform({ file: resolve(file), actor: "terraform", clock: () => Date.now(), random });
  },
};

async function main(): Promise<number> {
  const told = await runProvider(world, {
    env: process.env,
    now: Date.now(),
    output,
    announce: (line) => void announce(line),
    parent: () => process.ppid,
  });
  if (told === undefined) return 0;
  process.stderr.write(told);
  return 1;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(EXIT.bug);
  },
);
