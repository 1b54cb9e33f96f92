import { KeyApiError } from "../api/errors.ts";
import type { KeyApi } from "../api/key-api.ts";
import { withRetry, type RetryPorts } from "../api/retry.ts";
import { nameKey } from "../core/key-name.ts";
import { DEFAULT_KEY_NAME } from "../core/key-spec.ts";
import type { Plan } from "../plan/plan.ts";

/** What making an account needs of the world. */
interface AccountPorts extends RetryPorts {
  readonly api: Pick<KeyApi, "createAccount" | "getAccount">;
}

/** True if it made the account. One that is there already is as good, if nobody wrote to it: {@link checkUntouched}. */
export async function makeAccount(plan: Plan, { api, signal, sleep, random }: AccountPorts): Promise<boolean> {
  if (plan.account.action === "none") return false;
  const account = {
    name: plan.account.name,
    defaultKey: declaresDefaultKey(plan) ? ("none" as const) : ("without-credential" as const),
  };
  try {
    await withRetry(() => api.createAccount(account, { signal }), { sleep, random, signal });
    return true;
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "conflict") return false;
    throw error;
  }
}

function declaresDefaultKey({ changes }: Plan): boolean {
  return changes.some((change) => nameKey(change.name) === nameKey(DEFAULT_KEY_NAME));
}

/**
 * An account that was not there when the plan was made had no lease to take either: whoever made it meanwhile may have
 * written keys, and their secrets, of which the plan knows nothing. Throws `stale` then.
 */
export async function checkUntouched(plan: Plan, { api, signal }: AccountPorts): Promise<void> {
  if (plan.account.action === "none") return;
  const { name, revision } = await api.getAccount(plan.account.name, { signal });
  if (revision <= (declaresDefaultKey(plan) ? 0 : 1)) return;
  throw new KeyApiError(
    "stale",
    `Another run made the account ${name} and wrote to it since this plan was made. Plan again.`,
  );
}
