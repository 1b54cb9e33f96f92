import type { ChangeSetRecord, RecordedChange } from "../api/change-set.ts";
import { MAX_PAGE, type CallOptions, type ChangePage, type ChangeSetPage, type KeyApi } from "../api/key-api.ts";

/** An account's change sets, newest first; pages are read as they are needed. */
export async function* readHistory(
  api: KeyApi,
  account: string,
  options: CallOptions & { readonly page?: number },
): AsyncGenerator<ChangeSetRecord, void, void> {
  let cursor: string | null = null;
  do {
    const query = { limit: options.page ?? MAX_PAGE, ...(cursor === null ? {} : { cursor }) };
    const page: ChangeSetPage = await api.listChangeSets(account, query, options);
    yield* page.changeSets;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** All changes of a change set, in their order. Throws `not-found`. */
export async function readChanges(
  api: KeyApi,
  account: string,
  changeSet: string,
  options: CallOptions,
): Promise<readonly RecordedChange[]> {
  const changes: RecordedChange[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: MAX_PAGE, ...(cursor === null ? {} : { cursor }) };
    const page: ChangePage = await api.listChanges(account, changeSet, query, options);
    changes.push(...page.changes);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return changes;
}
