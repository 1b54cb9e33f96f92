import { nameKey } from "../../core/key-name.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import { commitByHand } from "../commit-by-hand.ts";
import type { Context } from "../context.ts";
import { loadDeclaration } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { sentence } from "../../report/shown.ts";

interface ForgetInput extends AccountInput {
  readonly key: readonly string[];
}

/** `algokeys forget`: no project manages the keys any more. They stay live with their secrets. */
export async function forget(input: ForgetInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const named = input.key.map((name) => findKey(live.keys, name, live.account.name));
  const keys = [...new Map(named.map((key) => [key.id, key])).values()];
  const free = keys.filter(({ managedBy }) => managedBy === null);
  if (free.length > 0) {
    throw new CommandFailure(EXIT.error, `no project manages ${free.map(({ name }) => name).join(", ")} already`, {
      detail: "Nothing was changed.",
      fix: "See such keys with: algokeys keys list --unmanaged",
    });
  }
  const changes = keys.map(({ id, revision }) => ({ action: "update", id, revision, managedBy: null }) as const);
  const names = keys.map(({ name }) => name);
  await commitByHand(input, live.account.name, changes, `forget ${names.join(" ")}`, context);
  for (const { name, managedBy } of keys) {
    context.stdout.write(
      sentence`${name} is managed by no project now (it was ${managedBy?.project ?? ""}). It stays live with its secrets.\n`,
    );
  }
  for (const name of await stillDeclared(input, names, live.account.name, context)) {
    context.stderr.write(
      sentence`note: ${name} is still declared: take its block away, or the next plan asks for --adopt.\n`,
    );
  }
  return EXIT.ok;
}

/** Which of the keys the declaration at hand still names; none if there is no valid one of that account. */
async function stillDeclared(
  input: ForgetInput,
  names: readonly string[],
  account: string,
  context: Context,
): Promise<readonly string[]> {
  const loaded = await loadDeclaration(input, context);
  if (!loaded.ok || nameKey(loaded.value.account) !== nameKey(account)) return [];
  const declared = new Set(loaded.value.keys.map(({ name }) => nameKey(name)));
  return names.filter((name) => declared.has(nameKey(name)));
}
