import { access, constants } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import type { CommandDelivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";
import { tokenFingerprint, type Sha256 } from "../core/token.ts";
import { errorCode } from "./delivery-failure.ts";
import { outputExcerpt } from "./output-excerpt.ts";
import { runCommand, type AtExit, type CommandEnd, type Environment, type Kill } from "./run-command.ts";
import type { Sink } from "./sink.ts";

/** What the sink needs of the world. */
interface CommandSinkPorts {
  /** The folder in which the programs run. */
  readonly root: string;
  readonly sha256: Sha256;
  readonly env: Environment;
  readonly kill?: Kill | undefined;
  readonly atExit?: AtExit | undefined;
  /** Milliseconds until a program is killed; 30 s if absent. */
  readonly timeout?: number;
}

const TIMEOUT = 30_000;

/** Where the system looks for programs of a run that has no PATH. */
const SYSTEM_PATH = "/usr/bin:/bin";

/** What every program may see. */
const ALWAYS = ["PATH", "HOME"];

/**
 * Hands secrets to programs on standard input, where no list of processes shows them, without a line end. An exit with 0
 * means that the program has put the secret where it belongs; what it prints is shown only after a failure, without the
 * secret.
 */
export function commandSink({
  root,
  sha256,
  env,
  kill,
  atExit,
  timeout = TIMEOUT,
}: CommandSinkPorts): Sink<CommandDelivery> {
  const run = async (argv: readonly string[], delivery: CommandDelivery, input: string): Promise<CommandEnd> => {
    const names = [...ALWAYS, ...delivery.env].filter((name) => env[name] !== undefined);
    const visible = Object.fromEntries(names.map((name) => [name, env[name]]));
    return await runCommand({ argv, cwd: root, env: visible, input, timeout, kill, atExit });
  };
  return {
    async deliver(secrets) {
      const failures = new Map<CommandDelivery, string>();
      for (const { delivery, secret } of secrets) {
        const end = await run(delivery.command, delivery, secret.reveal());
        const failure = failureOf(end, delivery.command[0] ?? "", secret, timeout);
        if (failure !== null) failures.set(delivery, failure);
      }
      return failures;
    },
    unready: (delivery) => unstartable(delivery.command[0] ?? "", { root, path: env["PATH"] ?? SYSTEM_PATH }),
    async readBack(delivery) {
      if (delivery.read === undefined) return undefined;
      const end = await run(delivery.read, delivery, "");
      if (end.type !== "exited" || end.code !== 0) return undefined;
      return tokenFingerprint(sha256(end.stdout.replace(/\r?\n$/, "")));
    },
  };
}

/** Why a program cannot be started; null if it can. Looked for as the system does. */
async function unstartable(
  program: string,
  { root, path }: { readonly root: string; readonly path: string },
): Promise<string | null> {
  const folders = program.includes("/") ? [""] : path.split(delimiter).filter((folder) => folder !== "");
  let reason = "ENOENT";
  for (const folder of folders) {
    try {
      await access(resolve(root, folder, program), constants.X_OK);
      return null;
    } catch (error) {
      if (errorCode(error) === "EACCES") reason = "EACCES";
    }
  }
  return `${program} cannot be started: ${REASONS[reason] ?? reason}`;
}

function failureOf(end: CommandEnd, program: string, secret: Secret, timeout: number): string | null {
  if (end.type === "not-started") return `${program} cannot be started: ${REASONS[end.code] ?? end.code}`;
  const excerpt = outputExcerpt(end.output, secret);
  const said = excerpt === "" ? "" : `; it said: ${excerpt}`;
  switch (end.type) {
    case "timed-out":
      return `${program} did not end within ${String(timeout / 1000)} s and was killed${said}`;
    case "killed":
      return `${program} was killed by ${end.signal}${said}`;
    case "exited":
      if (end.code !== 0) return `${program} exited with ${String(end.code)}${said}`;
      return end.took ? null : `${program} exited with 0 but did not read the secret from its standard input`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such program",
  EACCES: "it is not executable",
  ENOEXEC: "the system cannot run it",
};
