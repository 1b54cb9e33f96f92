import { spawn, type ChildProcess } from "node:child_process";
import { errorCode } from "./delivery-failure.ts";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Ends a process; of a negative id, the whole group. Node's `process.kill`. */
export type Kill = (pid: number, signal: "SIGKILL") => unknown;

/** Has a listener called when this process ends; gives what takes it back. */
export type AtExit = (listener: () => void) => () => void;

/** How a program is run. */
export interface CommandRun {
  /** The program and its arguments; no shell reads them. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** All that it sees of the environment. */
  readonly env: Environment;
  /** What it gets on standard input, which then ends. */
  readonly input: string;
  /** After so many milliseconds it is killed, with all that it started. */
  readonly timeout: number;
  /** Absent: only the program itself is killed. */
  readonly kill?: Kill | undefined;
  /** Absent: the end of this process leaves the program running. */
  readonly atExit?: AtExit | undefined;
}

/** How a program ended. */
export type CommandEnd =
  | {
      readonly type: "exited";
      readonly code: number;
      readonly stdout: string;
      readonly output: string;
      readonly took: boolean;
    }
  | { readonly type: "killed"; readonly signal: string; readonly output: string }
  | { readonly type: "timed-out"; readonly output: string }
  /** It could not be started, for the system's reason. */
  | { readonly type: "not-started"; readonly code: string };

/** So much is kept of what a program prints, in bytes: its end. */
const MAX_OUTPUT = 65_536;
/** How long its output is still awaited once it has ended, in milliseconds: what it left running may hold it open. */
const GRACE = 500;

/**
 * Runs a program in a process group of its own, so that an interrupt of the terminal does not reach it, and a timeout or
 * the end of this process ends whatever it started. `output` is both of its streams as they came, `stdout` the one; `took` is false if it closed its
 * input before all was read.
 */
export async function runCommand({ argv, cwd, env, input, timeout, kill, atExit }: CommandRun): Promise<CommandEnd> {
  const [program = "", ...rest] = argv;
  let child: ChildProcess;
  try {
    child = spawn(program, rest, { cwd, env: { ...env }, shell: false, detached: true, stdio: "pipe" });
  } catch (error) {
    return { type: "not-started", code: errorCode(error) ?? "EINVAL" };
  }
  const output = keptEnd();
  const stdout = keptEnd();
  child.stdout?.on("data", (bytes: Buffer) => {
    output.add(bytes);
    stdout.add(bytes);
  });
  child.stderr?.on("data", output.add);
  let took = true;
  child.stdin?.on("error", () => {
    took = false;
  });
  child.stdin?.end(input);
  const end = await endOf(child, timeout, kill, atExit);
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  if (end.type === "not-started") return end;
  if (end.type === "exited") return { ...end, stdout: stdout.text(), output: output.text(), took };
  return { ...end, output: output.text() };
}

type Ending =
  | { readonly type: "exited"; readonly code: number }
  | { readonly type: "killed"; readonly signal: string }
  | { readonly type: "timed-out" }
  | { readonly type: "not-started"; readonly code: string };

function endOf(
  child: ChildProcess,
  timeout: number,
  kill: Kill | undefined,
  atExit: AtExit | undefined,
): Promise<Ending> {
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined;
    // Nobody would take care of it, nor of what it writes later.
    const forget = atExit?.(() => {
      killGroup(child, kill);
    });
    const finish = (end: Ending): void => {
      forget?.();
      clearTimeout(timer);
      clearTimeout(grace);
      resolve(end);
    };
    const timer = setTimeout(() => {
      killGroup(child, kill);
      finish({ type: "timed-out" });
    }, timeout);
    const ended = (code: number | null, signal: string | null): Ending =>
      code === null ? { type: "killed", signal: signal ?? "a signal" } : { type: "exited", code };
    child.once("error", (error) => {
      finish({ type: "not-started", code: errorCode(error) ?? "EINVAL" });
    });
    child.once("exit", (code, signal) => {
      grace = setTimeout(() => {
        finish(ended(code, signal));
      }, GRACE);
    });
    child.once("close", (code, signal) => {
      finish(ended(code, signal));
    });
  });
}

function killGroup(child: ChildProcess, kill: Kill | undefined): void {
  if (child.pid === undefined || kill === undefined) {
    child.kill("SIGKILL");
    return;
  }
  try {
    kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error; // it has just ended by itself
  }
}

/** Keeps the end of what is printed. */
function keptEnd(): { readonly add: (bytes: Buffer) => void; readonly text: () => string } {
  let kept = Buffer.alloc(0);
  return {
    add: (bytes) => {
      kept = Buffer.concat([kept, bytes]).subarray(-MAX_OUTPUT);
    },
    text: () => kept.toString(),
  };
}
