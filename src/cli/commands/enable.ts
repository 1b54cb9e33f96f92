import type { KeyChange } from "../../api/change-set.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import { sentence, shown } from "../../report/shown.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import { commitByHand } from "../commit-by-hand.ts";
import type { Context } from "../context.ts";
import { loadDeclaration } from "../declaration.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

interface SwitchInput extends AccountInput {
  readonly name: string;
}

/** `algokeys disable`: refuses every call with a key from now on; its credentials stay, and `enable` undoes it. */
export async function disable(input: SwitchInput, context: Context): Promise<ExitCode> {
  return await turn(false, input, context);
}

/** `algokeys enable`: lets a key in again that was disabled. */
export async function enable(input: SwitchInput, context: Context): Promise<ExitCode> {
  return await turn(true, input, context);
}

async function turn(enabled: boolean, input: SwitchInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input.name, live.account.name);
  const name = shown(key.name);
  const word = enabled ? "enabled" : "disabled";
  const said = await declarationText(key, enabled, input, context);
  if (key.spec.enabled === enabled) {
    context.stdout.write(sentence`${name} is ${word} already.${said}\n`);
    return EXIT.ok;
  }
  const change: KeyChange = { action: "update", id: key.id, revision: key.revision, spec: { ...key.spec, enabled } };
  await commitByHand(input, live.account.name, change, `${enabled ? "enable" : "disable"} ${key.name}`, context);
  const effect = enabled ? "Calls with it are judged as its spec says" : "Every call with it is refused from now on";
  context.stdout.write(sentence`${name} is ${word}. ${effect}; its credentials stay as they are.${said}\n`);
  return EXIT.ok;
}

/** What the declaration at hand says of it, because the next apply goes by that. */
async function declarationText(key: ApiKey, enabled: boolean, input: SwitchInput, context: Context): Promise<string> {
  if (key.managedBy === null) return "";
  const { project } = key.managedBy;
  // Standard input was read for the account already, and cannot be read twice.
  const result = input.file?.includes("-") === true ? undefined : await loadDeclaration(input, context);
  const manifest = result?.ok === true && result.value.project === project ? result.value : undefined;
  const declared = manifest?.keys.find((one) => nameKey(one.name) === nameKey(key.name));
  if (declared === undefined) {
    return ` The next plan of ${shown(project)} shows it as drift, unless its declaration says \`enabled: ${String(enabled)}\`.`;
  }
  if (declared.spec.enabled === enabled) return " The declaration says so too.";
  const back = enabled ? "disables" : "enables";
  return ` The declaration says \`enabled: ${String(!enabled)}\`: the next apply ${back} it again. Write \`enabled: ${String(enabled)}\` there to keep it.`;
}
