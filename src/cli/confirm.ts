import type { Readable, Writable } from "node:stream";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { sentence } from "../report/shown.ts";

/** A question whose answer must be one word, and the flag that answers it where nobody can be asked. */
export interface Question {
  readonly text: string;
  readonly expected: string;
  /** What to add to the command, for example `--auto-approve`. */
  readonly flag: string;
}

/** Asks, and ends the command with "cancelled" on any other answer. Without a terminal it never waits: it names the flag. */
export async function confirm(question: Question, context: Context): Promise<void> {
  if (context.stdin.isTTY !== true || context.stderr.isTTY !== true) {
    throw new CommandFailure(EXIT.usage, "this needs a yes, and there is no terminal to ask on", {
      fix: `Add ${question.flag} once you have read the plan.`,
    });
  }
  const { createInterface } = await import("node:readline/promises");
  // Both are the process's own streams whenever they are terminals.
  const lines = createInterface({
    input: context.stdin as unknown as Readable,
    output: context.stderr as unknown as Writable,
  });
  // A terminal that goes away closes the reader and answers nothing.
  const gone = new Promise<undefined>((resolve) => {
    lines.once("close", () => {
      resolve(undefined);
    });
  });
  let answer: string | undefined;
  try {
    const asked = lines.question(sentence`${question.text}\n  Only '${question.expected}' will be accepted: `, {
      signal: context.signal,
    });
    answer = await Promise.race([asked, gone]);
  } catch (error) {
    // Ctrl-C, Ctrl-D and an interrupt from elsewhere all come as this.
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  } finally {
    lines.close();
  }
  if (answer?.trim() === question.expected) return;
  if (answer === undefined) context.stderr.write("\n");
  throw new CommandFailure(EXIT.cancelled, "cancelled: nothing was written");
}
