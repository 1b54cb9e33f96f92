import { hostname, userInfo } from "node:os";
import process from "node:process";
import { CommanderError } from "commander";
import { completion } from "./commands/completion.ts";
import type { World } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { Shell } from "./completion-script.ts";
import { buildProgram } from "./program.ts";
import type { Failure } from "../report/failure-json.ts";

/*
 * The executable, and the only place that ends the process. It holds no more than the command table: what a command
 * does is in a second bundle (`run.ts`), loaded once it is known which one.
 */

const interrupt = new AbortController();

/** Commands of the second bundle for servers. */
const SERVER_COMMANDS = /^(?:serve|admin-.*)$/;

function world(): World {
  return {
    // Opening it costs every start some milliseconds, and few commands read it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    user: userName(),
    host: hostname(),
    pid: process.pid,
    now: () => Date.now(),
    signal: interrupt.signal,
    runForeign,
  };
}

/** A process may run under a user id that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

async function main(): Promise<ExitCode> {
  const here = world();
  let exitCode: ExitCode = EXIT.ok;
  const program = buildProgram(here, async (name, input) => {
    // It prints the table that stands here, and shells run it at every start.
    if (name === "completion") {
      completion(input["shell"] as Shell, here);
      return;
    }
    const { COMMANDS, runCommand } = SERVER_COMMANDS.test(name)
      ? await import("./run-server.ts")
      : await import("./run.ts");
    const command = COMMANDS[name];
    if (command === undefined) throw new Error(`no command ${name}`);
    exitCode = await runCommand(command, input, here);
  });
  try {
    await program.parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return internalError(error);
    if (error.exitCode === 0) return EXIT.ok;
    if (process.argv.includes("--json")) await writeUsageFailure(error.message);
    return EXIT.usage;
  }
}

/** Programs read standard output: it has one document even where the command line itself is wrong. */
async function writeUsageFailure(message: string): Promise<void> {
  const { failureJson } = await import("./run.ts");
  const summary = message.replace(/^error: /, "");
  process.stdout.write(failureJson({ exitCode: EXIT.usage, summary, fix: "Add --help for the ways to call it." }));
}

function internalError(error: unknown): ExitCode {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `error: internal error, a bug in algokeys\n${trace}\n` +
      "  fix: Please report it with these lines and the output of `algokeys version`.\n",
  );
  return EXIT.bug;
}

function stop(): void {
  if (interrupt.signal.aborted) stopAtOnce();
  process.stderr.write("\nStopping after the step in progress. Interrupt again to stop at once.\n");
  interrupt.abort();
  void import("./run.ts").then(({ failureJson }) => (toDocument = failureJson));
}

/** Ends the process here, and with it the programs that sinks have started. */
function stopAtOnce(): never {
  const summary = "stopped at once: what was in progress may be done in part";
  const fix = "Run the command again: it finds out what was done, and finishes or replaces it.";
  process.stderr.write(`\nerror: ${summary}\n  fix: ${fix}\n`);
  if (process.argv.includes("--json")) {
    process.stdout.write(toDocument?.({ exitCode: EXIT.cancelled, summary, fix }) ?? "");
  }
  process.exit(EXIT.cancelled);
}

/** Loaded at the first interrupt, because at the second nothing is waited for. */
let toDocument: ((failure: Failure) => string) | undefined;

process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.on("SIGHUP", stop);

/**
 * Foreign code may loop, and then no handler of ours would ever run: without one the system ends the process. It has
 * written nothing yet.
 */
async function runForeign<T>(work: () => Promise<T>): Promise<T> {
  if (foreign++ === 0) {
    process.stdout.write = process.stderr.write.bind(process.stderr);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    process.off("SIGHUP", stop);
  }
  try {
    return await work();
  } finally {
    if (--foreign === 0) {
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
      process.on("SIGHUP", stop);
      Reflect.deleteProperty(process.stdout, "write");
    }
  }
}

/** How many pieces of foreign code are running. */
let foreign = 0;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    ended = true;
    // A reader such as `head` that has seen enough is no failure of ours.
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.error);
  });
}
/** Ends the process once everything is written. A natural end would first take the whole heap down, piece by piece. */
function end(exitCode: ExitCode): void {
  ended = true;
  process.stdout.write("", (failure) => {
    // The stream's own error is still to come and says which it was.
    if (failure) process.exitCode = EXIT.error;
    else process.stderr.write("", () => process.exit(exitCode));
  });
}

/** A declaration in TypeScript is a program: one that ends the process must not look like success. */
let ended = false;
process.on("exit", (exitCode) => {
  if (ended || exitCode !== 0 || interrupt.signal.aborted) return;
  process.stderr.write("error: the run was ended before it was done, by a declaration's own code\n");
  process.exitCode = EXIT.error;
});

main().then(end, (error: unknown) => {
  end(internalError(error));
});
