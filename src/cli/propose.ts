import { isEmptyPlan, type Plan } from "../plan/plan.ts";
import { sentence, shown } from "../report/shown.ts";
import { carryOut, reportNothing } from "./carry-out.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { parseLockTimeout, withLease } from "./lease.ts";
import { formatOf, type FormatOptions, type GlobalOptions, type LockOptions } from "./options.ts";
import { refuseIfNeeded, writePlan } from "./planning.ts";
import { savePlan } from "./save-plan.ts";

/** How a command that makes a plan of its own was called. */
export interface ProposeOptions extends FormatOptions, GlobalOptions, LockOptions {
  readonly out?: string;
  readonly autoApprove?: boolean;
}

/**
 * Shows a plan that a command made, and then saves it (`--out`) or asks and carries it out as any other: the plan is the
 * only way by which such a command acts. `notes` are sentences about what the plan does not do.
 */
export async function propose(
  plan: Plan,
  notes: readonly string[],
  input: ProposeOptions,
  url: string,
  context: Context,
): Promise<ExitCode> {
  const format = formatOf(input);
  parseLockTimeout(input.lockTimeout);
  for (const note of notes) context.stderr.write(`note: ${shown(note)}\n`);
  if (input.out !== undefined) {
    if (format === "json") await savePlan(plan, input.out, context);
    writePlan(plan, format, input, context);
    if (format !== "json") await savePlan(plan, input.out, context);
    if (format === "text") {
      const next =
        plan.refusals.length > 0
          ? "It cannot be applied as it stands."
          : `To carry it out: algokeys apply ${input.out}`;
      context.stdout.write(sentence`\nSaved to ${input.out}. ${next}\n`);
    }
    return plan.refusals.length > 0 ? EXIT.refused : EXIT.ok;
  }
  if (format === "text") writePlan(plan, format, input, context);
  refuseIfNeeded(plan, format === "text", context);
  if (!isEmptyPlan(plan) && input.autoApprove !== true) {
    const text = `Do you want to perform these actions on ${plan.project} at ${url}?`;
    await confirm({ text, expected: "yes", flag: "--auto-approve, or --out FILE to save the plan," }, context);
  }
  const how = { url, format, reveal: false, saved: false, options: input };
  if (isEmptyPlan(plan)) return reportNothing(plan, how, context);
  const target = {
    url,
    account: plan.account.name,
    project: plan.project,
    command: "apply",
    lockTimeout: input.lockTimeout,
  };
  return await withLease(target, context, async (lease) => await carryOut(plan, { ...how, lease }, context));
}
