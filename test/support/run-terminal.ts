import { spawn } from "node:child_process";
import { CLI, cleanEnv, type CliOptions } from "./run-cli.ts";

/** What a person does at the terminal: once `prompt` is on the screen, `keys` are typed. */
export interface Typing {
  readonly prompt: string;
  readonly keys: string;
}

/** What a run at a terminal came to; a terminal shows both output streams as one. */
export interface TerminalRun {
  readonly exitCode: number | null;
  readonly screen: string;
}

/** The keys with which a person interrupts, and ends the input. */
export const KEYS = { interrupt: "\u0003", endOfInput: "\u0004" } as const;

/** Runs the built command on a pseudo-terminal, which `script` of util-linux makes. */
export async function runOnTerminal(
  args: readonly string[],
  options: Omit<CliOptions, "stdin" | "node"> & { readonly typing?: Typing },
): Promise<TerminalRun> {
  const command = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd: options.cwd,
    env: { ...cleanEnv(options.env), SHELL: "/bin/sh" },
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  let screen = "";
  let typed = options.typing === undefined;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    screen += part;
    if (typed || options.typing === undefined || !screen.includes(options.typing.prompt)) return;
    typed = true;
    child.stdin.write(options.typing.keys);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  child.stdin.destroy();
  return { exitCode, screen };
}
