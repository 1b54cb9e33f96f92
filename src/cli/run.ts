import { accountCreate } from "./commands/account-create.ts";
import { apply } from "./commands/apply.ts";
import { destroy } from "./commands/destroy.ts";
import { disable, enable } from "./commands/enable.ts";
import { drift, driftAccept, driftRevert } from "./commands/drift.ts";
import { exportKeys } from "./commands/export.ts";
import { forget } from "./commands/forget.ts";
import { history } from "./commands/history.ts";
import { importKeys } from "./commands/import.ts";
import { init } from "./commands/init.ts";
import { keysGet, keysList } from "./commands/keys-list.ts";
import { keysRestore } from "./commands/keys-restore.ts";
import { keysSet } from "./commands/keys-set.ts";
import { plan } from "./commands/plan.ts";
import { revoke } from "./commands/revoke.ts";
import { rotate } from "./commands/rotate.ts";
import { restore } from "./commands/restore.ts";
import { scan } from "./commands/scan.ts";
import { schema } from "./commands/schema.ts";
import { show } from "./commands/show.ts";
import { terraformInstall } from "./commands/terraform-install.ts";
import { tryKey } from "./commands/try.ts";
import { undo } from "./commands/undo.ts";
import { validate } from "./commands/validate.ts";
import { version } from "./commands/version.ts";
import type { CommandFunction } from "./run-command.ts";

export { failureJson } from "../report/failure-json.ts";
export { runCommand } from "./run-command.ts";

/** What works on keys, by the names that the command table gives. */
export const COMMANDS: Readonly<Record<string, CommandFunction>> = {
  init,
  validate,
  plan,
  apply,
  destroy,
  rotate,
  revoke,
  disable,
  enable,
  export: exportKeys,
  show,
  "keys-list": keysList,
  "keys-get": keysGet,
  "keys-set": keysSet,
  "keys-restore": keysRestore,
  drift,
  "drift-accept": driftAccept,
  "drift-revert": driftRevert,
  forget,
  history,
  import: importKeys,
  scan,
  undo,
  restore,
  try: tryKey,
  "terraform-install": terraformInstall,
  "account-create": accountCreate,
  schema,
  version,
};
