import { computePlan } from "../../plan/compute-plan.ts";
import { isEmptyPlan } from "../../plan/plan.ts";
import type { Context } from "../context.ts";
import { readDeclared, type DeclarationInput } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatOf, type FormatOptions, type GuardOptions } from "../options.ts";
import { planOptions, writePlan } from "../planning.ts";
import { readLiveState, refuseDeliveryIntoPlatform } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { savePlan } from "../save-plan.ts";
import { sentence } from "../../report/shown.ts";

interface PlanInput extends DeclarationInput, FormatOptions, GuardOptions {
  readonly out?: string;
  readonly full?: boolean;
  readonly detailedExitcode?: boolean;
  readonly expectNoChanges?: boolean;
}

/** `algokeys plan`: shows what an apply would change. Read-only, always: it does not even make an embedded platform. */
export async function plan(input: PlanInput, context: Context): Promise<ExitCode> {
  const options = planOptions(input);
  const url = platformUrl(input, context);
  const { manifest, warnings } = await readDeclared(input, context);
  const live = await readLiveState(url, manifest.account, context);
  const made = computePlan(manifest, live, options, { createdAt: new Date(context.now()).toISOString() });
  refuseDeliveryIntoPlatform(made, url, context);
  const format = formatOf(input);
  // Saved first: with --json one document stands for the whole run.
  if (format === "json" && input.out !== undefined) await savePlan(made, input.out, context);
  writePlan(made, format, { ...input, warnings }, context);
  if (input.out !== undefined && format !== "json") {
    await savePlan(made, input.out, context);
    if (format === "text") {
      const next =
        made.refusals.length > 0
          ? "It cannot be applied as it stands."
          : `To carry out exactly this plan: algokeys apply ${input.out}`;
      context.stdout.write(sentence`\nSaved to ${input.out}. ${next}\n`);
    }
  }
  if (made.refusals.length > 0) return EXIT.refused;
  if (isEmptyPlan(made)) return EXIT.ok;
  if (input.expectNoChanges === true) return EXIT.expectationNotMet;
  return input.detailedExitcode === true ? EXIT.changesPending : EXIT.ok;
}
