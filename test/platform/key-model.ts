import type { ChangeSet, CommitResult, KeyChange } from "../../src/api/change-set.ts";
import type { ApiKey } from "../../src/core/api-key.ts";
import type { KeySpec } from "../../src/core/key-spec.ts";

/** A key as the model keeps it. */
export interface ModelKey {
  id: string;
  name: string;
  spec: KeySpec;
  revision: number;
  managedBy: string | null;
  renamedFrom: string | null;
  deleted: boolean;
}

/**
 * A naive second reading of the rules for keys (credentials apart), over plain objects: it copies the whole state, does
 * the changes one by one and looks at what came of it.
 */
export interface KeyModel {
  revision: number;
  keys: ModelKey[];
}

/** What the model expects of a change set: its problems as `change:code`; none if it must be committed. */
export function expectedProblems(model: KeyModel, { project, changes }: ChangeSet): string[] {
  const problems: string[] = [];
  const after = structuredClone(model.keys);
  const namers = new Map<ModelKey, number>();
  changes.forEach((change, position) => {
    const problem = step(model.keys, after, change, project, position, namers);
    if (problem !== undefined) problems.push(`${position}:${problem}`);
  });
  for (const [key, position] of namers) {
    const before = model.keys.find(({ id }) => id === key.id);
    if (key.deleted || (before && !before.deleted && same(before.name, key.name))) continue;
    const others = after.filter((other) => other !== key && !other.deleted && same(other.name, key.name));
    // Of two that take one name in this change set, the one that takes it first has it.
    const first = (other: ModelKey): boolean => {
      const bearer = model.keys.find(({ id }) => id === other.id);
      const bore = bearer !== undefined && !bearer.deleted && same(bearer.name, other.name);
      return bore || (namers.get(other) ?? 0) < position;
    };
    const reported = problems.some((problem) => problem.startsWith(`${position}:`));
    if (others.some(first) && !reported) problems.push(`${position}:name-taken`);
  }
  return problems.sort((left, right) => parseInt(left) - parseInt(right));
}

/** Carries out a change set that the platform has committed; ids of made keys come from its result. */
export function carryOut(model: KeyModel, { project, changes }: ChangeSet, result: CommitResult): void {
  if (changes.length === 0) return;
  model.revision += 1;
  const before = structuredClone(model.keys);
  changes.forEach((change, position) => {
    step(before, model.keys, change, project, position, new Map());
    const { id } = result.results[position] ?? { id: "" };
    const key = change.action === "create" ? model.keys.at(-1) : model.keys.find((candidate) => candidate.id === id);
    if (key !== undefined) Object.assign(key, { id, revision: model.revision });
  });
}

/** A live or deleted key of the platform in the model's form. */
export function modelOf(key: ApiKey): ModelKey {
  const { id, name, spec, revision, renamedFrom } = key;
  return {
    id,
    name,
    spec,
    revision,
    renamedFrom,
    managedBy: key.managedBy?.project ?? null,
    deleted: key.deletedAt !== null,
  };
}

function step(
  before: readonly ModelKey[],
  after: ModelKey[],
  change: KeyChange,
  project: string | null,
  position: number,
  namers: Map<ModelKey, number>,
): string | undefined {
  if (change.action === "create") {
    const { name, spec, managedBy, renamedFrom = null } = change;
    const made = { id: `new ${position}`, name, spec, revision: 0, renamedFrom, deleted: false };
    const key = { ...made, managedBy: managedBy?.project ?? null };
    after.push(key);
    namers.set(key, position);
    return undefined;
  }
  const was = before.find(({ id }) => id === change.id);
  const key = after.find(({ id }) => id === change.id);
  if (was === undefined || key === undefined || !("revision" in change)) return "gone";
  let problem: string | undefined;
  if (change.action === "restore" ? !was.deleted : was.deleted)
    problem = change.action === "restore" ? "not-restorable" : "gone";
  else if (change.revision !== was.revision) problem = "stale";
  else if (project !== null && was.managedBy !== null && was.managedBy !== project) problem = "managed-elsewhere";
  else if (change.action === "delete" && was.spec.protect) problem = "protected";
  if (!was.deleted && key.deleted) return problem ?? "invalid";
  if (change.action === "delete") key.deleted = true;
  if (change.action === "restore") {
    key.deleted = false;
    namers.set(key, position);
  }
  if (change.action === "update") {
    if (change.spec !== undefined) key.spec = change.spec;
    if (change.managedBy !== undefined) key.managedBy = change.managedBy?.project ?? null;
    if (change.name !== undefined) {
      key.name = change.name;
      key.renamedFrom = same(change.name, was.name) ? was.renamedFrom : was.name;
      namers.delete(key);
      namers.set(key, position);
    }
  }
  return problem;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
