import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { GithubDelivery } from "../core/delivery.ts";
import { tokenFingerprint, type RandomBytes, type Sha256 } from "../core/token.ts";
import { DeliveryFailure, failureText } from "./delivery-failure.ts";
import { githubFormat } from "./github-file.ts";
import type { Environment } from "./run-command.ts";
import type { PlacedSecret, Sink } from "./sink.ts";

/** How a run speaks to the GitHub runner that started it. */
export interface RunnerPorts {
  readonly random: RandomBytes;
  /**
   * Writes a line that the runner obeys, where it listens. The one line so written is `::add-mask::` with the secret: the
   * runner then hides it in the job's log. Throws {@link DeliveryFailure} if the runner does not listen.
   */
  readonly command: (line: string) => Promise<void>;
}

/** What the sink needs of the world. */
interface GithubSinkPorts {
  readonly sha256: Sha256;
  readonly env: Environment;
  readonly runner: RunnerPorts | undefined;
}

/** The variable that names the runner's file. */
const FILES = { "github-env": "GITHUB_ENV", "github-output": "GITHUB_OUTPUT" } as const;

/**
 * Hands secrets to the later steps of a GitHub Actions job. Outside of one it refuses, because nobody would hide the
 * secret. The runner reads its files when the step has ended, so what is appended here is gone with the job.
 */
export function githubSink(ports: GithubSinkPorts): Sink<GithubDelivery> {
  return {
    async deliver(secrets) {
      const failures = new Map<GithubDelivery, string>();
      for (const placed of secrets) {
        const failure = await append(placed, ports);
        if (failure !== null) failures.set(placed.delivery, failure);
      }
      return failures;
    },
    unready: ({ to }) => Promise.resolve(outsideJob(to, ports)),
    async readBack({ to, name }) {
      try {
        const file = await openRunnerFile(ports.env, to, constants.O_RDONLY);
        try {
          const value = githubFormat(() => "").get(await file.readFile(), name);
          return value === undefined ? null : tokenFingerprint(ports.sha256(value));
        } finally {
          await file.close();
        }
      } catch (error) {
        failureText(to, error); // throws on what is our bug; what the world does means: not readable
        return undefined;
      }
    },
  };
}

function outsideJob(to: GithubDelivery["to"], { env, runner }: Pick<GithubSinkPorts, "env" | "runner">): string | null {
  if (env["GITHUB_ACTIONS"] === "true" && runner !== undefined) return null;
  return `$${FILES[to]} takes secrets only in a GitHub Actions job, where the runner hides them from the log`;
}

async function append(
  { delivery: { to, name }, secret }: PlacedSecret<GithubDelivery>,
  { env, runner }: GithubSinkPorts,
): Promise<string | null> {
  const shown = `$${FILES[to]}`;
  try {
    const outside = outsideJob(to, { env, runner });
    if (outside !== null || runner === undefined) return outside;
    const format = githubFormat(() => `algokeys_${Buffer.from(runner.random(16)).toString("hex")}`);
    const file = await openRunnerFile(env, to, constants.O_RDWR | constants.O_APPEND);
    try {
      const before = await file.readFile();
      const value = secret.reveal();
      const edit = format.set(before, name, value);
      if (!edit.ok) return `${shown} ${edit.why}`;
      if (format.get(edit.bytes, name) !== value) return `${shown} holds a block without an end; it was left as it is`;
      await runner.command(`::add-mask::${escaped(value)}`);
      await appendWhole(file, before.length, edit.bytes.subarray(before.length));
      return null;
    } finally {
      await file.close();
    }
  } catch (error) {
    return failureText(shown, error);
  }
}

/** Appends all of it, or cuts off what was written. */
async function appendWhole(file: FileHandle, size: number, block: Buffer): Promise<void> {
  let written = 0;
  try {
    while (written < block.length) written += (await file.write(block, written)).bytesWritten;
  } catch (error) {
    // Only if nobody appended after it: what others wrote is theirs.
    if (written > 0 && (await file.stat()).size === size + written) await file.truncate(size);
    throw error;
  }
}

async function openRunnerFile(env: Environment, to: GithubDelivery["to"], flags: number): Promise<FileHandle> {
  const path = env[FILES[to]] ?? "";
  if (!isAbsolute(path)) throw new DeliveryFailure(`$${FILES[to]} names no file`);
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new DeliveryFailure(`$${FILES[to]} does not name a regular file`);
}

/** As the runner undoes it. */
function escaped(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
