import { randomBytes } from "node:crypto";
import { accountCreate } from "./commands/account-create.ts";
import { apply } from "./commands/apply.ts";
import { destroy } from "./commands/destroy.ts";
import { exportKeys } from "./commands/export.ts";
import { init } from "./commands/init.ts";
import { keysGet, keysList } from "./commands/keys-list.ts";
import { keysRestore, keysSet } from "./commands/keys-set.ts";
import { plan } from "./commands/plan.ts";
import { schema } from "./commands/schema.ts";
import { show } from "./commands/show.ts";
import { tryKey } from "./commands/try.ts";
import { validate } from "./commands/validate.ts";
import { version } from "./commands/version.ts";
import type { Context, World } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";
import { describeFailure, failureText } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";
import { styleFor } from "./output.ts";

type CommandFunction = (input: never, context: Context) => ExitCode | Promise<ExitCode>;

/** Every command by the name that the command table gives it. */
const COMMANDS: Readonly<Record<string, CommandFunction>> = {
  init,
  validate,
  plan,
  apply,
  destroy,
  export: exportKeys,
  show,
  "keys-list": keysList,
  "keys-get": keysGet,
  "keys-set": keysSet,
  "keys-restore": keysRestore,
  try: tryKey,
  "account-create": accountCreate,
  schema,
  version,
};

/**
 * Runs one command with what the command table parsed, which fits the command's own input type by construction. Failures
 * of the user and of the world become a message and an exit code here; a bug goes on to `main`.
 */
export async function runCommand(
  name: string,
  input: Readonly<Record<string, unknown>>,
  world: World,
): Promise<ExitCode> {
  const context: Context = Object.create(world, {
    random: { value: (count: number) => randomBytes(count) },
  }) as Context;
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`no command ${name}`);
  try {
    return await command(input as never, context);
  } catch (error) {
    const failure = describeFailure(error, context.signal);
    if (failure === undefined) throw error;
    if (typeof failure === "number") return failure;
    const style = styleFor(context.stderr, input as unknown as GlobalOptions, context);
    context.stderr.write(failureText(failure.summary, failure.notes, style));
    return failure.exitCode;
  }
}
