import { randomBytes } from "node:crypto";
import { failureJson } from "../report/failure-json.ts";
import type { Context, OutputStream, World } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { describeFailure, failureText } from "./failure.ts";
import { formatOf, type GlobalOptions } from "./options.ts";
import { styleFor } from "./output.ts";

/** What does a command's work. Its input is what the command table parsed. */
export type CommandFunction = (input: never, context: Context) => ExitCode | Promise<ExitCode>;

/**
 * Runs one command with what the command table parsed, which fits the command's own input type by construction. Failures
 * of the user and of the world become a message and an exit code here; a bug goes on to `main`.
 */
export async function runCommand(
  command: CommandFunction,
  input: Readonly<Record<string, unknown>>,
  world: World,
): Promise<ExitCode> {
  const output = { written: false };
  const context: Context = Object.create(world, {
    random: { value: (count: number) => randomBytes(count) },
    tokenFile: { value: input["tokenFile"] },
    stdout: { value: watched(world.stdout, output) },
  }) as Context;
  try {
    return await command(input as never, context);
  } catch (error) {
    const failure = describeFailure(error, context.signal);
    if (failure === undefined) {
      if (formatOf(input) === "json" && !output.written)
        context.stdout.write(failureJson({ exitCode: EXIT.bug, ...BUG }));
      throw error;
    }
    const { exitCode, summary, notes, diagnostics, told = false } = failure;
    if (!told) {
      const style = styleFor(context.stderr, input as unknown as GlobalOptions, context);
      context.stderr.write(failureText(summary, notes, style));
    }
    // Programs read standard output: with --json there is always one document, and this run has no other.
    if (formatOf(input) === "json" && !output.written) {
      context.stdout.write(failureJson({ exitCode, summary, ...notes }, diagnostics));
    }
    return exitCode;
  }
}

/** What programs are told of a bug; people get the trace. */
const BUG = { summary: "internal error, a bug in algokeys", fix: "Please report it with what standard error says." };

/** The stream, and a note once something is written. */
function watched(stream: OutputStream, output: { written: boolean }): OutputStream {
  return Object.create(stream, {
    write: {
      value: (text: string) => {
        output.written = true;
        return stream.write(text);
      },
    },
  }) as OutputStream;
}
