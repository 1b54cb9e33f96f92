import { nameKey } from "../../core/key-name.ts";
import { revertPlan } from "../../plan/drift-plan.ts";
import { driftJson, driftText } from "../../report/drift-text.ts";
import type { Context } from "../context.ts";
import type { DeclarationInput } from "../declaration.ts";
import { acceptDrift } from "../accept-drift.ts";
import { readDrift, type DriftReport } from "../drift-report.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import type { FormatOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { propose, type ProposeOptions } from "../propose.ts";

interface DriftInput extends DeclarationInput, FormatOptions {
  readonly detailedExitcode?: boolean;
}

/** `algokeys drift`: what was done to the project's keys since its last apply, by whom. Read-only. */
export async function drift(input: DriftInput, context: Context): Promise<ExitCode> {
  const { manifest, plan, since, outside } = await readDrift(input, context);
  const facts = { project: manifest.project, since, drift: plan.drift, outside };
  if (input.json === true) context.stdout.write(driftJson(facts));
  else context.stdout.write(driftText(facts, styleFor(context.stdout, input, context), context.now()));
  const found = plan.drift.length + outside.length > 0;
  return found && input.detailedExitcode === true ? EXIT.changesPending : EXIT.ok;
}

interface KeysInput {
  readonly key?: readonly string[];
}

/** `algokeys drift accept`: writes what lives into the declaration's files. The platform is only read. */
export async function driftAccept(input: DriftInput & KeysInput, context: Context): Promise<ExitCode> {
  const report = await readDrift(input, context);
  return await acceptDrift(report, driftedNames(report, input.key ?? []), input, context);
}

/** `algokeys drift revert`: plans the declared values back, of keys that drifted and no others. */
export async function driftRevert(input: DriftInput & KeysInput & ProposeOptions, context: Context): Promise<ExitCode> {
  const report = await readDrift(input, context);
  const plan = revertPlan(report.plan, driftedNames(report, input.key ?? []));
  const deleted = report.outside.filter(({ what }) => what === "deleted").map(({ name }) => name);
  const notes = deleted.map((name) => `${name} was deleted outside: bring it back with algokeys restore ${name}.`);
  return await propose(plan, notes, input, report.url, context);
}

/** The names of keys that drifted: all, or those that were named, which ends the command if one of them did not. */
function driftedNames({ plan, manifest }: DriftReport, wanted: readonly string[]): readonly string[] {
  const names = plan.drift.map(({ name }) => name);
  const other = wanted.find((name) => !names.some((drifted) => nameKey(drifted) === nameKey(name)));
  if (other !== undefined) {
    throw new CommandFailure(EXIT.error, `${other} is no key of ${manifest.project} whose fields drifted`, {
      fix: "See what did with: algokeys drift",
    });
  }
  return wanted.length === 0 ? names : names.filter((name) => wanted.some((one) => nameKey(one) === nameKey(name)));
}
