import type { ChangeSet, CommitResult } from "../../api/change-set.ts";
import { KeyApiError } from "../../api/errors.ts";
import { withRetry } from "../../api/retry.ts";
import { nameKey } from "../../core/key-name.ts";
import { DEFAULT_KEY_NAME } from "../../core/key-spec.ts";
import type { Connection } from "./connection.ts";

/** What is written to an account in one change set. */
export interface Write extends Omit<ChangeSet, "id"> {
  readonly account: string;
}

/**
 * Commits with one id through all tries, so that a lost answer never makes two of anything. An account that is not there
 * is made, if keys are to be made in it.
 */
export async function commitAs(connection: Connection, { account, ...content }: Write): Promise<CommitResult> {
  const changeSet = { id: connection.newId(), ...content, message: content.message.slice(0, MAX_MESSAGE) };
  const attempt = (): Promise<CommitResult> => withRetry(() => connection.api.commit(account, changeSet), connection);
  try {
    return await attempt();
  } catch (failure) {
    const creates = content.changes.flatMap((change) => (change.action === "create" ? [nameKey(change.name)] : []));
    if (creates.length === 0 || !(failure instanceof KeyApiError) || failure.code !== "not-found") throw failure;
    await makeAccount(connection, account, creates.includes(nameKey(DEFAULT_KEY_NAME)));
    return await attempt();
  } finally {
    connection.live.forget(account);
  }
}

const MAX_MESSAGE = 500;

async function makeAccount(connection: Connection, name: string, withDefaultKey: boolean): Promise<void> {
  const defaultKey = withDefaultKey ? "none" : "without-credential";
  try {
    await withRetry(() => connection.api.createAccount({ name, defaultKey }), connection);
  } catch (failure) {
    // Another block made it in the meantime.
    if (!(failure instanceof KeyApiError) || failure.code !== "conflict") throw failure;
  }
}
