import type { KeyChange } from "../../api/change-set.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/suggest.ts";
import type { LiveState } from "../../plan/live-state.ts";
import { readAccount, type AccountInput } from "../account.ts";
import { commitByHand } from "../commit-by-hand.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { listDeletedKeys } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { sentence } from "../../report/shown.ts";

/** `algokeys keys restore`: brings back a deleted key. */
export async function keysRestore(
  input: AccountInput & { readonly name: string },
  context: Context,
): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const deleted = await listDeletedKeys(platformUrl(input, context), live.account.name, context);
  const key = findDeleted(deleted, input.name, live);
  const change: KeyChange = { action: "restore", id: key.id, revision: key.revision };
  await commitByHand(input, live.account.name, change, `keys restore ${key.name}`, context);
  context.stdout.write(
    sentence`Restored ${key.name} with its credentials. Declare it, or the next apply deletes it again.\n`,
  );
  return EXIT.ok;
}

/**
 * The deleted key of that name or id, spelled like it if there is one, the latest of several; ends the command where it cannot
 * come back.
 */
export function findDeleted(deleted: readonly ApiKey[], name: string, live: LiveState): ApiKey {
  const byId = deleted.find(({ id }) => id === name);
  const wanted = nameKey(byId?.name ?? name);
  const named = (key: ApiKey): boolean => nameKey(key.name) === wanted;
  const isSpelled = (key: ApiKey): number => Number(key.name === name);
  const [latest] = deleted
    .filter(named)
    .sort((left, right) => isSpelled(right) - isSpelled(left) || right.revision - left.revision);
  const key = byId ?? latest;
  const holder = live.keys.find(named);
  if (holder === undefined) return key ?? nothingDeleted(deleted, name, live.account.name);
  if (key === undefined) {
    throw new CommandFailure(EXIT.error, `${holder.name} is live, so there is nothing to restore`, {
      fix: `Look at it with: algokeys keys get ${holder.name}`,
    });
  }
  throw new CommandFailure(EXIT.error, `${key.name} cannot be restored: another live key has its name now`, {
    fix: `Rename that one first (declare it under another name with renamed_from: ${holder.name}, then apply), or delete it.`,
  });
}

function nothingDeleted(deleted: readonly ApiKey[], name: string, account: string): never {
  const names = deleted.map((key) => key.name);
  const near = suggest(name, names);
  throw new CommandFailure(EXIT.error, `account ${account} has no deleted key ${name}`, {
    fix: near === undefined ? "See them all with: algokeys keys list --deleted" : `Did you mean ${printable(near)}?`,
  });
}
