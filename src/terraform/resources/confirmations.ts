import type { KeyChange } from "../../api/change-set.ts";
import { withRetry, type RetryPorts } from "../../api/retry.ts";
import type { KeyApi } from "../../api/key-api.ts";
import type { KeyId } from "../../core/api-key.ts";

/** Confirms that a secret is held, and gives the key's revision after it. */
export type Confirm = (account: string, key: KeyId, credential: string) => Promise<number>;

/** What confirming needs. */
export interface ConfirmPorts extends RetryPorts {
  readonly api: KeyApi;
  readonly project: string;
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

  const flush = async (account: string): Promise<void> => {
    const batch = batches.get(account) ?? [];
    batches.delete(account);
    try {
      const revision = await confirmAll(account, batch, ports);
      for (const { resolve } of batch) resolve(revision);
    } catch (failure) {
      for (const { reject } of batch) reject(failure);
    }
  };

  return (account, key, credential) =>
    new Promise((resolve, reject) => {
      const batch = batches.get(account);
      const waiting = { key, credential, resolve, reject };
      if (batch !== undefined) {
        batch.push(waiting);
        return;
      }
      batches.set(account, [waiting]);
      setTimeout(() => void flush(account), GATHER_MS);
    });
}

async function confirmAll(account: string, batch: readonly Waiting[], ports: ConfirmPorts): Promise<number> {
  const changes = batch.map(({ key, credential }): KeyChange => ({ action: "acknowledge", id: key, credential }));
  const message = `terraform: ${String(changes.length)} in state`;
  const changeSet = { id: ports.newId(), project: ports.project, message, changes };
  const { revision } = await withRetry(() => ports.api.commit(account, changeSet), ports);
  return revision;
}
