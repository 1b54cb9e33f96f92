import type { KeyChange } from "../api/change-set.ts";
import { KeyApiError } from "../api/errors.ts";
import type { KeyApi } from "../api/key-api.ts";
import type { KeyId } from "../core/api-key.ts";
import type { Plan } from "../plan/plan.ts";
import { withRetry, type RetryPorts } from "../api/retry.ts";

/** In whose name is confirmed, and under which lease. */
interface Confirming extends Pick<Plan, "account" | "project"> {
  readonly fence: number | undefined;
}

/** A credential whose secret arrived everywhere. */
export interface Arrived {
  readonly key: string;
  readonly id: KeyId;
  readonly credential: string;
  /** Credentials of the key that nobody holds: they go in the same change set, so never before it is confirmed. */
  readonly revokes: readonly string[];
}

/** What came of telling the platform. */
export interface Acknowledgement {
  readonly keys: readonly string[];
  /** The account's revision afterwards; null if nothing was written. */
  readonly revision: number | null;
  /** The change set that told it; null if nothing was written. */
  readonly changeSet: string | null;
  /** Why some keys, or all, could not be confirmed; null if all were. */
  readonly error: KeyApiError | null;
}

/**
 * Tells the platform, in one change set, whose secrets arrived. If it refuses some of them, because somebody changed
 * those keys in the meantime, the others are told once more without them.
 */
export async function acknowledge(
  arrived: readonly Arrived[],
  plan: Confirming,
  api: KeyApi,
  newId: () => string,
  ports: RetryPorts,
): Promise<Acknowledgement> {
  try {
    return { ...(await commitAll(arrived, plan, api, newId(), ports)), error: null };
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error;
    const owners = arrived.flatMap((one, index) => changesOf(one).map(() => index));
    const refused = new Set(error.problems.map((problem) => owners[problem.change] ?? -1));
    const rest = arrived.filter((_, index) => !refused.has(index));
    if (refused.size === 0 || rest.length === 0) return { keys: [], revision: null, changeSet: null, error };
    try {
      return { ...(await commitAll(rest, plan, api, newId(), ports)), error };
    } catch (again) {
      if (!(again instanceof KeyApiError)) throw again;
      return { keys: [], revision: null, changeSet: null, error: again };
    }
  }
}

async function commitAll(
  arrived: readonly Arrived[],
  { account, project, fence }: Confirming,
  api: KeyApi,
  id: string,
  ports: RetryPorts,
): Promise<Omit<Acknowledgement, "error">> {
  const changes = arrived.flatMap(changesOf);
  const message = `apply: ${String(arrived.length)} delivered`;
  const changeSet = { id, project, message, changes, ...(fence === undefined ? {} : { fence }) };
  const { revision } = await withRetry(() => api.commit(account.name, changeSet), ports);
  return { keys: arrived.map(({ key }) => key), revision, changeSet: id };
}

/** Revocations first: only the newest credential that is not revoked can be acknowledged. */
function changesOf({ id, credential, revokes }: Arrived): readonly KeyChange[] {
  const gone = revokes.map((revoked): KeyChange => ({ action: "revoke-credential", id, credential: revoked }));
  return [...gone, { action: "acknowledge", id, credential }];
}
