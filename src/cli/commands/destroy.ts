import type { RunnerLease } from "../../apply/runner-lease.ts";
import type { Manifest } from "../../core/manifest.ts";
import { planDestroy } from "../../plan/compute-plan.ts";
import type { Context } from "../context.ts";
import { carryOut } from "../carry-out.ts";
import { confirm } from "../confirm.ts";
import { readDeclaration, type DeclarationInput } from "../declaration.ts";
import type { ExitCode } from "../exit-code.ts";
import { EXIT } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { withLease } from "../lease.ts";
import { formatOf, type FormatOptions, type LockOptions } from "../options.ts";
import { refuseIfNeeded, writePlan } from "../planning.ts";
import { readLiveState } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface DestroyInput extends DeclarationInput, FormatOptions, LockOptions {
  readonly confirm?: string;
}

/** `algokeys destroy`: deletes every key of the project. Typing the project's name is what opens the delete brake. */
export async function destroy(input: DestroyInput, context: Context): Promise<ExitCode> {
  const url = platformUrl(input, context);
  const manifest = await readDeclaration(input, context);
  if (input.confirm !== undefined && input.confirm !== manifest.project) {
    throw new CommandFailure(EXIT.usage, `--confirm ${input.confirm} does not name the project ${manifest.project}`, {
      fix: `Write --confirm ${manifest.project} if its keys are the ones to delete.`,
    });
  }
  const { account, project } = manifest;
  const target = { url, account, project, command: "destroy", lockTimeout: input.lockTimeout };
  return await withLease(target, context, (lease) => destroyKeys(manifest, { input, url, lease }, context));
}

async function destroyKeys(
  manifest: Manifest,
  { input, url, lease }: { readonly input: DestroyInput; readonly url: string; readonly lease: RunnerLease },
  context: Context,
): Promise<ExitCode> {
  const live = await readLiveState(url, manifest.account, context);
  const made = planDestroy({ ...manifest, source: { ...manifest.source, files: [] } }, live, {
    createdAt: new Date(context.now()).toISOString(),
  });
  const format = formatOf(input);
  if (format === "text") writePlan(made, format, input, context);
  refuseIfNeeded(made, format === "text", context);
  if (made.changes.length > 0 && input.confirm === undefined) {
    const flag = `--confirm ${manifest.project}`;
    const text = `Delete every key of ${manifest.project} at ${url}? They can be restored for 30 days.`;
    await confirm({ text, expected: manifest.project, flag }, context);
  }
  return await carryOut(made, { url, format, reveal: false, saved: false, options: input, lease }, context);
}
