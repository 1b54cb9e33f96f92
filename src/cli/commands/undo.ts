import { readChanges, readHistory } from "../../apply/read-history.ts";
import type { RecordedChange } from "../../api/change-set.ts";
import type { ApiKey } from "../../core/api-key.ts";
import type { LiveState } from "../../plan/live-state.ts";
import { planUndo } from "../../plan/undo.ts";
import { declaredOwner, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import type { GuardOptions } from "../options.ts";
import { planOptions } from "../planning.ts";
import { listDeletedKeys, withExistingPlatform } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { propose, type ProposeOptions } from "../propose.ts";

interface UndoInput extends AccountInput, ProposeOptions, Pick<GuardOptions, "maxDeletes" | "allowLockout"> {
  readonly changeset: string;
  readonly project?: string;
}

/** `algokeys undo`: plans the inverse of a change set. Nothing is written before that plan is approved. */
export async function undo(input: UndoInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const account = live.account.name;
  const url = platformUrl(input, context);
  const { signal } = context;
  const { id, changes } = await withExistingPlatform(url, context, async ({ api }) => {
    const found = await fullId(input.changeset, readHistory(api, account, { signal }), account);
    return { id: found, changes: await readChanges(api, account, found, { signal }) };
  });
  const deleted = await listDeletedKeys(url, account, context);
  const project = input.project ?? (await projectOf(changes, live, deleted, input, context));
  const made = { createdAt: new Date(context.now()).toISOString() };
  const request = { changeSet: id, changes, project, live, deleted };
  const { plan, notes } = planUndo(request, planOptions(input), made);
  return await propose(plan, notes, input, url, context);
}

/** The change set's id, of which a beginning that no other has is enough. */
async function fullId(
  stated: string,
  records: AsyncIterable<{ readonly id: string }>,
  account: string,
): Promise<string> {
  const found: string[] = [];
  for await (const { id } of records) {
    if (id === stated) return id;
    if (stated.length >= 6 && id.startsWith(stated)) found.push(id);
  }
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  const summary =
    only === undefined ? `account ${account} has no change set ${stated}` : `several change sets begin with ${stated}`;
  throw new CommandFailure(EXIT.error, summary, { fix: "See them all with: algokeys history" });
}

/** The project that manages the keys now; the declaration's, or the one that is stated, where nobody does. */
async function projectOf(
  changes: readonly RecordedChange[],
  live: LiveState,
  deleted: readonly ApiKey[],
  input: UndoInput,
  context: Context,
): Promise<string> {
  const ids = new Set(changes.map(({ id }) => id));
  const keys = [...live.keys, ...deleted].filter(({ id }) => ids.has(id));
  const projects = [...new Set(keys.flatMap(({ managedBy }) => (managedBy === null ? [] : [managedBy.project])))];
  const [project, other] = projects;
  if (other !== undefined) {
    throw new CommandFailure(EXIT.error, `it changed keys of several projects: ${projects.sort().join(", ")}`, {
      detail: "A plan is made in the name of one project, and no project changes the keys of another.",
      fix: "Set the keys by hand (algokeys keys set), or apply each project's own declaration.",
    });
  }
  if (project !== undefined) return project;
  if (input.account === undefined) return (await declaredOwner(input, context)).project;
  throw new CommandFailure(EXIT.usage, "nobody manages these keys: say in whose name to undo", {
    fix: "Add --project NAME beside --account.",
  });
}
