import type { CommitResult, KeyChange } from "../../api/change-set.ts";
import { KeyApiError } from "../../api/errors.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { canonicalJson, canonicalSpec } from "../../core/canonical.ts";
import { nameKey } from "../../core/key-name.ts";
import type { Attempt, CreateObject, UpdateObject } from "../framework/provider-definition.ts";
import { isUnknown, type CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { identityOf, keep, keptBeside } from "./api-key-object.ts";
import { rotates, wasDestroyed } from "./api-key-plan.ts";
import { changedSince } from "./changed-since.ts";
import { commitAs } from "./commit-as.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";
import { secretFor, type IssuedSecret } from "./issued-secret.ts";
import { specFrom } from "./spec-attributes.ts";
import { takeOverRefusal } from "./take-over.ts";
import { isHalfOfReplacement, keySubject, nameSubject, replaced, takenUp } from "./this-run.ts";

/** Makes a key in one change set; or takes over the live one of its name, where that is allowed. */
export async function createApiKey(
  connection: Connection,
  { planned, config }: Pick<CreateObject, "planned" | "config">,
): Promise<Attempt<ResourceObject>> {
  const account = plannedAccount(connection, planned);
  const name = planned["name"] as string;
  if (connection.run.destroyed.has(nameSubject(account, name))) return { ok: false, diagnostics: [wasDestroyed(name)] };
  const issued = secretFor(connection, planned, config);
  const { project } = connection;
  const create: KeyChange = {
    action: "create",
    name,
    spec: specFrom(planned),
    managedBy: { project },
    credential: issued?.credential ?? null,
  };
  try {
    const result = await commitAs(connection, {
      account,
      project: connection.project,
      message: `terraform: create ${name}`,
      changes: [create],
    });
    return made(connection, account, planned, issued, result, { id: resultId(result), createdAt: result.committedAt });
  } catch (failure) {
    if (!isNameTaken(failure)) throw failure;
  }
  return await takeOver(connection, account, { planned, config }, issued);
}

/** Changes a key in place: what differs of its name and spec, and a further secret if one is due. */
export async function updateApiKey(
  connection: Connection,
  { prior, planned, config, private: kept }: UpdateObject,
): Promise<Attempt<ResourceObject>> {
  const id = prior["id"] as string;
  const account = prior["account"] as string;
  const live = await connection.api.getKey(account, id);
  const changed = changedSince(prior, keptBeside(kept), live);
  if (changed !== undefined) return { ok: false, diagnostics: [changed] };
  const issued = rotates(prior, planned, config) ? secretFor(connection, planned, config) : undefined;
  const changes = changesOf(live, planned, connection.project, issued);
  if (changes.length === 0) return keptAsIs(live, planned, kept);
  try {
    const message = `terraform: update ${live.name}`;
    const result = await commitAs(connection, { account, project: connection.project, message, changes });
    return made(connection, account, planned, issued, result, live, keptBeside(kept).credential);
  } catch (failure) {
    if (!isNameTaken(failure)) throw failure;
    return { ok: false, diagnostics: [nameTaken(live.name, planned["name"] as string)] };
  }
}

/** Deletes a key; one that is gone already is as good. */
export async function destroyApiKey(
  connection: Connection,
  { state, private: kept }: ResourceObject,
): Promise<readonly ProviderDiagnostic[]> {
  const id = state["id"] as string;
  const account = state["account"] as string;
  const live = await liveKey(connection, account, id);
  if (live?.deletedAt !== null) return [];
  if (connection.run.taken.has(keySubject(id))) return [takenUp(`The key ${live.name}`)];
  if (isHalfOfReplacement(keptBeside(kept), account)) return [replaced(`The key ${live.name}`)];
  const changed = changedSince(state, keptBeside(kept), live);
  if (changed !== undefined) return [changed];
  const deletion: KeyChange = { action: "delete", id, revision: live.revision };
  await commitAs(connection, {
    account,
    project: connection.project,
    message: `terraform: delete ${live.name}`,
    changes: [deletion],
  });
  connection.run.destroyed.add(nameSubject(account, live.name));
  return [];
}

async function takeOver(
  connection: Connection,
  account: string,
  { planned, config }: Pick<CreateObject, "planned" | "config">,
  issued: IssuedSecret | undefined,
): Promise<Attempt<ResourceObject>> {
  const name = planned["name"] as string;
  const { keys } = await connection.live.list(account, "fresh");
  const live = keys.find((key) => nameKey(key.name) === nameKey(name));
  if (live === undefined) return await createApiKey(connection, { planned, config });
  const refusal = takeOverRefusal(live, specFrom(planned), planned, connection);
  if (refusal !== undefined) return { ok: false, diagnostics: [refusal] };
  // Its secrets work on: another workspace may hold one. They retire once the further one is confirmed.
  const changes = changesOf(live, planned, connection.project, issued);
  connection.run.taken.add(keySubject(live.id));
  if (changes.length === 0) {
    connection.run.made.add(keySubject(live.id));
    return keptAsIs(live, planned, new Uint8Array());
  }
  const result = await commitAs(connection, {
    account,
    project: connection.project,
    message: `terraform: take over ${live.name}`,
    changes,
  });
  return made(connection, account, planned, issued, result, live);
}

function changesOf(
  live: ApiKey,
  planned: CtyRecord,
  project: string,
  issued: IssuedSecret | undefined,
): readonly KeyChange[] {
  const { id, revision } = live;
  const name = planned["name"] as string;
  const spec = specFrom(planned);
  const parts = {
    ...(live.name === name ? {} : { name }),
    ...(canonicalJson(canonicalSpec(live.spec)) === canonicalJson(canonicalSpec(spec)) ? {} : { spec }),
    ...(live.managedBy === null ? { managedBy: { project } } : {}),
  };
  const update: readonly KeyChange[] =
    Object.keys(parts).length === 0 ? [] : [{ action: "update", id, revision, ...parts }];
  if (issued === undefined) return update;
  return [...update, { action: "add-credential", id, revision, credential: issued.credential }];
}

/** The object after a commit: what was planned, and what only the commit could tell. */
function made(
  connection: Connection,
  account: string,
  planned: CtyRecord,
  issued: IssuedSecret | undefined,
  result: CommitResult,
  key: Pick<ApiKey, "id" | "createdAt">,
  credential: string | null = null,
): Attempt<ResourceObject> {
  connection.run.made.add(keySubject(key.id));
  const results: CtyRecord = {
    account,
    id: key.id,
    created_at: key.createdAt,
    mask: issued?.credential.mask ?? null,
    fingerprint: issued?.fingerprint ?? null,
    secret_created_at: issued === undefined ? null : result.committedAt,
    secret: planned["keep_secret_in_state"] === true ? (issued?.secret.reveal() ?? null) : null,
  };
  const beside = keep({ credential: issued?.credential.id ?? credential, manager: connection.project });
  const value = { state: filled(planned, results), private: beside, identity: identityOf({ account, id: key.id }) };
  return { ok: true, value, diagnostics: [] };
}

/** What only Terraform keeps was changed: nothing is written. */
function keptAsIs(live: ApiKey, planned: CtyRecord, kept: Uint8Array): Attempt<ResourceObject> {
  const results = { account: live.account, id: live.id, created_at: live.createdAt };
  const beside = keep({ credential: keptBeside(kept).credential, manager: live.managedBy?.project ?? null });
  return {
    ok: true,
    value: { state: filled(planned, results), private: beside, identity: identityOf(live) },
    diagnostics: [],
  };
}

function filled(planned: CtyRecord, results: CtyRecord): CtyRecord {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, isUnknown(value) ? (results[name] ?? null) : value]),
  );
}

async function liveKey(connection: Connection, account: string, id: string): Promise<ApiKey | undefined> {
  try {
    return await connection.api.getKey(account, id);
  } catch (failure) {
    if (failure instanceof KeyApiError && failure.code === "not-found") return undefined;
    throw failure;
  }
}

function plannedAccount(connection: Connection, planned: CtyRecord): string {
  const { account } = planned;
  if (typeof account === "string") return account;
  if (connection.account !== null) return connection.account;
  throw new KeyApiError("invalid", "No account is stated, neither here nor in the provider's configuration.");
}

function resultId({ results }: CommitResult): string {
  const [first] = results;
  if (first === undefined) throw new Error("the platform told of no result");
  return first.id;
}

function isNameTaken(failure: unknown): boolean {
  return failure instanceof KeyApiError && failure.problems.some(({ code }) => code === "name-taken");
}

function nameTaken(name: string, wanted: string): ProviderDiagnostic {
  const detail =
    `Another key of the account bears it. Terraform changes one key after the other, so a name must be free before it can be taken: ` +
    `to swap two names, give one key a third name first, apply, and then give both the names that they are to have. ` +
    "In algorithmia_api_keys, where all keys change at once, names can be swapped.";
  return error(`The key ${name} cannot be called ${wanted}`, detail, "name");
}
