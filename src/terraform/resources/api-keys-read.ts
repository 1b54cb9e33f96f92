import { KeyApiError } from "../../api/errors.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { shortDeclaredSpec } from "../../core/declared-spec.ts";
import type { Attempt } from "../framework/provider-definition.ts";
import type { CtyRecord, CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ImportBy, ResourceObject } from "../protocol/provider-port.ts";
import { newestCredential } from "./api-key-object.ts";
import { NOT_CONFIRMED } from "./api-key-read.ts";
import { keepOfProject, keptOfProject, keysOf, resultsOfProject, seenDigest } from "./api-keys-state.ts";
import type { Owner } from "./confirmations.ts";
import type { Connection } from "./connection.ts";
import { deletedKeys } from "./deleted-keys.ts";
import { error, warning } from "./diagnostics.ts";
import { projectSubject } from "./this-run.ts";

/** What is live of a project, by one listing. Secrets that the state tells of are confirmed, as those of single keys are. */
export async function readApiKeys(
  connection: Connection,
  object: ResourceObject,
): Promise<Attempt<ResourceObject | null>> {
  const { state } = object;
  const account = state["account"] as string;
  const project = state["project"] as string;
  const kept = keptOfProject(object.private);
  connection.run.read.add(projectSubject(account, project));
  const found = keysOf(await connection.live.list(account), project);
  const unconfirmed = await confirm(connection, { account, project }, found, kept.unconfirmed);
  // What was confirmed has another revision now.
  const keys = unconfirmed === null ? keysOf(await connection.live.list(account), project) : found;
  const replaced = replacedSecrets(keys, state);
  const gone = await deletedKeys(connection, { account, project }, keys, state);
  const diagnostics = [...gone, ...(replaced.length > 0 ? [wereRotated(replaced)] : [])];
  const value = {
    state: { ...state, ...resultsOfProject(keys) },
    private: keepOfProject({ seen: seenDigest(keys, connection.sha256), unconfirmed: unconfirmed ?? {} }),
    identity: { account, project },
  };
  return { ok: true, value, diagnostics };
}

/** Takes a project's keys as they are, by `account/project`. */
export async function importApiKeys(connection: Connection, by: ImportBy): Promise<Attempt<ResourceObject>> {
  const [account, project] =
    by.type === "id" ? by.id.split("/", 2) : [by.identity["account"] as string, by.identity["project"] as string];
  if (account === undefined || project === undefined || account === "" || project === "") {
    const detail = "Write account/project, such as acme/storefront.";
    return { ok: false, diagnostics: [error("That names no project's keys", detail)] };
  }
  const keys = keysOf(await connection.live.list(account), project);
  if (keys.length === 0) {
    const detail = "Check the names. Keys that nobody manages are taken over by declaring them, with adopt = true.";
    return { ok: false, diagnostics: [error(`The project ${project} has no live keys in ${account}`, detail)] };
  }
  const state: CtyRecord = {
    manifest: null,
    variables: null,
    keys: Object.fromEntries(keys.map((key) => [key.name, inMap(key)])),
    account,
    project,
    secrets_wo: null,
    secrets_wo_versions: null,
    max_deletes: null,
    adopt: null,
    ...resultsOfProject(keys),
  };
  const identity = { account, project };
  return {
    ok: true,
    value: { state, private: keepOfProject({ seen: seenDigest(keys, connection.sha256), unconfirmed: {} }), identity },
    diagnostics: [],
  };
}

/** A live key as an entry of the map, with what differs from the defaults alone. */
function inMap({ spec }: ApiKey): CtyRecord {
  const { origins, rotation, ...rest } = shortDeclaredSpec(spec);
  const nested = (value: object | null | undefined, names: readonly string[]): CtyValue =>
    value === null || value === undefined
      ? null
      : Object.fromEntries(names.map((name) => [name, (value as Record<string, CtyValue | undefined>)[name] ?? null]));
  const all: Record<string, CtyValue> = {};
  for (const name of [
    "description",
    "algorithms",
    "data",
    "management",
    "enabled",
    "expires",
    "protect",
    "labels",
  ] as const) {
    all[name] = rest[name] ?? null;
  }
  return {
    ...all,
    origins: nested(origins, ["native", "web", "referrers"]),
    rotation: nested(rotation, ["every", "overlap"]),
    renamed_from: null,
  };
}

/**
 * Confirms what is still to be confirmed, and gives what remains; null: it wrote. Who may only read confirms nothing, and that
 * is no failure.
 */
async function confirm(
  connection: Connection,
  { account, project }: Owner,
  keys: readonly ApiKey[],
  unconfirmed: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>> | null> {
  const due = keys.filter((key) => {
    const newest = newestCredential(key);
    return newest?.acknowledgedAt === null && unconfirmed[key.id] === newest.id;
  });
  if (due.length === 0) return {};
  try {
    await Promise.all(due.map((key) => connection.confirm({ account, project }, key.id, unconfirmed[key.id] ?? "")));
    connection.live.forget(account);
    return null;
  } catch (failure) {
    if (failure instanceof KeyApiError && NOT_CONFIRMED.includes(failure.code)) return unconfirmed;
    throw failure;
  }
}

function replacedSecrets(keys: readonly ApiKey[], state: CtyRecord): readonly string[] {
  const known = (state["fingerprints"] ?? {}) as CtyRecord;
  return keys.flatMap((key) => {
    const before = known[key.name] ?? null;
    return before !== null && newestCredential(key)?.fingerprint !== before ? [key.name] : [];
  });
}

function wereRotated(names: readonly string[]): ProviderDiagnostic {
  const shown = names.slice(0, 5).join(", ");
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : "";
  const detail = `Of ${shown}${more}. The keys stay as they are. To give one of them a secret of yours, change its entry in secrets_wo_versions.`;
  return warning("Secrets were replaced outside Terraform", detail);
}
