import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built command; `npm test` builds before it tests. */
export const CLI: string = fileURLToPath(new URL("../../dist/cli/algokeys.cjs", import.meta.url));

/** A process that takes longer than this waits for something that will never come. */
const TIME_LIMIT_MS = 30_000;

/** What a run of the command left behind. `exitCode` is null if a signal ended it. */
export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the command. */
export interface CliOptions {
  readonly cwd: string;
  /** Variables beside those of the test run; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stands on standard input, or `open` for a pipe that never says anything and never ends. Default: closed. */
  readonly stdin?: string | { readonly open: true };
  /** Arguments of node itself, before the command. */
  readonly node?: readonly string[];
}

/** Runs the built command as a process of its own. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const child = spawn(process.execPath, [...(options.node ?? []), CLI, ...args], {
    cwd: options.cwd,
    env: cleanEnv(options.env),
    timeout: TIME_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  if (typeof options.stdin === "string") child.stdin.end(options.stdin);
  else if (options.stdin === undefined) child.stdin.end();
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => stdout.push(part));
  child.stderr.on("data", (part: Buffer) => stderr.push(part));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  child.stdin.destroy();
  return { exitCode, stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
}

/** Runs the command and fails with what it said unless it ends with the exit code that is due. */
export async function runCliTo(due: number, args: readonly string[], options: CliOptions): Promise<CliRun> {
  const run = await runCli(args, options);
  if (run.exitCode === due) return run;
  const said = `${run.stdout}${run.stderr}`;
  throw new Error(`algokeys ${args.join(" ")} ended with ${String(run.exitCode)}, not ${String(due)}:\n${said}`);
}

/** The environment that tests run the command in: nothing of the machine's that changes what it does. */
export function cleanEnv(extra: CliOptions["env"] = {}): Record<string, string> {
  const ours = ["CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "ALGOKEYS_PLATFORM"];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !ours.includes(name) && !name.startsWith("LC_") && !(name in extra),
  );
  const all = [...inherited, ["LANG", "C.UTF-8"], ["TERM", "xterm"], ...Object.entries(extra)] as const;
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
