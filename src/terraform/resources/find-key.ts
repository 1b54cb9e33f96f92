import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import { suggest } from "../../core/suggest.ts";
import { attribute, type Attributes } from "../framework/attribute.ts";
import type { Attempt } from "../framework/provider-definition.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";

/** By what a data source finds a key. */
export const FINDING_ATTRIBUTES: Attributes = {
  name: attribute("string", "author-or-provider", "The key's name, ignoring case. State this or `id`."),
  id: attribute("string", "author-or-provider", "The platform's id of the key. State this or `name`."),
  account: attribute(
    "string",
    "author-or-provider",
    "The account that owns the key. Default: the provider's `account`.",
  ),
};

/** Checks that one of the two is stated. */
export function checkFinding({ name, id }: CtyRecord): readonly ProviderDiagnostic[] {
  if ((name === null) !== (id === null)) return [];
  const detail = 'Write name = "storefront-web", or the id that the platform gave it.';
  return [error(name === null ? "No key is named" : "A key is named twice", detail, "name")];
}

/** The account that a configuration names, or the provider's. */
export function accountOf(config: CtyRecord, connection: Connection): Attempt<string> {
  const account = typeof config["account"] === "string" ? config["account"] : connection.account;
  if (account !== null) return { ok: true, value: account, diagnostics: [] };
  const detail = "State `account` here, or for every key in the provider's configuration.";
  return { ok: false, diagnostics: [error("No account is stated", detail, "account")] };
}

/** The live key that a configuration names. */
export async function findKey(config: CtyRecord, connection: Connection): Promise<Attempt<ApiKey>> {
  const account = accountOf(config, connection);
  if (!account.ok) return account;
  const { keys } = await connection.live.list(account.value);
  const { id, name } = config;
  const found = keys.find((key) =>
    typeof id === "string" ? key.id === id : nameKey(key.name) === nameKey(name as string),
  );
  if (found !== undefined) return { ok: true, value: found, diagnostics: [] };
  const meant =
    typeof name === "string"
      ? suggest(
          name,
          keys.map((key) => key.name),
        )
      : undefined;
  const detail = meant === undefined ? "Check its name and the account." : `Did you mean ${meant}?`;
  const asked = typeof id === "string" ? `id ${id}` : (name as string);
  const summary = `The account ${account.value} has no live key ${asked}`;
  return { ok: false, diagnostics: [error(summary, detail, typeof id === "string" ? "id" : "name")] };
}
