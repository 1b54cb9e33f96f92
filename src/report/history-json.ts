import { planOf, viaOf, type HistoryEntry } from "./history-view.ts";
import { jsonDocument } from "./shown.ts";

/** History for programs: `$defs/history` of `schemas/report.schema.json`. */
export function historyJson(account: string, entries: readonly HistoryEntry[], complete: boolean): string {
  const changeSets = entries.map(({ id, revision, committedAt, actor, from, address, project, message, changes }) => {
    const how = { via: viaOf({ id, project, message }), plan: planOf(id) };
    return { id, revision, committedAt, actor, from, address, project, message, ...how, changes };
  });
  return jsonDocument({ formatVersion: 1, account, changeSets, complete });
}
