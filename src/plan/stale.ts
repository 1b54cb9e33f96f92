import type { ApiKey, ChangeOrigin } from "../core/api-key.ts";
import { canonicalSpec } from "../core/canonical.ts";
import { nameKey } from "../core/key-name.ts";
import { attributesBefore } from "./attribute-change.ts";
import { lasting } from "./credential-plan.ts";
import { differingPaths, flatSpec } from "./flat-spec.ts";
import { NO_PLATFORM, type LiveState } from "./live-state.ts";
import type { DeleteKey, Plan, PlannedChange, PlannedCredential, UpdateKey } from "./plan.ts";

/** Something that a plan touches and that is no longer as the plan found it. */
export interface StaleObject {
  readonly object: "platform" | "account" | "key";
  /** The key's, account's or platform's name, as the plan knows it. */
  readonly name: string;
  readonly reason: "other-platform" | "other-account" | "account-gone" | "changed" | "gone" | "name-taken";
  /** Who moved it; null where nobody can be named. */
  readonly by: ChangeOrigin | null;
  /** What moved: attribute paths, `name`, `managedBy` or `credentials`. Empty if it was moved and moved back. */
  readonly fields: readonly string[];
}

/**
 * Everything that moved since the plan was made, of what the plan touches; what moved elsewhere does not matter. Empty
 * if the plan may be applied. The platform checks each precondition once more when the change set is committed.
 */
export function checkStale(plan: Plan, live: LiveState): readonly StaleObject[] {
  const { url, instance } = plan.platform;
  if (instance !== live.platform.instance && instance !== NO_PLATFORM)
    return [moved("platform", url, "other-platform")];
  const { name } = plan.account;
  if (nameKey(name) !== nameKey(live.account.name)) return [moved("account", name, "other-account")];
  if (plan.account.action === "none" && !live.account.exists && plan.changes.length > 0) {
    return [moved("account", name, "account-gone")];
  }
  const byId = new Map(live.keys.map((key) => [key.id, key]));
  const byName = new Map(live.keys.map((key) => [nameKey(key.name), key]));
  const leaving = new Set(plan.changes.flatMap((change) => (leavesItsName(change) ? [change.id] : [])));
  return plan.changes.flatMap((change) => {
    const holder = byName.get(nameKey(change.name));
    if (change.action === "create") return takenBy(change.name, holder, leaving);
    const key = byId.get(change.id);
    if (change.action === "restore") {
      if (key === undefined) return takenBy(change.name, holder, leaving);
      return [{ ...moved("key", change.name, "changed"), by: key.lastChange, fields: [] }];
    }
    if (key === undefined) return [moved("key", change.name, "gone")];
    if (change.action !== "delete" && change.nameBefore !== null && holder?.id !== key.id) {
      const taken = takenBy(change.name, holder, leaving);
      if (taken.length > 0) return taken;
    }
    const fields = movedFields(change, key, plan.project);
    const same = key.revision === change.revision && !fields.includes("credentials");
    return same ? [] : [{ ...moved("key", change.name, "changed"), by: key.lastChange, fields }];
  });
}

function moved(object: StaleObject["object"], name: string, reason: StaleObject["reason"]): StaleObject {
  return { object, name, reason, by: null, fields: [] };
}

/** True if the plan frees the live key's name. */
function leavesItsName(change: PlannedChange): change is UpdateKey | DeleteKey {
  if (change.action === "create") return false;
  return change.action === "delete" || change.nameBefore !== null;
}

function takenBy(name: string, holder: ApiKey | undefined, leaving: ReadonlySet<string>): readonly StaleObject[] {
  if (holder === undefined || leaving.has(holder.id)) return [];
  return [{ ...moved("key", name, "name-taken"), by: holder.lastChange, fields: ["name"] }];
}

function movedFields(change: UpdateKey | DeleteKey, key: ApiKey, project: string): readonly string[] {
  const isDelete = change.action === "delete";
  const expected = attributesBefore(isDelete ? change.before : change.after, isDelete ? [] : change.attributes);
  const fields = [...differingPaths(expected, flatSpec(canonicalSpec(key.spec)))];
  if (key.name !== (isDelete ? change.name : (change.nameBefore ?? change.name))) fields.push("name");
  if ((key.managedBy?.project ?? null) !== managerBefore(change, project, key)) fields.push("managedBy");
  if (!isDelete && change.credential !== null && !isAsPlanned(change.credential, key)) {
    fields.push("credentials");
  }
  return fields;
}

/** The project that the plan found the key with. A change that an undo makes leaves that to the revision. */
function managerBefore(change: UpdateKey | DeleteKey, project: string, key: ApiKey): string | null {
  if (change.action === "adopt") return null;
  if (change.action === "take-over") return change.takenFrom ?? null;
  return change.reason === "undone" ? (key.managedBy?.project ?? null) : project;
}

/** True if the credentials that last are the very ones that the plan saw; those that retire meanwhile do not matter. */
function isAsPlanned({ unconfirmed, retires }: PlannedCredential, key: ApiKey): boolean {
  const now = lasting(key.credentials);
  const same = (planned: readonly string[], found: readonly { readonly id: string }[]): boolean =>
    planned.length === found.length && found.every(({ id }) => planned.includes(id));
  return (
    same(
      unconfirmed.map(({ id }) => id),
      now.unconfirmed,
    ) && same(retires, now.confirmed)
  );
}
