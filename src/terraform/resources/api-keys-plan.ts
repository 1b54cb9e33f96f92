import type { Manifest } from "../../core/manifest.ts";
import { computePlan, planDestroy } from "../../plan/compute-plan.ts";
import type { LiveState } from "../../plan/live-state.ts";
import type { Plan, Refusal } from "../../plan/plan.ts";
import { plannedObject } from "../framework/plan-attributes.ts";
import type { Attempt, PlannedObject, PlanObject } from "../framework/provider-definition.ts";
import { isUnknown, UNKNOWN, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { cannotChangeHands, unknownAccount } from "./api-key-plan.ts";
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
import type { Owner } from "./confirmations.ts";
import type { Connection } from "./connection.ts";
import { asHcl, error } from "./diagnostics.ts";
import { destroyedInThisRun, projectSubject, replaced, takenUp } from "./this-run.ts";

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
    const beside = prior === null ? { ...kept, creates: null } : kept;
    const value = { state: planned, private: keepOfProject(beside), requiresReplace: [] };
    return { ok: true, value, diagnostics: [] };
  }
  const project = await planProject(connection, { prior: prior?.state ?? null, config }, env);
  if (!project.ok) return project;
  const { plan, manifest, live } = project.value;
  const fault = runFault(connection, prior?.state ?? null, manifest);
  if (fault !== undefined) return { ok: false, diagnostics: [fault] };
  planned["account"] = sameOwner(planned["account"], prior?.state["account"] ?? null, manifest.account);
  planned["project"] = sameOwner(planned["project"], prior?.state["project"] ?? null, manifest.project);
  const moves = prior !== null && differs(prior.state["account"], planned["account"]);
  const hands = prior !== null && differs(prior.state["project"], planned["project"]);
  if (moves || hands) {
    const unseen = unseenMove(connection, prior.state);
    if (unseen !== undefined) return { ok: false, diagnostics: [unseen] };
  } else if (hasMovedOn(connection, kept, live, plan.project)) {
    return { ok: false, diagnostics: [movedOn(plan.project)] };
  }
  const refusals = plan.refusals.map((refusal) => refusalOf(refusal, config));
  if (refusals.length > 0) return { ok: false, diagnostics: [...project.diagnostics, ...refusals] };
  Object.assign(planned, plannedResults(project.value));
  if (isUnknown(config["secrets_wo"] ?? null)) Object.assign(planned, { masks: UNKNOWN, fingerprints: UNKNOWN });
  return {
    ok: true,
    value: {
      state: planned,
      private: keepOfProject(prior === null ? { ...kept, creates: ownerOf(manifest) } : kept),
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
  const { account, project } = ownedBy(object.state);
  if (connection.run.taken.has(projectSubject(account, project))) return [takenUp(keysOfProject(project))];
  const { plan } = await destruction(connection, object.state, undefined);
  return plan.refusals.map((refusal) => refusalOf(refusal, object.state));
}

/** The plan that deletes every key of a project. */
export async function destruction(
  connection: Connection,
  state: CtyRecord,
  fresh: "fresh" | undefined,
): Promise<Pick<ProjectPlan, "plan" | "live">> {
  const owner = ownedBy(state);
  const live = await connection.live.list(owner.account, fresh);
  return { live, plan: planDestroy({ ...owner, source: { files: [], digest: "" } }, live, momentOf(connection)) };
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

/** What stands against planning a project's keys in the run that this is: they are never replaced. */
function runFault(
  { run }: Connection,
  prior: CtyRecord | null,
  { account, project }: Owner,
): ProviderDiagnostic | undefined {
  if (prior !== null) {
    const before = ownedBy(prior);
    return run.taken.has(projectSubject(before.account, before.project))
      ? takenUp(keysOfProject(before.project))
      : undefined;
  }
  const subject = projectSubject(account, project);
  if (run.inState.has(subject)) return replaced(keysOfProject(project));
  const restore = "run `algokeys keys restore NAME` for each of them and import them.";
  if (run.destroyed.has(subject)) return destroyedInThisRun(keysOfProject(project), restore);
  run.taken.add(subject);
  return undefined;
}

/** What was not known when it was planned, and turns out to be another account or project, is no plan that was reviewed. */
function unseenMove({ run }: Connection, prior: CtyRecord): ProviderDiagnostic | undefined {
  const { account, project } = ownedBy(prior);
  if (run.read.has(projectSubject(account, project))) return undefined;
  return cannotChangeHands(keysOfProject(project), account);
}

/** The owner that a state tells of. */
export function ownedBy(state: CtyRecord): Owner {
  return { account: state["account"] as string, project: state["project"] as string };
}

/** An owner as one text. Names hold no slash. */
export function ownerOf({ account, project }: Owner): string {
  return `${account}/${project}`;
}

/** How messages call the keys of a project. */
export function keysOfProject(project: string): string {
  return `The resource for the keys of ${project}`;
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
  // A key that is renamed keeps its secret: its version stood under the name that it had, unless others gave it that name.
  const named = new Map(
    plan.changes.flatMap((one) => ("nameBefore" in one ? [[one.name, one.nameBefore] as const] : [])),
  );
  const versionBefore = (name: string): CtyValue => before[named.get(name) ?? name] ?? before[name] ?? null;
  const due = (name: string): boolean =>
    made.has(name) || ((versions[name] ?? null) !== null && versions[name] !== versionBefore(name));
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
    "Somebody changed them since Terraform read them. Nothing was written. Plan again, without -refresh=false, to see what changed.";
  return error(`The keys of ${project} have changed since they were planned`, detail);
}

/** A guard's refusal as Terraform shows it; its cure is an attribute here, not a flag, and in HCL where the keys are. */
export function refusalOf({ code, keys, summary, fix }: Refusal, { keys: inHcl }: CtyRecord): ProviderDiagnostic {
  const cures: Partial<Record<Refusal["code"], string>> = {
    "too-many-deletes": `If that is meant, set max_deletes = "${String(keys.length)}"; else check that the declaration is complete and the right one.`,
    "unmanaged-key": "To take them over, secrets untouched, set adopt = true; else declare other names.",
  };
  return error(
    summary.charAt(0).toUpperCase() + summary.slice(1),
    cures[code] ?? ((inHcl ?? null) === null ? fix : asHcl(fix)),
  );
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
