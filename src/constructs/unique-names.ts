import type { TerraformStack } from "#cdk";
import { nameKey } from "../core/key-name.ts";
import type { ApiKey } from "./api-key.ts";
import { isKnownLater } from "./literal.ts";

/** The keys of each stack, in the order of their making. */
const keysOf = new WeakMap<TerraformStack, ApiKey[]>();

/** Has a stack's synthesis end at two keys of one name in one account, as far as names are known; both are told of. */
export function watchNames(key: ApiKey): void {
  const stack = key.cdktfStack;
  const known = keysOf.get(stack);
  if (known !== undefined) {
    known.push(key);
    return;
  }
  const keys = [key];
  keysOf.set(stack, keys);
  stack.node.addValidation({ validate: () => repeated(keys) });
}

function repeated(keys: readonly ApiKey[]): string[] {
  const first = new Map<string, ApiKey>();
  const found: string[] = [];
  for (const key of keys) {
    const { name, account = "" } = key.fields;
    if (typeof name !== "string" || isKnownLater(name) || key.hasResourceMove() !== undefined) continue;
    const place = JSON.stringify([key.provider?.fqn ?? "", nameKey(account), nameKey(name)]);
    const other = first.get(place);
    if (other === undefined) first.set(place, key);
    else
      found.push(
        `${other.node.path} and ${key.node.path} are both named ${JSON.stringify(name)}. Names differ in more than case.`,
      );
  }
  return found;
}
