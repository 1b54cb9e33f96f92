import { randomBytes } from "node:crypto";
import type { Context, World } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";
import { describeFailure, failureText } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";
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
  const context: Context = Object.create(world, {
    random: { value: (count: number) => randomBytes(count) },
    tokenFile: { value: input["tokenFile"] },
  }) as Context;
  try {
    return await command(input as never, context);
  } catch (error) {
    const failure = describeFailure(error, context.signal);
    if (failure === undefined) throw error;
    if (typeof failure === "number") return failure;
    const style = styleFor(context.stderr, input as unknown as GlobalOptions, context);
    context.stderr.write(failureText(failure.summary, failure.notes, style));
    return failure.exitCode;
  }
}
