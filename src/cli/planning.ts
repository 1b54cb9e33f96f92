import type { Diagnostic } from "../core/diagnostic.ts";
import type { PlanOptions } from "../plan/plan-options.ts";
import type { Plan } from "../plan/plan.ts";
import { planJson } from "../report/plan-json.ts";
import { planMarkdown } from "../report/plan-markdown.ts";
import { planText } from "../report/plan-text.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure, QuietFailure } from "./failure.ts";
import { formatOf, type FormatOptions, type GlobalOptions, type GuardOptions, type OutputFormat } from "./options.ts";
import { styleFor } from "./output.ts";

/** The planner's options, from the command's. */
export function planOptions(input: GuardOptions): PlanOptions {
  return {
    adopt: input.adopt === true,
    takeover: input.takeover,
    allowLockout: input.allowLockout === true,
    reveal: input.reveal === true,
    maxDeletes: input.maxDeletes === undefined ? null : parseMaxDeletes(input.maxDeletes),
  };
}

function parseMaxDeletes(text: string): PlanOptions["maxDeletes"] {
  const [, digits, percent] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
  if (digits === undefined || (percent === "%" && Number(digits) > 100)) {
    throw new CommandFailure(EXIT.usage, `--max-deletes ${text} is neither a number nor a percentage`, {
      fix: "Write --max-deletes 5 or --max-deletes 50%.",
    });
  }
  return percent === "%" ? { percent: Number(digits) } : { count: Number(digits) };
}

/** Ends the command if it would show secrets to something that is no terminal. */
export function checkReveal(input: FormatOptions & Pick<GuardOptions, "reveal">, context: Context): void {
  if (input.reveal !== true || (context.stdout.isTTY === true && formatOf(input) === "text")) return;
  throw new CommandFailure(EXIT.usage, "--reveal shows secrets on a terminal, and standard output is none", {
    fix: "Run it in a terminal, or declare where the secrets go with deliver:.",
  });
}

/** Writes a plan to standard output in the format asked for. */
export function writePlan(
  plan: Plan,
  format: OutputFormat,
  input: Pick<GlobalOptions, "color"> & { readonly full?: boolean; readonly warnings?: readonly Diagnostic[] },
  context: Context,
): void {
  if (format === "json") context.stdout.write(planJson(plan, input.warnings));
  else if (format === "markdown") context.stdout.write(planMarkdown(plan));
  else context.stdout.write(planText(plan, styleFor(context.stdout, input, context), { full: input.full === true }));
}

/** Ends the command if a guard refused the plan. `shown`: the plan's text, which says why, has been written already. */
export function refuseIfNeeded(plan: Plan, shown: boolean, context: Context): void {
  const [first, ...others] = plan.refusals;
  if (first === undefined) return;
  if (!shown) {
    const detail = others.map(({ summary }) => summary).join("\n") || undefined;
    throw new CommandFailure(EXIT.refused, first.summary, { detail, fix: first.fix });
  }
  context.stderr.write("Nothing was applied: the plan is refused for the reasons above.\n");
  throw new QuietFailure(EXIT.refused, first.summary);
}
