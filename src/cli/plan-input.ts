import { createHash } from "node:crypto";
import { findAppliedPlan } from "../apply/applied-plan.ts";
import { declarationDigest } from "../manifest/load.ts";
import type { LiveState } from "../plan/live-state.ts";
import { parsePlanFile } from "../plan/plan-file.ts";
import type { Plan } from "../plan/plan.ts";
import { checkStale, type StaleObject } from "../plan/stale.ts";
import type { Context } from "./context.ts";
import { readText } from "./declaration.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { withExistingPlatform } from "./platform.ts";

/** SHA-256 in hexadecimal, as `core` and `plan` take it. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Reads a saved plan or ends the command. `shown` is the file's name as given. */
export async function readPlanFile(path: string, shown: string): Promise<Plan> {
  const read = parsePlanFile(await readText(path, shown), sha256);
  if (read.ok) return read.plan;
  const isDeclaration = /\.ya?ml$/i.test(shown);
  const fix = isDeclaration
    ? `To apply a declaration, write: algokeys apply -f ${shown}`
    : "Make it again with: algokeys plan --out FILE";
  const exitCode = read.problem === "tampered" ? EXIT.stale : EXIT.usage;
  throw new CommandFailure(exitCode, `${shown}: ${read.message}`, { fix });
}

/** Ends the command if the declaration that the plan was made from, or anything live that it touches, is not as it was. */
export async function checkSavedPlan(
  plan: Plan,
  live: LiveState,
  saved: { readonly file: string; readonly url: string; readonly compareDeclaration: boolean },
  context: Context,
): Promise<void> {
  const stale = checkStale(plan, live);
  const moved = stale.some(({ object }) => object === "key");
  if (moved && live.account.exists) await refuseAppliedPlan(plan, saved, context);
  if (saved.compareDeclaration && plan.declaration.files.length > 0) await checkDeclaration(plan, saved.file, context);
  if (stale.length === 0) return;
  throw new CommandFailure(EXIT.stale, `${saved.file} is stale: what it touches has changed since it was made`, {
    detail: stale.map(staleText).join("\n"),
    fix: `Nothing was written. Make the plan again: ${remake(plan, saved.file)}`,
  });
}

/** Ends the command if it was this very plan that moved what it touches. */
async function refuseAppliedPlan(
  plan: Plan,
  { file, url }: { readonly file: string; readonly url: string },
  context: Context,
): Promise<void> {
  const applied = await withExistingPlatform(url, context, ({ api }) =>
    findAppliedPlan(plan, api, sha256, { signal: context.signal }),
  );
  if (applied === undefined) return;
  throw new CommandFailure(EXIT.stale, `${file} has been applied already`, {
    detail: `By ${applied.actor} at ${applied.committedAt}, as change set ${applied.id}. Nothing was written now.`,
    fix: `For what is left to do, such as a secret that did not arrive, make another plan: algokeys plan --out ${file}`,
  });
}

async function checkDeclaration(plan: Plan, file: string, context: Context): Promise<void> {
  const { files, digest } = plan.declaration;
  const again = `Make the plan again: algokeys plan --out ${file}`;
  const without = `to apply the reviewed plan without comparing, add --no-declaration`;
  if (files.includes("-")) {
    const summary = `${file} was made from standard input, which cannot be read again to compare`;
    throw new CommandFailure(EXIT.stale, summary, { fix: `If the plan was reviewed: ${without}.` });
  }
  const options = {
    cwd: context.cwd,
    env: {},
    vars: {},
    stdin: () => Promise.resolve(new Uint8Array()),
    runModule: context.runForeign,
  };
  const found = await declarationDigest(files, options);
  if (found === digest) return;
  const what = found === undefined ? "is not here" : "has changed since";
  throw new CommandFailure(EXIT.stale, `the declaration that ${file} was made from ${what} (${files.join(", ")})`, {
    fix: `${again}; ${without}.`,
  });
}

/** The command that makes such a plan. */
function remake({ undoes, part, changes }: Plan, file: string): string {
  if (undoes !== undefined) return `algokeys undo ${undoes} --out ${file}`;
  const name = changes[0]?.name ?? "KEY";
  if (part === "restore" || part === "rotate")
    return `algokeys ${part} ${name}${part === "restore" ? ` --out ${file}` : ""}`;
  return `algokeys ${part === undefined ? "plan" : "drift revert"} --out ${file}`;
}

const STALE_TEXT: Readonly<Record<StaleObject["reason"], string>> = {
  "other-platform": "is not the platform that the plan was made for",
  "other-account": "is not the account that the plan was made for",
  "account-gone": "is no longer there",
  changed: "was changed",
  gone: "is no longer live",
  "name-taken": "is now the name of another key",
};

function staleText({ object, name, reason, by, fields }: StaleObject): string {
  const which = fields.length === 0 ? "" : ` (${fields.join(", ")})`;
  const who = by === null ? "" : ` by ${by.actor}${by.project === null ? "" : ` for ${by.project}`} at ${by.at}`;
  return `${object} ${name} ${STALE_TEXT[reason]}${which}${who}`;
}
