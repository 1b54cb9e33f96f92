import { RESTORE_DAYS, type ApiKey } from "../../core/api-key.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { Owner } from "./confirmations.ts";
import type { Connection } from "./connection.ts";
import { warning } from "./diagnostics.ts";

/** How many keys are told one by one; each is asked for. */
const MOST_TOLD = 5;

/** What is said of keys of a project that the state tells of and that live no more, or under another project: who did it. */
export async function deletedKeys(
  connection: Connection,
  { account, project }: Owner,
  live: readonly ApiKey[],
  state: CtyRecord,
): Promise<readonly ProviderDiagnostic[]> {
  const here = new Set(live.map(({ id }) => id));
  const known = Object.entries((state["ids"] ?? {}) as Readonly<Record<string, string>>);
  const lost = known.filter(([, id]) => !here.has(id));
  if (lost.length === 0) return [];
  const told = lost.slice(0, MOST_TOLD).map(async ([name, id]) => {
    const key = await connection.live.byId(account, id);
    if (key === undefined) return `  ${name}: it was deleted more than ${String(RESTORE_DAYS)} days ago.`;
    const { actor, at } = key.lastChange;
    if (key.deletedAt !== null) return `  ${name}: ${actor} deleted it at ${at}.`;
    const manager = key.managedBy === null ? "nobody manages it now" : `${key.managedBy.project} manages it now`;
    return `  ${name}: ${manager} (last change: ${actor}, ${at}).`;
  });
  const lines = await Promise.all(told);
  if (lost.length > MOST_TOLD) lines.push(`  and ${String(lost.length - MOST_TOLD)} more.`);
  const example = lost[0]?.[0] ?? "";
  const detail =
    `${lines.join("\n")}\n\nApplying makes another key for each that is declared, with another secret. To have one back with its ` +
    `secret, run \`algokeys keys restore ${example}\` within ${String(RESTORE_DAYS)} days, and plan again.`;
  const summary = lost.length === 1 ? `The key ${example} was` : `${String(lost.length)} keys were`;
  return [warning(`${summary} deleted outside Terraform, or taken out of ${project}`, detail)];
}
