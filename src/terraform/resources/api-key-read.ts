import { KeyApiError } from "../../api/errors.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import type { Attempt } from "../framework/provider-definition.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ImportBy, ResourceObject } from "../protocol/provider-port.ts";
import { keptBeside, newestCredential, objectOf } from "./api-key-object.ts";
import type { Connection } from "./connection.ts";
import { error, warning } from "./diagnostics.ts";
import { keySubject } from "./this-run.ts";

/**
 * What is live of a key, or null. A secret that the state tells of is safe: Terraform has written that state. So this is
 * where it is confirmed, and those before it begin to retire (design decision 2).
 */
export async function readApiKey(
  connection: Connection,
  object: ResourceObject,
): Promise<Attempt<ResourceObject | null>> {
  const { state } = object;
  const key = await connection.live.byId(state["account"] as string, state["id"] as string);
  if (key === undefined) return { ok: true, value: null, diagnostics: [] };
  if (key.deletedAt !== null) return { ok: true, value: null, diagnostics: [wasDeleted(key)] };
  connection.run.read.add(keySubject(key.id));
  const { credential } = keptBeside(object.private);
  const confirmed = await confirm(connection, key, credential);
  const replaced = state["fingerprint"] !== null && newestCredential(key)?.fingerprint !== state["fingerprint"];
  const diagnostics = replaced ? [wasRotated(key, state)] : [];
  return { ok: true, value: objectOf(confirmed, state, replaced ? null : credential), diagnostics };
}

/** Finds a key by its id, or by `account/name`. A key of another project stays that project's. */
export async function importApiKey(connection: Connection, by: ImportBy): Promise<Attempt<ResourceObject>> {
  const key = await findImported(connection, by);
  if (key?.deletedAt !== null) {
    const asked = by.type === "id" ? by.id : `${by.identity["account"] as string}, id ${by.identity["id"] as string}`;
    const detail =
      "Name a live key by its id, or as account/name. An id alone is looked for in the provider's account.";
    return { ok: false, diagnostics: [error(`There is no key ${asked}`, detail)] };
  }
  const manager = key.managedBy?.project;
  if (manager !== undefined && manager !== connection.project) {
    const detail = `It is managed by the project ${manager}. State project = "${manager}" in the provider's configuration if that is this one.`;
    return { ok: false, diagnostics: [error(`The key ${key.name} is another project's`, detail)] };
  }
  return { ok: true, value: objectOf(key, null, null), diagnostics: [] };
}

async function findImported(connection: Connection, by: ImportBy): Promise<ApiKey | undefined> {
  if (by.type === "identity") {
    return await connection.live.byId(by.identity["account"] as string, by.identity["id"] as string);
  }
  const slash = by.id.indexOf("/");
  if (slash < 0) {
    if (connection.account === null) return undefined;
    return await connection.live.byId(connection.account, by.id);
  }
  const { keys } = await connection.live.list(by.id.slice(0, slash));
  return keys.find((key) => nameKey(key.name) === nameKey(by.id.slice(slash + 1)));
}

/** Confirms the credential if it is the newest and nobody has. Not being allowed to is no failure: a plan needs no more than a reader. */
async function confirm(connection: Connection, key: ApiKey, credential: string | null): Promise<ApiKey> {
  const newest = newestCredential(key);
  if (credential === null || newest?.id !== credential || newest.acknowledgedAt !== null) return key;
  try {
    const project = key.managedBy?.project ?? connection.project;
    const revision = await connection.confirm({ account: key.account, project }, key.id, credential);
    return { ...key, revision };
  } catch (failure) {
    if (failure instanceof KeyApiError && NOT_CONFIRMED.includes(failure.code)) return key;
    throw failure;
  }
}

function wasDeleted({ name, lastChange }: ApiKey): ProviderDiagnostic {
  const detail =
    `${lastChange.actor} deleted it at ${lastChange.at}. Applying makes another key of that name, with another secret. ` +
    `To have this one back with its secret, run \`algokeys keys restore ${name}\` within 30 days, and import it.`;
  return warning(`The key ${name} was deleted outside Terraform`, detail);
}

function wasRotated({ name, lastChange }: ApiKey, state: CtyRecord): ProviderDiagnostic {
  const keeps = state["keep_secret_in_state"] === true;
  const cure = keeps
    ? "State rotation_trigger, or change it"
    : "Change secret_wo_version, or a rotation_trigger that stands there";
  const detail =
    `Its newest secret is not the one that Terraform gave it (last change: ${lastChange.actor}, ${lastChange.at}). ` +
    `The key stays as it is${keeps ? ", and `secret` is null" : ""}. ${cure}, to give it one of yours.`;
  return warning(`The secret of ${name} was replaced outside Terraform`, detail);
}

/** Who may only read confirms nothing; and who came between has made another secret the newest. The next refresh tries again. */
export const NOT_CONFIRMED: readonly KeyApiError["code"][] = ["forbidden", "conflict", "stale"];
