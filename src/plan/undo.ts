import type { ApiKey, KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { attributeChanges, plannedSpec } from "./attribute-change.ts";
import type { PlanMoment } from "./compute-plan.ts";
import { guardPlan } from "./guard.ts";
import type { LiveState } from "./live-state.ts";
import type { PlanOptions } from "./plan-options.ts";
import { PLAN_ACTIONS, type Plan, type PlannedChange, type Refusal, type UpdateKey } from "./plan.ts";

/** A key as history keeps it. */
export interface KeyThen {
  readonly name: string;
  readonly spec: KeySpec;
  readonly managedBy: { readonly project: string } | null;
  readonly deletedAt: string | null;
}

/** One change that history tells of. */
export interface PastChange {
  readonly action: string;
  readonly id: KeyId;
  readonly credential: string | null;
  readonly before: KeyThen | null;
  readonly after: KeyThen;
}

/** What is to be undone: a change set, in whose name, and of which keys that still can be found. */
export interface UndoRequest {
  readonly changeSet: string;
  readonly changes: readonly PastChange[];
  /** The project in whose name the plan is made. */
  readonly project: string;
  readonly live: LiveState;
  /** Deleted keys that can still be restored. */
  readonly deleted: readonly ApiKey[];
}

/** A plan that takes a change set back, and in sentences what of it cannot be taken back. */
export interface Undo {
  readonly plan: Plan;
  readonly notes: readonly string[];
}

/** What one key comes to. */
interface Inverse {
  readonly change?: PlannedChange;
  readonly conflict?: Refusal;
  readonly notes?: readonly string[];
}

/**
 * Plans the inverse of a change set: what it made is deleted, what it deleted comes back, what it changed is as before. A
 * key that was changed since is a conflict, which refuses the plan, because undoing would take that change back too.
 * Credentials and ownership are never touched: notes say what is left to do by hand.
 */
export function planUndo(request: UndoRequest, options: PlanOptions, made: PlanMoment): Undo {
  const { live, project, changeSet } = request;
  const spans = spansOf(request.changes);
  const inverses = [...spans].map(([id, span]) => inverseOf(id, span, request, new Set(spans.keys())));
  const changes = inverses.flatMap(({ change }) => (change === undefined ? [] : [change])).sort(byActionThenName);
  const guarded = { project, live, matches: [], blocked: [], changes, now: made.createdAt };
  const conflicts = inverses.flatMap(({ conflict }) => (conflict === undefined ? [] : [conflict]));
  return {
    plan: {
      ...emptyPlan(live, project, made),
      undoes: changeSet,
      changes,
      refusals: [...conflicts, ...guardPlan(guarded, options)],
    },
    notes: inverses.flatMap(({ notes }) => notes ?? []),
  };
}

/** A plan that brings deleted keys back with their credentials, and does nothing else. */
export function planRestore(keys: readonly ApiKey[], project: string, live: LiveState, made: PlanMoment): Plan {
  return { ...emptyPlan(live, project, made), part: "restore", changes: keys.map(restoration).sort(byActionThenName) };
}

/** A plan of an account's live keys that has nothing to do with a declaration. */
function emptyPlan(live: LiveState, project: string, { createdAt }: PlanMoment): Plan {
  const { name, revision } = live.account;
  return {
    formatVersion: 1,
    createdAt,
    platform: live.platform,
    account: { name, action: "none", revision },
    project,
    declaration: { files: [], digest: "none" },
    changes: [],
    unchanged: 0,
    drift: [],
    unmanaged: [],
    secretsDue: [],
    refusals: [],
  };
}

/** What a change set did to one key altogether. */
interface Span {
  readonly before: KeyThen | null;
  readonly after: KeyThen;
  readonly issued: number;
  readonly revoked: number;
}

function spansOf(changes: readonly PastChange[]): ReadonlyMap<KeyId, Span> {
  const spans = new Map<KeyId, Span>();
  for (const { action, id, before, after } of changes) {
    const span = spans.get(id) ?? { before, after, issued: 0, revoked: 0 };
    spans.set(id, {
      ...span,
      after,
      issued: span.issued + Number(action === "add-credential"),
      revoked: span.revoked + Number(action === "revoke-credential"),
    });
  }
  return spans;
}

function inverseOf(id: KeyId, span: Span, request: UndoRequest, touched: ReadonlySet<KeyId>): Inverse {
  const { live, deleted } = request;
  const { before, after } = span;
  const key = live.keys.find((candidate) => candidate.id === id);
  const notes = notesOf(span);
  if (after.deletedAt !== null && before !== null && before.deletedAt === null) {
    if (key !== undefined) return { notes: [`${key.name} is live again already.`] };
    const gone = deleted.find((candidate) => candidate.id === id);
    if (gone === undefined) return { notes: [`${after.name} was deleted too long ago: it cannot be restored.`] };
    const holder = live.keys.find(({ name }) => nameKey(name) === nameKey(gone.name));
    return holder === undefined ? { change: restoration(gone), notes } : { conflict: nameTaken(gone.name, holder) };
  }
  if (key === undefined) {
    const name = after.name;
    if (before === null) return { notes: [`${name} is deleted already.`] };
    return {
      conflict: conflict(
        name,
        `${JSON.stringify(name)} was deleted since`,
        `Restore it first: algokeys restore ${name}`,
      ),
    };
  }
  const since = attributeChanges(after.spec, key.spec, live.account.name);
  if (since.length > 0 || key.name !== after.name)
    return {
      conflict: changedSince(
        key,
        since.map(({ path }) => path),
      ),
    };
  if (before?.deletedAt !== null) {
    const { revision, name, spec } = key;
    return { change: { action: "delete", id, revision, name, reason: "undone", before: plannedSpec(spec) } };
  }
  const holder = live.keys.find(({ name }) => nameKey(name) === nameKey(before.name));
  if (holder !== undefined && holder.id !== id && !touched.has(holder.id))
    return { conflict: nameTaken(before.name, holder) };
  const change = updateBack(key, before, live.account.name);
  return change === undefined ? { notes } : { change, notes };
}

function updateBack(key: ApiKey, before: KeyThen, account: string): UpdateKey | undefined {
  const attributes = attributeChanges(key.spec, before.spec, account);
  const renamed = key.name !== before.name;
  if (attributes.length === 0 && !renamed) return undefined;
  return {
    action: renamed ? "rename" : "update",
    id: key.id,
    revision: key.revision,
    name: before.name,
    nameBefore: renamed ? key.name : null,
    reason: "undone",
    attributes,
    after: plannedSpec(before.spec),
    credential: null,
  };
}

function restoration(key: ApiKey): UpdateKey {
  const { id, revision, name, spec } = key;
  const stays = { nameBefore: null, attributes: [], credential: null } as const;
  return { action: "restore", id, revision, name, reason: "deleted", after: plannedSpec(spec), ...stays };
}

/** What an undo leaves as it is. */
function notesOf({ before, after, issued, revoked }: Span): readonly string[] {
  const notes: string[] = [];
  const { name } = after;
  if (revoked > 0)
    notes.push(`A credential of ${name} was revoked: that cannot be undone, whoever held it needs another.`);
  if (issued > 0 && before !== null)
    notes.push(`A secret was issued for ${name}: it goes on working until it is revoked.`);
  const [from, to] = [before?.managedBy?.project ?? null, after.managedBy?.project ?? null];
  if (before === null || from === to) return notes;
  if (from === null)
    notes.push(`${name} stays with the project ${String(to)}: to let go of it, algokeys forget ${name}.`);
  else if (to === null)
    notes.push(`Nobody manages ${name} now: the project ${from} takes it back with algokeys plan --adopt.`);
  else notes.push(`${name} stays with the project ${to}: ${from} takes it back with algokeys plan --takeover ${to}.`);
  return notes;
}

function changedSince(key: ApiKey, fields: readonly string[]): Refusal {
  const { actor, project, at, changeSet } = key.lastChange;
  const who = `${actor}${project === null ? "" : ` for ${project}`} at ${at}`;
  const what = fields.length === 0 ? "its name" : fields.join(", ");
  return conflict(
    key.name,
    `${JSON.stringify(key.name)} was changed since (${what}), last by ${who}`,
    `Undo that first (algokeys undo ${changeSet}), or set the key by hand: algokeys keys set ${key.name} FIELD=VALUE`,
  );
}

function nameTaken(name: string, holder: ApiKey): Refusal {
  const summary = `${JSON.stringify(name)} cannot come back: another live key has that name now`;
  return conflict(name, summary, `Rename or delete ${JSON.stringify(holder.name)} first.`);
}

function conflict(name: string, summary: string, fix: string): Refusal {
  return { code: "changed-since", keys: [name], summary, fix };
}

function byActionThenName(left: PlannedChange, right: PlannedChange): number {
  const order = PLAN_ACTIONS.indexOf(left.action) - PLAN_ACTIONS.indexOf(right.action);
  return order || (nameKey(left.name) < nameKey(right.name) ? -1 : 1);
}
