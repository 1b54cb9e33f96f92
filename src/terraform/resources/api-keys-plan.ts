import type { Manifest } from "../../core/manifest.ts";
import { computePlan, planDestroy } from "../../plan/compute-plan.ts";
import type { LiveState } from "../../plan/live-state.ts";
import type { Plan, Refusal } from "../../plan/plan.ts";
import { plannedObject } from "../framework/plan-attributes.ts";
import type { Attempt, PlannedObject, PlanObject } from "../framework/provider-definition.ts";
import { isUnknown, UNKNOWN, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { unknownAccount } from "./api-key-plan.ts";
import { API_KEYS_ATTRIBUTES } from "./api-keys-attributes.ts";
import { isDeclared, maxDeletesOf, readDeclared, type Environment } from "./api-keys-declaration.ts";
import {
  keepOfProject,
  keptOfProject,
  keysOf,
  resultsOfProject,
  seenDigest,
  specText,
  type KeptOfProject,
} from "./api-keys-state.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";

/** A project's plan, and which of its keys get a secret. */
export interface ProjectPlan {
  readonly plan: Plan;
  readonly live: LiveState;
  readonly manifest: Manifest;
  /** Names of the keys that get the secret that the configuration holds for them. */
  readonly issues: ReadonlySet<string>;
}

/** What a project's keys are to become: the plan of the command line, over one listing. */
export async function planApiKeys(
  connection: Connection | null,
  { prior, config }: PlanObject,
  env: Environment,
): Promise<Attempt<PlannedObject>> {
  const planned: Record<string, CtyValue> = { ...plannedObject(API_KEYS_ATTRIBUTES, prior?.state ?? null, config) };
  const kept = keptOfProject(prior?.private ?? new Uint8Array());
  if (connection === null || !isDeclared(config)) {
    for (const name of RESULTS) planned[name] = UNKNOWN;
    if (config["account"] === null) planned["account"] = UNKNOWN;
    if (config["project"] === null) planned["project"] = UNKNOWN;
    const value = { state: planned, private: keepOfProject(kept), requiresReplace: [] };
    return { ok: true, value, diagnostics: [] };
  }
  const project = await planProject(connection, { prior: prior?.state ?? null, config }, env);
  if (!project.ok) return project;
  const { plan, manifest, live } = project.value;
  const isSame = prior?.state["project"] === plan.project;
  if (isSame && hasMovedOn(connection, kept, live, plan.project))
    return { ok: false, diagnostics: [movedOn(plan.project)] };
  const refusals = plan.refusals.map(refusalOf);
  if (refusals.length > 0) return { ok: false, diagnostics: [...project.diagnostics, ...refusals] };
  planned["account"] = sameOwner(planned["account"], prior?.state["account"] ?? null, manifest.account);
  planned["project"] = sameOwner(planned["project"], prior?.state["project"] ?? null, manifest.project);
  Object.assign(planned, plannedResults(project.value));
  if (isUnknown(config["secrets_wo"] ?? null)) Object.assign(planned, { masks: UNKNOWN, fingerprints: UNKNOWN });
  const moves = prior !== null && differs(prior.state["account"], planned["account"]);
  const hands = prior !== null && differs(prior.state["project"], planned["project"]);
  return {
    ok: true,
    value: {
      state: planned,
      private: keepOfProject(kept),
      requiresReplace: [...(moves ? [[{ attribute: "account" }]] : []), ...(hands ? [[{ attribute: "project" }]] : [])],
    },
    diagnostics: project.diagnostics,
  };
}

/** Why the keys may not be destroyed; nothing if they may. */
export async function planApiKeysDestroy(
  connection: Connection | null,
  object: ResourceObject,
): Promise<readonly ProviderDiagnostic[]> {
  if (connection === null) return [];
  const { plan } = await destruction(connection, object.state, undefined);
  return plan.refusals.map(refusalOf);
}

/** The plan that deletes every key of a project. */
export async function destruction(
  connection: Connection,
  state: CtyRecord,
  fresh: "fresh" | undefined,
): Promise<{ readonly plan: Plan }> {
  const owner = { account: state["account"] as string, project: state["project"] as string };
  const live = await connection.live.list(owner.account, fresh);
  return { plan: planDestroy({ ...owner, source: { files: [], digest: "" } }, live, momentOf(connection)) };
}

/** Computes a project's plan from its configuration and what is live. */
export async function planProject(
  connection: Connection,
  { prior, config }: { readonly prior: CtyRecord | null; readonly config: CtyRecord },
  env: Environment,
  fresh?: "fresh",
): Promise<Attempt<ProjectPlan>> {
  const declared = await readDeclared(config, connection, env);
  if (!declared.ok) return declared;
  const manifest = declared.value;
  const live = await connection.live.list(manifest.account, fresh);
  const maxDeletes = typeof config["max_deletes"] === "string" ? (maxDeletesOf(config["max_deletes"]) ?? null) : null;
  const options = { adopt: config["adopt"] === true, allowLockout: false, reveal: false, maxDeletes };
  const plan = computePlan(manifest, live, options, momentOf(connection));
  const issues = issuesOf(plan, prior, config);
  // Validation has told the warnings.
  const diagnostics = plan.account.action === "create" ? unknownAccount(connection, plan.account.name) : [];
  return { ok: true, value: { plan, live, manifest, issues }, diagnostics };
}

/** Keys that get a secret: those that are made and for which there is one, and those whose version changes. */
function issuesOf(plan: Plan, prior: CtyRecord | null, config: CtyRecord): ReadonlySet<string> {
  const secrets = config["secrets_wo"] ?? null;
  if (secrets === null) return new Set();
  // A secret may not be known yet while its name is; a map that is not known at all names nothing yet.
  const offered = isUnknown(secrets) ? [] : Object.keys(secrets).filter((name) => recordOf(secrets)[name] !== null);
  const made = new Set(plan.changes.flatMap((change) => (change.action === "create" ? [change.name] : [])));
  const versions = recordOf(config["secrets_wo_versions"]);
  const before = recordOf(prior?.["secrets_wo_versions"]);
  const deleted = new Set(plan.changes.flatMap((change) => (change.action === "delete" ? [change.name] : [])));
  const due = (name: string): boolean =>
    made.has(name) || ((versions[name] ?? null) !== null && versions[name] !== (before[name] ?? null));
  return new Set(offered.filter((name) => due(name) && !deleted.has(name)));
}

/** What will be live, as far as it can be known: ids and secrets of what is still to be made cannot. */
function plannedResults({ plan, live, manifest, issues }: ProjectPlan): CtyRecord {
  const renamed = new Map(plan.changes.flatMap((one) => ("nameBefore" in one ? [[one.id, one.name] as const] : [])));
  const declared = new Set(manifest.keys.map(({ name }) => name));
  const adopted = new Set(plan.changes.flatMap((one) => (one.action === "adopt" ? [one.id] : [])));
  const kept = live.keys
    .filter((key) => key.managedBy?.project === plan.project || adopted.has(key.id))
    .map((key) => ({ ...key, name: renamed.get(key.id) ?? key.name }))
    .filter(({ name }) => declared.has(name));
  const results = resultsOfProject(kept);
  const specs = Object.fromEntries(manifest.keys.map(({ name, spec }) => [name, specText(spec)]));
  const ids: Record<string, CtyValue> = { ...recordOf(results["ids"]) };
  const masks: Record<string, CtyValue> = { ...recordOf(results["masks"]) };
  const fingerprints: Record<string, CtyValue> = { ...recordOf(results["fingerprints"]) };
  for (const change of plan.changes) if (change.action === "create") ids[change.name] = UNKNOWN;
  for (const name of issues) {
    masks[name] = UNKNOWN;
    fingerprints[name] = UNKNOWN;
  }
  return { specs, ids, masks, fingerprints };
}

/** True if the project's keys are not as the state tells of them: somebody came between. */
export function hasMovedOn(connection: Connection, { seen }: KeptOfProject, live: LiveState, project: string): boolean {
  return seen !== null && seen !== seenDigest(keysOf(live, project), connection.sha256);
}

/** What is said then. */
export function movedOn(project: string): ProviderDiagnostic {
  const detail =
    "Somebody changed them since Terraform read them. Nothing was written. Plan again to see what changed.";
  return error(`The keys of ${project} have changed since they were planned`, detail);
}

/** A guard's refusal as Terraform shows it; its cure is an attribute here, not a flag. */
export function refusalOf({ code, keys, summary, fix }: Refusal): ProviderDiagnostic {
  const cures: Partial<Record<Refusal["code"], string>> = {
    "too-many-deletes": `If that is meant, set max_deletes = "${String(keys.length)}"; else check that the declaration is complete and the right one.`,
    "unmanaged-key": "To take them over, secrets untouched, set adopt = true; else declare other names.",
  };
  return error(summary.charAt(0).toUpperCase() + summary.slice(1), cures[code] ?? fix);
}

const RESULTS = ["specs", "ids", "masks", "fingerprints"];

function momentOf({ now }: Connection): { readonly createdAt: string } {
  return { createdAt: new Date(now()).toISOString() };
}

function sameOwner(planned: CtyValue | undefined, prior: CtyValue, declared: string): CtyValue {
  if (typeof planned === "string" && planned.toLowerCase() === declared.toLowerCase()) return planned;
  return typeof prior === "string" && prior.toLowerCase() === declared.toLowerCase() ? prior : declared;
}

function differs(before: CtyValue | undefined, after: CtyValue | undefined): boolean {
  return before !== after;
}

function recordOf(value: CtyValue | undefined): CtyRecord {
  return value === null || value === undefined || isUnknown(value) ? {} : (value as CtyRecord);
}
