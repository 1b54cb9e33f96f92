import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import type { Manifest, ManifestKey } from "../../core/manifest.ts";
import { suggest } from "../../core/suggest.ts";
import { planRotation } from "../../plan/rotate-plan.ts";
import type { LiveState } from "../../plan/live-state.ts";
import type { Plan, SecretDue } from "../../plan/plan.ts";
import { findKey } from "../account.ts";
import { carryOut } from "../carry-out.ts";
import { confirm } from "../confirm.ts";
import type { Context } from "../context.ts";
import { readDeclaration, type DeclarationInput } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { withLease } from "../lease.ts";
import { formatOf, type FormatOptions, type LockOptions } from "../options.ts";
import { checkReveal, writePlan } from "../planning.ts";
import { readLiveState } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface RotateInput extends DeclarationInput, FormatOptions, LockOptions {
  readonly name: string;
  readonly autoApprove?: boolean;
  readonly reveal?: boolean;
}

/** `algokeys rotate`: another secret for one key, to every place that the declaration names; the older ones then retire. */
export async function rotate(input: RotateInput, context: Context): Promise<ExitCode> {
  checkReveal(input, context);
  const url = platformUrl(input, context);
  const manifest = await readDeclaration(input, context);
  const declared = findDeclared(manifest, input.name);
  const { account, project } = manifest;
  const target = { url, account, project, command: "rotate", lockTimeout: input.lockTimeout };
  return await withLease(target, context, async (lease) => {
    const live = await readLiveState(url, account, context);
    const plan = planOf(manifest, declared, live, input, context);
    const format = formatOf(input);
    if (format === "text") writePlan(plan, format, input, context);
    if (input.autoApprove !== true) {
      const text = `Do you want to rotate the secret of ${declared.name} at ${url}?`;
      await confirm({ text, expected: "yes", flag: "--auto-approve" }, context);
    }
    const how = { url, format, reveal: input.reveal === true, saved: false, options: input, lease };
    return await carryOut(plan, how, context);
  });
}

function findDeclared(manifest: Manifest, name: string): ManifestKey {
  const declared = manifest.keys.find((key) => nameKey(key.name) === nameKey(name));
  if (declared !== undefined) return declared;
  const near = suggest(
    name,
    manifest.keys.map((key) => key.name),
  );
  throw new CommandFailure(EXIT.error, `the declaration has no key ${name}`, {
    fix: near === undefined ? "Declare it with `deliver`, so that its secret goes somewhere." : `Did you mean ${near}?`,
  });
}

function planOf(
  manifest: Manifest,
  declared: ManifestKey,
  live: LiveState,
  { reveal = false }: RotateInput,
  context: Context,
): Plan {
  const { name } = declared;
  if (!live.keys.some((key) => nameKey(key.name) === nameKey(name))) {
    throw new CommandFailure(EXIT.error, `key ${name} is declared, but not live`, {
      fix: "Run `algokeys apply` first: it makes the key, and its first secret.",
    });
  }
  const key = findKey(live.keys, name, live.account.name);
  refuseForeign(key, manifest.project);
  const rotation = planRotation(
    manifest,
    declared,
    { key, live, reveal },
    { createdAt: new Date(context.now()).toISOString() },
  );
  if ("plan" in rotation) return rotation.plan;
  throw blockedFailure(rotation.blocked);
}

function refuseForeign({ name, managedBy }: ApiKey, project: string): void {
  if (managedBy?.project === project) return;
  const owner = managedBy === null ? "by nobody" : `by the project ${managedBy.project}`;
  throw new CommandFailure(EXIT.refused, `key ${name} is managed ${owner}, not by ${project}`, {
    fix:
      managedBy === null
        ? "Take it over first with: algokeys apply --adopt"
        : `Rotate it with the declaration of ${managedBy.project}.`,
  });
}

function blockedFailure({ name, blocked, until }: SecretDue): CommandFailure {
  if (blocked === "no-delivery") {
    return new CommandFailure(EXIT.usage, `nobody would get the new secret of ${name}`, {
      fix: `Declare \`deliver\` for ${name}, or run it at a terminal with --reveal.`,
    });
  }
  const wait = until === null ? "" : `Wait until ${until}, when the first of them retires, or revoke one: `;
  return new CommandFailure(EXIT.refused, `${name} has as many working credentials as a key may have`, {
    detail: "Nothing was written.",
    fix: `${wait}algokeys revoke ${name} --credential ID (algokeys keys get ${name} --json tells the ids)`,
  });
}
