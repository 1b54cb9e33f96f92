import { completionScript, type Shell } from "../completion-script.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { buildProgram } from "../program.ts";

/** `algokeys completion`: a script that completes commands and options in a shell. */
export function completion(input: { readonly shell: Shell }, context: Context): ExitCode {
  const program = buildProgram(context, () => Promise.resolve());
  context.stdout.write(completionScript(input.shell, program));
  return EXIT.ok;
}
