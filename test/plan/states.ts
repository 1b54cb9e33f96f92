import type { ApiKey, Credential } from "../../src/core/api-key.ts";
import { specOf, type DeclaredSpec } from "../../src/core/declared-spec.ts";
import { nameKey } from "../../src/core/key-name.ts";
import type { Manifest, ManifestKey } from "../../src/core/manifest.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import type { LiveState } from "../../src/plan/live-state.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import type { Plan, PlannedChange, UpdateKey } from "../../src/plan/plan.ts";

export const NOW = "2026-11-24T00:00:00.000Z";
const LATER = "2026-11-25T00:00:00.000Z";
export const MADE = { createdAt: NOW };
export const PROJECT = "storefront";
export const PLAIN: PlanOptions = { adopt: false, maxDeletes: null, allowLockout: false, reveal: false };

/** A declared key; what is not stated is the default. */
export function declared(
  name: string,
  more: Partial<Omit<ManifestKey, "spec">> & { spec?: DeclaredSpec } = {},
): ManifestKey {
  const { spec, ...rest } = more;
  return {
    name,
    renamedFrom: null,
    deliver: [],
    tests: [],
    ...rest,
    spec: specOf({ algorithms: ["algo://acme/*"], ...spec }),
  };
}

export function manifest(...keys: ManifestKey[]): Manifest {
  return {
    account: "acme",
    project: PROJECT,
    keys,
    source: { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` },
  };
}

/** A live key of the project. */
export function liveKey(name: string, more: Partial<Omit<ApiKey, "spec">> & { spec?: DeclaredSpec } = {}): ApiKey {
  const { spec, ...rest } = more;
  return {
    id: `id-${name}`,
    account: "acme",
    name,
    revision: 1,
    managedBy: { project: PROJECT },
    renamedFrom: null,
    createdAt: NOW,
    lastChange: { at: NOW, actor: "ann", project: PROJECT, changeSet: "change-set-00000001" },
    deletedAt: null,
    credentials: [],
    ...rest,
    spec: specOf({ algorithms: ["algo://acme/*"], ...spec }),
  };
}

export function credential(id: string, more: Partial<Credential> = {}): Credential {
  return {
    id,
    mask: "simAbcd*********************",
    fingerprint: "0123456789abcdef",
    createdAt: NOW,
    acknowledgedAt: null,
    retiresAt: null,
    revokedAt: null,
    ...more,
  };
}

export function live(...keys: ApiKey[]): LiveState {
  return {
    platform: { url: "file:platform.db", instance: "instance-1" },
    account: { name: "acme", exists: true, revision: 7 },
    callerKey: null,
    keys,
  };
}

export function planOf(keys: ManifestKey[], state: LiveState, options: Partial<PlanOptions> = {}): Plan {
  return computePlan(manifest(...keys), state, { ...PLAIN, ...options }, MADE);
}

/** Each change as one line: `rename a -> b (renamed)`. */
export function lines(plan: Plan): string[] {
  return plan.changes.map((change) => {
    const from = "nameBefore" in change && change.nameBefore !== null ? `${change.nameBefore} -> ` : "";
    return `${change.action} ${from}${change.name} (${change.reason})`;
  });
}

/** The live state after the plan: what a platform does with it, told in the simplest way. */
export function afterPlan(plan: Plan, state: LiveState): LiveState {
  const revision = state.account.revision + 1;
  const lastChange = { at: NOW, actor: "ann", project: plan.project, changeSet: "change-set-00000002" };
  const changes = new Map(plan.changes.flatMap((change) => (change.action === "create" ? [] : [[change.id, change]])));
  const kept = state.keys.flatMap((key): ApiKey[] => {
    const change = changes.get(key.id);
    if (change === undefined) return [key];
    if (change.action === "delete") return [];
    const { name } = change;
    return [
      {
        ...key,
        name,
        spec: specOf(change.after),
        managedBy: { project: plan.project },
        renamedFrom: nameKey(name) === nameKey(key.name) ? key.renamedFrom : key.name,
        credentials: credentialsAfter(change, key.credentials),
        revision,
        lastChange,
      },
    ];
  });
  const made = plan.changes.flatMap((change) =>
    change.action === "create"
      ? [
          {
            ...liveKey(change.name, { id: `made-${nameKey(change.name)}-${String(revision)}`, revision, lastChange }),
            managedBy: { project: plan.project },
            renamedFrom: change.renamedFrom ?? null,
            spec: specOf(change.after),
            credentials: credentialsAfter(change, []),
          },
        ]
      : [],
  );
  return { ...state, account: { ...state.account, exists: true, revision }, keys: [...kept, ...made] };
}

function credentialsAfter(
  change: UpdateKey | Extract<PlannedChange, { action: "create" }>,
  before: readonly Credential[],
): readonly Credential[] {
  const { credential: planned, name } = change;
  if (planned === null) return before;
  const kept = before.map((one) => (planned.retires.includes(one.id) ? { ...one, retiresAt: LATER } : one));
  const revoked = kept.map((one) =>
    planned.unconfirmed.some(({ id }) => id === one.id) ? { ...one, revokedAt: NOW } : one,
  );
  return [...revoked, credential(`credential-of-${name}`, { acknowledgedAt: NOW })];
}
