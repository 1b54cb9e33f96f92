import { nameKey } from "../core/key-name.ts";
import type { Manifest } from "../core/manifest.ts";
import { attributeChanges, plannedSpec } from "./attribute-change.ts";
import { planCredential } from "./credential-plan.ts";
import { guardPlan } from "./guard.ts";
import type { LiveState } from "./live-state.ts";
import { matchKeys, type KeyMatch } from "./match.ts";
import type { PlanOptions } from "./plan-options.ts";
import {
  NAME_PATH,
  PLAN_ACTIONS,
  type AttributeChange,
  type Drift,
  type Plan,
  type PlannedChange,
  type PlannedCredential,
  type SecretDue,
  type UpdateKey,
} from "./plan.ts";

/** When a plan is made, RFC 3339; an argument so that planning stays pure. */
export interface PlanMoment {
  readonly createdAt: string;
}

/**
 * What it takes to make the live keys as declared: pure and deterministic, blind to order and spelling. A plan of what
 * is already live is empty. Guards do not stop planning; what they find stands in `refusals`.
 */
export function computePlan(manifest: Manifest, live: LiveState, options: PlanOptions, made: PlanMoment): Plan {
  const matches = matchKeys(manifest, live.keys, options);
  const changes: PlannedChange[] = [];
  const drift: Drift[] = [];
  const secretsDue: SecretDue[] = [];
  let unchanged = 0;
  for (const match of matches.declared) {
    if (match.type === "refused") continue;
    if (match.type === "absent") {
      changes.push(createOf(match, options, made));
      continue;
    }
    const { reveal } = options;
    const { credential, due } = planCredential(match.declared, match.live.credentials, { reveal, now: made.createdAt });
    if (due !== null) secretsDue.push(due);
    const owner = { account: live.account.name, project: manifest.project };
    const change = updateOf(match, owner, credential);
    if (change === undefined) unchanged++;
    else changes.push(change);
    drift.push(...driftOf(match, change, manifest.project));
  }
  for (const { id, revision, name, spec } of matches.undeclared) {
    changes.push({ action: "delete", id, revision, name, reason: "not-declared", before: plannedSpec(spec) });
  }
  changes.sort(byActionThenName);
  const guarded = {
    project: manifest.project,
    live,
    matches: matches.declared,
    blocked: matches.blocked,
    changes,
    now: made.createdAt,
  };
  return {
    formatVersion: 1,
    createdAt: made.createdAt,
    platform: { url: live.platform.url, instance: live.platform.instance },
    account: {
      name: live.account.name,
      // An empty declaration needs no account, so that destroying nothing makes none.
      action: live.account.exists || manifest.keys.length === 0 ? "none" : "create",
      revision: live.account.revision,
    },
    project: manifest.project,
    declaration: manifest.source,
    changes,
    unchanged,
    drift: drift.sort(byName),
    secretsDue: secretsDue.sort(byName),
    unmanaged: matches.unmanaged.map((key) => key.name).sort(compareNames),
    refusals: guardPlan(guarded, options),
  };
}

/**
 * A plan that deletes every live key of a project. Asking for it opens the delete brake, so the caller has the author
 * confirm it; the other guards hold as ever.
 */
export function planDestroy(
  manifest: Pick<Manifest, "account" | "project" | "source">,
  live: LiveState,
  made: PlanMoment,
  options: Pick<PlanOptions, "allowLockout"> = { allowLockout: false },
): Plan {
  const { account, project, source } = manifest;
  const destroying = { adopt: false, reveal: false, maxDeletes: { percent: 100 }, ...options };
  return computePlan({ account, project, source, keys: [] }, live, destroying, made);
}

function createOf(match: KeyMatch, options: PlanOptions, made: PlanMoment): PlannedChange {
  const { declared } = match;
  return {
    action: "create",
    name: declared.name,
    reason: "not-live",
    ...(declared.renamedFrom === null ? {} : { renamedFrom: declared.renamedFrom }),
    after: plannedSpec(declared.spec),
    credential: planCredential(declared, [], { reveal: options.reveal, now: made.createdAt }).credential,
  };
}

function updateOf(
  { declared, live }: Extract<KeyMatch, { type: "live" }>,
  { account, project }: Pick<Manifest, "account" | "project">,
  credential: PlannedCredential | null,
): UpdateKey | undefined {
  const attributes = attributeChanges(live.spec, declared.spec, account);
  const nameBefore = live.name === declared.name ? null : live.name;
  const manager = live.managedBy?.project ?? null;
  const why =
    manager === null || manager === project
      ? whyUpdated(manager === null, nameBefore !== null, attributes.length > 0, credential)
      : ({ action: "take-over", reason: "managed-elsewhere", takenFrom: manager } as const);
  if (why === undefined) return undefined;
  const { id, revision } = live;
  return {
    ...why,
    id,
    revision,
    name: declared.name,
    nameBefore,
    attributes,
    after: plannedSpec(declared.spec),
    credential,
  };
}

/** The action and its reason: that which says most about the change; undefined if nothing changes. */
function whyUpdated(
  adopted: boolean,
  renamed: boolean,
  differs: boolean,
  credential: PlannedCredential | null,
): Pick<UpdateKey, "action" | "reason"> | undefined {
  if (adopted) return { action: "adopt", reason: "unmanaged" };
  if (renamed) return { action: "rename", reason: "renamed" };
  if (differs) return { action: "update", reason: "differs" };
  return credential === null ? undefined : { action: "issue", reason: credential.reason };
}

function driftOf(
  { declared, live }: Extract<KeyMatch, { type: "live" }>,
  change: UpdateKey | undefined,
  project: string,
): readonly Drift[] {
  if (change === undefined || live.managedBy?.project !== project || live.lastChange.project === project) return [];
  const { name, nameBefore } = change;
  const isDeclared = nameBefore === null || nameKey(nameBefore) === nameKey(declared.renamedFrom ?? "");
  const attributes = [...(isDeclared ? [] : [nameChange(nameBefore, name)]), ...change.attributes];
  return attributes.length === 0 ? [] : [{ name, lastChange: live.lastChange, attributes }];
}

/** The name of a key that others renamed, as an attribute that drifted: no field of the spec bears that path. */
function nameChange(before: string, after: string): AttributeChange {
  return { path: NAME_PATH, before, after, access: "none" };
}

function byActionThenName(left: PlannedChange, right: PlannedChange): number {
  return PLAN_ACTIONS.indexOf(left.action) - PLAN_ACTIONS.indexOf(right.action) || byName(left, right);
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return compareNames(left.name, right.name);
}

function compareNames(left: string, right: string): number {
  const [one, other] = [nameKey(left), nameKey(right)];
  return one < other ? -1 : Number(one > other);
}
