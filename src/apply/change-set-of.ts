import type { ChangeSet, KeyChange, NewCredential } from "../api/change-set.ts";
import { specOf } from "../core/declared-spec.ts";
import { PLAN_ACTIONS, type Plan, type PlannedChange, type UpdateKey } from "../plan/plan.ts";

/**
 * A plan as the one change set that carries it out. `credentials` holds what was drawn for the planned credentials, by
 * key name; `room` the id of a credential that goes to make room for it. Names are freed before they are taken: deletes come
 * first, creates last.
 */
export function changeSetOf(
  plan: Plan,
  credentials: ReadonlyMap<string, NewCredential>,
  id: string,
  room: ReadonlyMap<string, string> = new Map(),
): ChangeSet {
  const changes = plan.changes.toSorted((left, right) => rank(left) - rank(right));
  return {
    id,
    project: plan.project,
    message: messageOf(plan),
    changes: changes.flatMap((change) => [
      ...roomFor(change, room.get(change.name)),
      ...keyChanges(change, plan.project, credentials.get(change.name) ?? null),
    ]),
  };
}

function rank({ action }: PlannedChange): number {
  if (action === "delete") return 0;
  return action === "create" ? 2 : 1;
}

function keyChanges(change: PlannedChange, project: string, credential: NewCredential | null): readonly KeyChange[] {
  switch (change.action) {
    case "create": {
      const { name, after, renamedFrom } = change;
      const from = renamedFrom === undefined ? {} : { renamedFrom };
      return [{ action: "create", name, spec: specOf(after), managedBy: { project }, credential, ...from }];
    }
    case "delete":
      return [{ action: "delete", id: change.id, revision: change.revision }];
    case "restore":
      return [{ action: "restore", id: change.id, revision: change.revision }];
    case "adopt":
    case "take-over":
    case "rename":
    case "update":
    case "issue":
      return [...updates(change, project), ...addition(change, credential)];
  }
}

/** The update of a live key, bearing only what changes; none if only its credential does. */
function updates(change: UpdateKey, project: string): readonly KeyChange[] {
  if (change.action === "issue") return [];
  return [
    {
      action: "update",
      id: change.id,
      revision: change.revision,
      ...(change.nameBefore === null ? {} : { name: change.name }),
      ...(change.attributes.length === 0 ? {} : { spec: specOf(change.after) }),
      ...(change.action === "adopt" || change.action === "take-over" ? { managedBy: { project } } : {}),
      ...(change.takenFrom === undefined ? {} : { takenFrom: change.takenFrom }),
    },
  ];
}

function addition({ id, revision, ...change }: UpdateKey, credential: NewCredential | null): readonly KeyChange[] {
  if (change.credential === null || credential === null) return [];
  return [{ action: "add-credential", id, revision, credential }];
}

function roomFor(change: PlannedChange, credential: string | undefined): readonly KeyChange[] {
  if (credential === undefined || change.action === "create") return [];
  return [{ action: "revoke-credential", id: change.id, credential }];
}

/** What history says of it: how many keys were changed in which way. */
function messageOf(plan: Plan): string {
  const counts = PLAN_ACTIONS.flatMap((action) => {
    const changes = plan.changes.filter((change) => change.action === action);
    const count = `${String(changes.length)} to ${action}`;
    if (action !== "take-over") return changes.length === 0 ? [] : [count];
    return changes
      .flatMap((change) => ("takenFrom" in change ? [`${count} from ${change.takenFrom}`] : []))
      .slice(0, 1);
  });
  const what = plan.part ?? (plan.undoes === undefined ? "apply" : `undo ${plan.undoes}`);
  return `${what}: ${counts.join(", ")}`;
}
