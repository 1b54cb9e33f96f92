import type { CommitResult, KeyChange, NewCredential } from "../../api/change-set.ts";
import { KeyApiError } from "../../api/errors.ts";
import { changeSetOf } from "../../apply/change-set-of.ts";
import type { Attempt, CreateObject, UpdateObject } from "../framework/provider-definition.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { isUnknown, type CtyRecord } from "../protocol/cty-value.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import type { Environment } from "./api-keys-declaration.ts";
import {
  destruction,
  hasMovedOn,
  keysOfProject,
  movedOn,
  ownedBy,
  ownerOf,
  planProject,
  refusalOf,
  type ProjectPlan,
} from "./api-keys-plan.ts";
import { keepOfProject, keptOfProject, keysOf, resultsOfProject, seenDigest } from "./api-keys-state.ts";
import { commitAs } from "./commit-as.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";
import { issue } from "./issued-secret.ts";
import { isHalfOfReplacement, projectSubject, replaced, takenUp } from "./this-run.ts";

/** Carries a project's plan out in one change set: whole or not at all. */
export async function applyApiKeys(
  connection: Connection,
  request: CreateObject & Partial<UpdateObject>,
  env: Environment,
): Promise<Attempt<ResourceObject>> {
  const { planned, config, prior = null } = request;
  const project = await planProject(connection, { prior, config }, env, "fresh");
  if (!project.ok) return project;
  const kept = keptOfProject(request.private);
  const { plan, live } = project.value;
  if (hasMovedOn(connection, kept, live, plan.project)) return { ok: false, diagnostics: [movedOn(plan.project)] };
  const refusals = plan.refusals.map((refusal) => refusalOf(refusal, config));
  if (refusals.length > 0) return { ok: false, diagnostics: refusals };
  const credentials = issued(connection, project.value, config);
  const changes = changesOf(project.value, credentials);
  const unconfirmed = { ...kept.unconfirmed };
  if (changes.length > 0) {
    const message = `terraform: ${changeSetOf(plan, credentials, "").message.replace(/^apply: /, "")}`;
    const names = namesOf(project.value, changes);
    const written = await commitTelling(
      connection,
      plan.account.name,
      { project: plan.project, message, changes },
      names,
    );
    if ("diagnostics" in written) return { ok: false, diagnostics: written.diagnostics };
    const ids = idsAfter(project.value, written);
    for (const [name, credential] of credentials) {
      const id = ids.get(name);
      if (id !== undefined) unconfirmed[id] = credential.id;
    }
  }
  return await finished(connection, planned, project.value, unconfirmed);
}

/** Deletes every key of a project. */
export async function destroyApiKeys(
  connection: Connection,
  { state, private: kept }: ResourceObject,
): Promise<readonly ProviderDiagnostic[]> {
  const owner = ownedBy(state);
  const subject = projectSubject(owner.account, owner.project);
  if (connection.run.taken.has(subject)) return [takenUp(keysOfProject(owner.project))];
  if (isHalfOfReplacement(keptOfProject(kept), ownerOf(owner))) return [replaced(keysOfProject(owner.project))];
  const { plan, live } = await destruction(connection, state, "fresh");
  if (hasMovedOn(connection, keptOfProject(kept), live, plan.project)) return [movedOn(plan.project)];
  const refusals = plan.refusals.map((refusal) => refusalOf(refusal, state));
  if (refusals.length > 0 || plan.changes.length === 0) return refusals;
  const { changes } = changeSetOf(plan, new Map(), "");
  const names = plan.changes.map(({ name }) => name);
  const write = { project: plan.project, message: `terraform: destroy ${String(changes.length)}`, changes };
  const written = await commitTelling(connection, plan.account.name, write, names);
  if ("diagnostics" in written) return written.diagnostics;
  connection.run.destroyed.add(subject);
  return [];
}

/** What the platform is told of the secrets that this apply hands out, by the key's name. */
function issued(
  connection: Connection,
  { issues }: ProjectPlan,
  config: CtyRecord,
): ReadonlyMap<string, NewCredential> {
  const secrets = (config["secrets_wo"] ?? {}) as CtyRecord;
  return new Map(
    [...issues].flatMap((name) => {
      const given = secrets[name];
      return typeof given === "string" ? [[name, issue(connection, given).credential] as const] : [];
    }),
  );
}

/** The plan's changes; and of keys that live already, the further secrets. */
function changesOf({ plan, live }: ProjectPlan, credentials: ReadonlyMap<string, NewCredential>): readonly KeyChange[] {
  const { changes } = changeSetOf(plan, credentials, "");
  const made = new Set(plan.changes.flatMap((change) => (change.action === "create" ? [change.name] : [])));
  const names = new Map(plan.changes.flatMap((one) => ("nameBefore" in one ? [[one.id, one.name] as const] : [])));
  const further = live.keys.flatMap(({ id, name, revision }): readonly KeyChange[] => {
    const after = names.get(id) ?? name;
    const credential = made.has(after) ? undefined : credentials.get(after);
    return credential === undefined ? [] : [{ action: "add-credential", id, revision, credential }];
  });
  return [...changes, ...further];
}

/** The key that each change is about, for messages. */
function namesOf({ live }: ProjectPlan, changes: readonly KeyChange[]): readonly string[] {
  const names = new Map(live.keys.map(({ id, name }) => [id, name]));
  return changes.map((change) => (change.action === "create" ? change.name : (names.get(change.id) ?? change.id)));
}

/** Commits; a refusal is told key by key. */
async function commitTelling(
  connection: Connection,
  account: string,
  write: { readonly project: string; readonly message: string; readonly changes: readonly KeyChange[] },
  names: readonly string[],
): Promise<CommitResult | { readonly diagnostics: readonly ProviderDiagnostic[] }> {
  try {
    return await commitAs(connection, { account, ...write });
  } catch (failure) {
    if (!(failure instanceof KeyApiError) || failure.problems.length === 0) throw failure;
    const told = failure.problems.map(({ change, message }) =>
      error(
        `The key ${names[change] ?? "of one change"} was refused`,
        `${message} Nothing was written: a project is changed whole or not at all.`,
      ),
    );
    const more = told.length - MOST_TOLD;
    const rest = more > 0 ? [error(`${String(more)} more keys were refused`, "Nothing was written.")] : [];
    return { diagnostics: [...told.slice(0, MOST_TOLD), ...rest] };
  }
}

/** How many refused keys are told one by one. */
const MOST_TOLD = 20;

function idsAfter({ live, plan }: ProjectPlan, { results }: CommitResult): ReadonlyMap<string, string> {
  const names = new Map(plan.changes.flatMap((one) => ("nameBefore" in one ? [[one.id, one.name] as const] : [])));
  const ids = new Map(live.keys.map(({ id, name }) => [names.get(id) ?? name, id]));
  for (const { action, id, name } of results) if (action === "create") ids.set(name, id);
  return ids;
}

/** The object after an apply: what was planned, and what lives now of what could not be known. */
async function finished(
  connection: Connection,
  planned: CtyRecord,
  { plan }: ProjectPlan,
  unconfirmed: Readonly<Record<string, string>>,
): Promise<Attempt<ResourceObject>> {
  const keys = keysOf(await connection.live.list(plan.account.name), plan.project);
  const results: CtyRecord = {
    ...resultsOfProject(keys),
    account: plan.account.name,
    project: plan.project,
  };
  const state = Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, holdsUnknown(value) ? (results[name] ?? null) : value]),
  );
  const identity = { account: plan.account.name, project: plan.project };
  const value = { state, private: keepOfProject({ seen: seenDigest(keys, connection.sha256), unconfirmed }), identity };
  return { ok: true, value, diagnostics: [] };
}

function holdsUnknown(value: CtyRecord[string] | undefined): boolean {
  if (value === undefined || value === null || typeof value !== "object") return false;
  return (
    isUnknown(value) ||
    (!Array.isArray(value) && Object.values(value).some((one) => isUnknown(one as CtyRecord[string] & {})))
  );
}
