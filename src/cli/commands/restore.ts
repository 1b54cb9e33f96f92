import { planRestore } from "../../plan/undo.ts";
import { declaredOwner, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import type { ExitCode } from "../exit-code.ts";
import { listDeletedKeys } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { propose, type ProposeOptions } from "../propose.ts";
import { findDeleted } from "./keys-restore.ts";

/** `algokeys restore`: plans to bring a deleted key back; `algokeys keys restore` does it at once. */
export async function restore(
  input: AccountInput & ProposeOptions & { readonly key: string },
  context: Context,
): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const url = platformUrl(input, context);
  const key = findDeleted(await listDeletedKeys(url, live.account.name, context), input.key, live);
  const project = key.managedBy?.project ?? (await declaredOwner(input, context)).project;
  const plan = planRestore([key], project, live, { createdAt: new Date(context.now()).toISOString() });
  const notes = [
    `Declare ${key.name}, or the next apply of ${project} deletes it again. Credentials that were revoked stay so.`,
  ];
  return await propose(plan, notes, input, url, context);
}
