import { adminCreateKey, adminListKeys, adminRevokeKey } from "./commands/admin.ts";
import { serve } from "./commands/serve.ts";
import type { CommandFunction } from "./run-command.ts";

export { runCommand } from "./run-command.ts";

/**
 * What runs on the server's own machine, by the names that the command table gives. It is a bundle of its own, so that
 * no other run pays for reading it.
 */
export const COMMANDS: Readonly<Record<string, CommandFunction>> = {
  serve,
  "admin-create-key": adminCreateKey,
  "admin-list-keys": adminListKeys,
  "admin-revoke-key": adminRevokeKey,
};
