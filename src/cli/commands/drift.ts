import { nameKey } from "../../core/key-name.ts";
import { driftedName } from "../../plan/plan.ts";
import { revertPlan } from "../../plan/drift-plan.ts";
import { driftJson, driftText, findingCount } from "../../report/drift-text.ts";
import type { Context } from "../context.ts";
import type { DeclarationInput } from "../declaration.ts";
import { acceptDrift, isWritable } from "../accept-drift.ts";
import { openFindings, readDrift, type DriftReport } from "../drift-report.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { formatOf, type FormatOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { readPlaces } from "../read-places.ts";
import { propose, type ProposeOptions } from "../propose.ts";

interface DriftInput extends DeclarationInput, FormatOptions {
  readonly detailedExitcode?: boolean;
}

/** `algokeys drift`: what was done to the project's keys since its last apply, by whom, and what became of secrets. Read-only. */
export async function drift(input: DriftInput & { readonly places?: boolean }, context: Context): Promise<ExitCode> {
  const report = await readDrift(input, context);
  const { manifest, plan, since, outside } = report;
  const places = input.places === false ? null : await readPlaces(report, context);
  const facts = {
    project: manifest.project,
    since,
    drift: plan.drift,
    outside,
    places,
    isWritable: isWritable(manifest),
  };
  if (input.json === true) context.stdout.write(driftJson(facts));
  else context.stdout.write(driftText(facts, styleFor(context.stdout, input, context), context.now()));
  return findingCount(facts) > 0 && input.detailedExitcode === true ? EXIT.changesPending : EXIT.ok;
}

interface KeysInput {
  readonly key?: readonly string[];
}

/** `algokeys drift accept`: writes what lives into the declaration's files. The platform is only read. */
export async function driftAccept(input: DriftInput & KeysInput, context: Context): Promise<ExitCode> {
  const report = await readDrift(input, context);
  const names = driftedNames(report, input.key ?? [], "accepted");
  if (names.length > 0) return await acceptDrift(report, names, input, context);
  context.stdout.write("No field and no name drifted: there is nothing to accept.\n");
  return EXIT.ok;
}

/** `algokeys drift revert`: plans the declared values back, of keys that drifted and no others. */
export async function driftRevert(input: DriftInput & KeysInput & ProposeOptions, context: Context): Promise<ExitCode> {
  const report = await readDrift(input, context);
  const wanted = (input.key ?? []).map(nameKey);
  const names = driftedNames(report, input.key ?? [], "reverted");
  if (names.length === 0 && input.out === undefined && formatOf(input) === "text") {
    context.stdout.write("No field and no name drifted: there is nothing to revert.\n");
    return EXIT.ok;
  }
  const open = openFindings(report).filter(({ name }) => wanted.length === 0 || wanted.includes(nameKey(name)));
  const notes = open.map(({ text }) => text);
  return await propose(revertPlan(report.plan, names), notes, input, report.url, context);
}

/**
 * The declared names of keys whose fields or names drifted: all, or those that were named, by either name. Ends the command
 * where one of them did not, or where all that was done is such that it can be neither accepted nor reverted.
 */
function driftedNames(
  report: DriftReport,
  wanted: readonly string[],
  verb: "accepted" | "reverted",
): readonly string[] {
  const { plan, manifest } = report;
  const isNamed = (drift: (typeof plan.drift)[number], name: string): boolean =>
    [drift.name, driftedName(drift)].some((one) => nameKey(one) === nameKey(name));
  const others = wanted.filter((name) => !plan.drift.some((drift) => isNamed(drift, name)));
  const open = openFindings(report).filter(
    ({ name }) => wanted.length === 0 || others.some((other) => nameKey(other) === nameKey(name)),
  );
  if (open.length > 0 && (others.length > 0 || plan.drift.length === 0)) {
    throw new CommandFailure(EXIT.refused, `what was done cannot be ${verb} by this command`, {
      detail: open.map(({ text }) => text).join("\n"),
      fix: "Do what stands there for each key; see who did it, and when, with: algokeys drift",
    });
  }
  const [other] = others;
  if (other !== undefined) {
    throw new CommandFailure(EXIT.error, `${other} is no key of ${manifest.project} whose fields or name drifted`, {
      fix: "See what did with: algokeys drift",
    });
  }
  const chosen = plan.drift.filter((drift) => wanted.length === 0 || wanted.some((name) => isNamed(drift, name)));
  return chosen.map(({ name }) => name);
}
