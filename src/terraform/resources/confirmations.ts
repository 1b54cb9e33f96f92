import type { KeyChange } from "../../api/change-set.ts";
import { withRetry, type RetryPorts } from "../../api/retry.ts";
import type { KeyApi } from "../../api/key-api.ts";
import type { KeyId } from "../../core/api-key.ts";

/** Whose key it is. */
export interface Owner {
  readonly account: string;
  readonly project: string;
}

/** Confirms that a secret is held, and gives the key's revision after it. */
export type Confirm = (owner: Owner, key: KeyId, credential: string) => Promise<number>;

/** What confirming needs. */
export interface ConfirmPorts extends RetryPorts {
  readonly api: KeyApi;
  readonly newId: () => string;
}

/** How long a batch waits for more: Terraform asks for as many keys at a time as its parallelism says. */
const GATHER_MS = 5;

interface Waiting {
  readonly key: KeyId;
  readonly credential: string;
  readonly resolve: (revision: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** Confirms secrets, those that are asked for together in one change set. */
export function confirmations(ports: ConfirmPorts): Confirm {
  const batches = new Map<string, Waiting[]>();

  const flush = async (owner: Owner): Promise<void> => {
    const batch = batches.get(nameOf(owner)) ?? [];
    batches.delete(nameOf(owner));
    try {
      const revision = await confirmAll(owner, batch, ports);
      for (const { resolve } of batch) resolve(revision);
    } catch (failure) {
      for (const { reject } of batch) reject(failure);
    }
  };

  return (owner, key, credential) =>
    new Promise((resolve, reject) => {
      const batch = batches.get(nameOf(owner));
      const waiting = { key, credential, resolve, reject };
      if (batch !== undefined) {
        batch.push(waiting);
        return;
      }
      batches.set(nameOf(owner), [waiting]);
      setTimeout(() => void flush(owner), GATHER_MS);
    });
}

/** Names hold no slash. */
function nameOf({ account, project }: Owner): string {
  return `${account}/${project}`;
}

async function confirmAll(
  { account, project }: Owner,
  batch: readonly Waiting[],
  ports: ConfirmPorts,
): Promise<number> {
  const changes = batch.map(({ key, credential }): KeyChange => ({ action: "acknowledge", id: key, credential }));
  const message = `terraform: ${String(changes.length)} in state`;
  const changeSet = { id: ports.newId(), project, message, changes };
  const { revision } = await withRetry(() => ports.api.commit(account, changeSet), ports);
  return revision;
}
