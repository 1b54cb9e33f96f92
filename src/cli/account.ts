import type { ApiKey } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import { printable } from "../core/printable.ts";
import { suggest } from "../core/suggest.ts";
import type { LiveState } from "../plan/live-state.ts";
import type { Context } from "./context.ts";
import type { Manifest } from "../core/manifest.ts";
import { loadDeclaration } from "./declaration.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import type { DeclarationOptions, GlobalOptions } from "./options.ts";
import { readLiveState } from "./platform.ts";
import { platformUrl } from "./platform-url.ts";

/** How a command that looks at live keys names their account: by option, or by the declaration at hand. */
export interface AccountInput extends GlobalOptions, DeclarationOptions {
  readonly account?: string;
}

/** The live keys of the account that the arguments name; ends the command if there is no such account. */
export async function readAccount(input: AccountInput, context: Context): Promise<LiveState> {
  const url = platformUrl(input, context);
  const account = input.account ?? (await declaredOwner(input, context)).account;
  const live = await readLiveState(url, account, context);
  if (!live.account.exists) {
    throw new CommandFailure(EXIT.error, `there is no account ${account} at ${url}`, {
      fix: "Check --account and --platform; the first `algokeys apply` makes the account.",
    });
  }
  return live;
}

/** The account and project that the declaration at hand names; what else it says does not matter here. */
export async function declaredOwner(
  input: AccountInput,
  context: Context,
): Promise<Pick<Manifest, "account" | "project">> {
  const result = await loadDeclaration(input, context);
  if (result.ok) return result.value;
  const first = result.diagnostics.find(({ severity }) => severity === "error");
  throw new CommandFailure(EXIT.usage, "no --account is stated, and there is no valid declaration that names it", {
    detail: first?.summary,
    fix: "Add --account NAME, or see all that is wrong with: algokeys validate",
  });
}

/** The key of that name among some, ignoring case, or the end of the command with the nearest name. */
export function findKey(keys: readonly ApiKey[], name: string, account: string): ApiKey {
  const key = keys.find((candidate) => nameKey(candidate.name) === nameKey(name));
  if (key !== undefined) return key;
  const names = keys.map((candidate) => candidate.name);
  const near = suggest(name, names);
  throw new CommandFailure(EXIT.error, `account ${account} has no key ${name}`, {
    fix: near === undefined ? "See them all with: algokeys keys list" : `Did you mean ${printable(near)}?`,
  });
}
