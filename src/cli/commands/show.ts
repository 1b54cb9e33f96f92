import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatOf, type FormatOptions, type GlobalOptions } from "../options.ts";
import { readPlanFile } from "../plan-input.ts";
import { writePlan } from "../planning.ts";

interface ShowInput extends FormatOptions, GlobalOptions {
  readonly plan: string;
  readonly full?: boolean;
}

/** `algokeys show`: prints a saved plan. */
export async function show(input: ShowInput, context: Context): Promise<ExitCode> {
  const saved = await readPlanFile(resolve(context.cwd, input.plan), input.plan);
  writePlan(saved, formatOf(input), input, context);
  return EXIT.ok;
}
