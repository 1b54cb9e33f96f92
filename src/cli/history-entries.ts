import type { ChangeSetRecord, RecordedChange } from "../api/change-set.ts";
import { attributeChanges } from "../plan/attribute-change.ts";
import type { HistoryChange, HistoryEntry } from "../report/history-view.ts";

/** A change set of the record with what each of its changes did. */
export function historyEntry(
  { id, revision, committedAt, actor, from, address, project, message }: ChangeSetRecord,
  changes: readonly RecordedChange[],
  account: string,
): HistoryEntry {
  return {
    id,
    revision,
    committedAt,
    actor,
    from,
    address,
    project,
    message,
    changes: changes.map((one) => historyChange(one, account)),
  };
}

function historyChange({ action, id, credential, before, after }: RecordedChange, account: string): HistoryChange {
  const [owner, ownerAfter] = [before?.managedBy?.project ?? null, after.managedBy?.project ?? null];
  return {
    action,
    id,
    name: after.name,
    nameBefore: before === null || before.name === after.name ? null : before.name,
    credential,
    attributes: before === null ? [] : attributeChanges(before.spec, after.spec, account),
    ownership: before === null || owner === ownerAfter ? null : { before: owner, after: ownerAfter },
  };
}
