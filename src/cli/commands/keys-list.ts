import { keysJson } from "../../report/key-json.ts";
import { keysTable, keyText } from "../../report/key-text.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { styleFor } from "../output.ts";
import { listDeletedKeys } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface ListInput extends AccountInput {
  readonly project?: string;
  readonly deleted?: boolean;
  readonly unmanaged?: boolean;
  readonly json?: boolean;
}

/** `algokeys keys list`: the account's live keys, or the deleted ones that can be restored. */
export async function keysList(input: ListInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const all =
    input.deleted === true ? await listDeletedKeys(platformUrl(input, context), live.account.name, context) : live.keys;
  const keys = all.filter(({ managedBy }) => {
    if (input.unmanaged === true) return managedBy === null;
    return input.project === undefined || managedBy?.project === input.project;
  });
  const now = context.now();
  const text =
    input.json === true ? keysJson(keys, now) : keysTable(keys, styleFor(context.stdout, input, context), now);
  context.stdout.write(text);
  return EXIT.ok;
}

interface GetInput extends AccountInput {
  readonly name: string;
  readonly json?: boolean;
}

/** `algokeys keys get`: one key in full. */
export async function keysGet(input: GetInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input.name, live.account.name);
  const now = context.now();
  const text = input.json === true ? keysJson([key], now) : keyText(key, styleFor(context.stdout, input, context), now);
  context.stdout.write(text);
  return EXIT.ok;
}
