import { resolve } from "node:path";
import type { RunnerLease } from "../../apply/runner-lease.ts";
import type { Manifest } from "../../core/manifest.ts";
import { computePlan } from "../../plan/compute-plan.ts";
import type { PlanOptions } from "../../plan/plan-options.ts";
import { isEmptyPlan, type Plan } from "../../plan/plan.ts";
import { carryOut, reportNothing } from "../carry-out.ts";
import { confirm } from "../confirm.ts";
import type { Context } from "../context.ts";
import { readDeclaration, type DeclarationInput } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { parseLockTimeout, withLease } from "../lease.ts";
import { formatOf, type FormatOptions, type GuardOptions, type LockOptions } from "../options.ts";
import { checkSavedPlan, readPlanFile } from "../plan-input.ts";
import { checkReveal, planOptions, refuseIfNeeded, writePlan } from "../planning.ts";
import { readLiveState } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface ApplyInput extends DeclarationInput, FormatOptions, GuardOptions, LockOptions {
  readonly plan?: string;
  readonly autoApprove?: boolean;
  /** False with `--no-declaration`. */
  readonly declaration: boolean;
}

/** `algokeys apply`: carries out a saved plan exactly as it was reviewed, or makes one, shows it and asks. */
export async function apply(input: ApplyInput, context: Context): Promise<ExitCode> {
  checkReveal(input, context);
  parseLockTimeout(input.lockTimeout);
  return input.plan === undefined ? await applyFresh(input, context) : await applySaved(input, input.plan, context);
}

async function applyFresh(input: ApplyInput, context: Context): Promise<ExitCode> {
  const options = planOptions(input);
  const url = platformUrl(input, context);
  const manifest = await readDeclaration(input, context);
  const { account, project } = manifest;
  // What has nothing to do writes nothing, a lease neither.
  const first = await planNow(manifest, url, options, context);
  if (isEmptyPlan(first) || first.refusals.length > 0) return finish(first, { input, url, options }, context);
  const target = { url, account, project, command: "apply", lockTimeout: input.lockTimeout };
  return await withLease(target, context, (lease) => applyManifest(manifest, { input, url, options, lease }, context));
}

async function planNow(manifest: Manifest, url: string, options: PlanOptions, context: Context): Promise<Plan> {
  const live = await readLiveState(url, manifest.account, context);
  return computePlan(manifest, live, options, { createdAt: new Date(context.now()).toISOString() });
}

/** Ends an apply that is not to write: its plan is empty, or refused. */
function finish(plan: Plan, { input, url, options }: Omit<FreshApply, "lease">, context: Context): ExitCode {
  const format = formatOf(input);
  if (format === "text") writePlan(plan, format, input, context);
  refuseIfNeeded(plan, format === "text", context);
  return reportNothing(plan, { url, format, reveal: options.reveal, saved: false, options: input }, context);
}

/** What an apply of a declaration works with once it has the lease. */
interface FreshApply {
  readonly input: ApplyInput;
  readonly url: string;
  readonly options: PlanOptions;
  readonly lease: RunnerLease;
}

async function applyManifest(
  manifest: Manifest,
  { input, url, options, lease }: FreshApply,
  context: Context,
): Promise<ExitCode> {
  const made = await planNow(manifest, url, options, context);
  const format = formatOf(input);
  if (format === "text") writePlan(made, format, input, context);
  refuseIfNeeded(made, format === "text", context);
  if (!isEmptyPlan(made) && input.autoApprove !== true) {
    const text = `Do you want to perform these actions on ${made.project} at ${url}?`;
    await confirm({ text, expected: "yes", flag: "--auto-approve" }, context);
  }
  const how = { url, format, reveal: options.reveal, saved: false, options: input, lease };
  return await carryOut(made, how, context);
}

async function applySaved(input: ApplyInput, file: string, context: Context): Promise<ExitCode> {
  const saved = await readPlanFile(resolve(context.cwd, file), file);
  refuseMixedOptions(input, file);
  const url = input.platform === undefined || input.platform === "" ? saved.platform.url : platformUrl(input, context);
  refuseIfNeeded(saved, false, context);
  const { account, project } = saved;
  const how = { url, format: formatOf(input), reveal: input.reveal === true, saved: true, options: input };
  const check = async (): Promise<void> => {
    const live = await readLiveState(url, account.name, context);
    await checkSavedPlan(saved, live, { file, url, compareDeclaration: input.declaration }, context);
  };
  if (isEmptyPlan(saved)) {
    await check();
    return reportNothing(saved, how, context);
  }
  const target = { url, account: account.name, project, command: "apply", lockTimeout: input.lockTimeout };
  return await withLease(target, context, async (lease) => {
    await check();
    return await carryOut(saved, { ...how, lease }, context);
  });
}

/** A saved plan is applied as it stands: what would have changed it at planning time is refused, not ignored. */
function refuseMixedOptions(input: ApplyInput, file: string): void {
  const flags = {
    file: "--file",
    app: "--app",
    cdktfOut: "--cdktf-out",
    stack: "--stack",
    var: "--var",
    varFile: "--var-file",
    adopt: "--adopt",
    takeover: "--takeover",
    maxDeletes: "--max-deletes",
    allowLockout: "--allow-lockout",
  } as const;
  for (const [option, flag] of Object.entries(flags)) {
    if (input[option as keyof typeof flags] === undefined) continue;
    throw new CommandFailure(EXIT.usage, `${flag} has no place beside a saved plan`, {
      fix: `Say it when the plan is made (algokeys plan ${flag} ... --out ${file}), or leave ${file} out.`,
    });
  }
}
