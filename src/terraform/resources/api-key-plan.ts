import { nameKey } from "../../core/key-name.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import { changedAttributes, plannedObject } from "../framework/plan-attributes.ts";
import type { Attempt, PlannedObject, PlanObject } from "../framework/provider-definition.ts";
import { isUnknown, isWhollyKnown, UNKNOWN, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import { failed, type ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { API_KEY_ATTRIBUTES, RESULT_ATTRIBUTES } from "./api-key-attributes.ts";
import { keep, keptBeside, type KeptBeside } from "./api-key-object.ts";
import type { Connection } from "./connection.ts";
import { error, warning } from "./diagnostics.ts";
import { specFrom } from "./spec-attributes.ts";
import { takeOverRefusal } from "./take-over.ts";
import { destroyedInThisRun, keySubject, nameSubject, replaced, takenUp } from "./this-run.ts";

/** What a key is to become, and what stands against it: all that can be known before it is tried. */
export async function planApiKey(
  connection: Connection | null,
  { prior, config }: PlanObject,
): Promise<Attempt<PlannedObject>> {
  return prior === null ? await planCreation(connection, config) : planUpdate(connection, prior, config);
}

/** A protected key is not destroyed: the platform would refuse, in the middle of an apply. */
export function planApiKeyDestroy(
  connection: Connection | null,
  { state, private: kept }: ResourceObject,
): readonly ProviderDiagnostic[] {
  const name = text(state["name"]);
  if (connection?.run.taken.has(keySubject(text(state["id"]))) === true) return [takenUp(`The key ${name}`)];
  const handed = connection === null ? undefined : otherManager(connection, keptBeside(kept));
  if (handed !== undefined) return [othersKey(name, handed, "error")];
  if (state["protect"] !== true) return [];
  const detail =
    "The platform refuses to delete a protected key, whoever asks. Apply `protect = false` first, and then destroy it; " +
    "to stop managing it and keep it, use a `removed` block.";
  return [error(`The key ${name} is protected`, detail)];
}

/** True if the key gets another secret. */
export function rotates(prior: CtyRecord, planned: CtyRecord, config: CtyRecord): boolean {
  const changed = (name: string): boolean => changedAttributes(only(name), prior, planned).length > 0;
  if ((config["secret_wo"] ?? null) !== null && planned["secret_wo_version"] !== null && changed("secret_wo_version")) {
    return true;
  }
  if (planned["keep_secret_in_state"] === true && prior["keep_secret_in_state"] !== true) return true;
  // Triggers that are stated for the first time describe what is, unless that is a secret that was issued elsewhere.
  const lacks = planned["keep_secret_in_state"] === true && prior["secret"] === null;
  const described = prior["rotation_trigger"] !== null || lacks;
  return described && planned["rotation_trigger"] !== null && changed("rotation_trigger");
}

async function planCreation(connection: Connection | null, config: CtyRecord): Promise<Attempt<PlannedObject>> {
  const planned: Record<string, CtyValue> = { ...plannedObject(API_KEY_ATTRIBUTES, null, config) };
  if (connection !== null && isUnknown(planned["account"] ?? null)) {
    if (config["account"] === null && connection.account === null) return { ok: false, diagnostics: [noAccount()] };
    if (config["account"] === null) planned["account"] = connection.account;
  }
  const keeps = planned["keep_secret_in_state"] ?? null;
  const issues = (config["secret_wo"] ?? null) !== null || keeps === true || isUnknown(keeps);
  for (const name of SECRET_RESULTS) planned[name] = issues ? UNKNOWN : null;
  planned["secret"] = keeps === true || isUnknown(keeps) ? UNKNOWN : null;
  const diagnostics: ProviderDiagnostic[] = issues ? [] : [noSecret(planned)];
  if (connection !== null) diagnostics.push(...(await foreseen(connection, planned)));
  if (failed(diagnostics)) return { ok: false, diagnostics };
  const { account } = planned;
  const mark = keep({ credential: null, creates: typeof account === "string" ? account : null });
  return { ok: true, value: { state: planned, private: mark, requiresReplace: [] }, diagnostics };
}

function planUpdate(connection: Connection | null, prior: ResourceObject, config: CtyRecord): Attempt<PlannedObject> {
  const planned: Record<string, CtyValue> = { ...plannedObject(API_KEY_ATTRIBUTES, prior.state, config) };
  // An account that is not known yet is taken to be the same: if it turns out to be another, that is refused then.
  const moves =
    !isUnknown(planned["account"] ?? null) && changedAttributes(only("account"), prior.state, planned).length > 0;
  const found = connection === null ? [] : updateFaults(connection, prior, planned, moves);
  if (failed(found)) return { ok: false, diagnostics: found };
  if (rotates(prior.state, planned, config)) {
    for (const name of SECRET_RESULTS) planned[name] = UNKNOWN;
    planned["secret"] = UNKNOWN;
  }
  const keeps = planned["keep_secret_in_state"] ?? null;
  if (keeps !== true && !isUnknown(keeps)) planned["secret"] = null;
  const requiresReplace = moves ? [[{ attribute: "account" }]] : [];
  return { ok: true, value: { state: planned, private: prior.private, requiresReplace }, diagnostics: found };
}

/** What stands against a change of a key, beside its configuration. */
function updateFaults(
  connection: Connection,
  { state, private: kept }: ResourceObject,
  planned: CtyRecord,
  moves: boolean,
): readonly ProviderDiagnostic[] {
  const { run } = connection;
  const [name, id] = [text(state["name"]), keySubject(text(state["id"]))];
  if (run.taken.has(id)) return [takenUp(`The key ${name}`)];
  if (moves) return run.read.has(id) ? [] : [cannotChangeHands(`The key ${name}`, text(state["account"]))];
  const called = planned["name"];
  if (typeof called === "string") run.claimed.add(nameSubject(text(state["account"]), called));
  const manager = otherManager(connection, keptBeside(kept));
  if (manager === undefined) return [];
  const changes = changedAttributes(API_KEY_ATTRIBUTES, state, planned).length > 0;
  return [othersKey(name, manager, changes ? "error" : "warning")];
}

/** The project that manages a key, if it is not this one's. */
function otherManager({ project }: Connection, { manager }: KeptBeside): string | undefined {
  return manager === undefined || manager === null || manager === project ? undefined : manager;
}

/** What the live keys say of a key that is to be made. */
async function foreseen(connection: Connection, planned: CtyRecord): Promise<readonly ProviderDiagnostic[]> {
  const { account, name } = planned;
  if (typeof account !== "string" || typeof name !== "string") return [];
  const subject = nameSubject(account, name);
  if (connection.run.claimed.has(subject)) return [replaced(`The key ${name}`)];
  if (connection.run.destroyed.has(subject)) return [wasDestroyed(name)];
  const live = await connection.live.list(account);
  if (!live.account.exists) return unknownAccount(connection, account);
  const found = live.keys.find((key) => nameKey(key.name) === nameKey(name));
  if (found === undefined) return [];
  const refusal = takeOverRefusal(found, knownSpec(planned), planned, connection);
  if (refusal !== undefined) return [refusal];
  connection.run.taken.add(keySubject(found.id));
  const detail = `The key ${found.name} (id ${found.id}) lives already. It is not made anew: it becomes what is declared, and keeps its id.`;
  return [warning(`The key ${found.name} will be taken over`, detail, "name")];
}

/** Tells once, however many keys it is to have, that an account will be made. */
export function unknownAccount({ missing }: Connection, account: string): readonly ProviderDiagnostic[] {
  if (missing.has(nameKey(account))) return [];
  missing.add(nameKey(account));
  const detail = "The apply will make it, if the token may. Check its spelling if it should be there.";
  return [warning(`The platform has no account ${account}`, detail)];
}

function knownSpec(planned: CtyRecord): KeySpec | undefined {
  return Object.keys(planned).every(
    (name) => name in RESULT_ATTRIBUTES || name === "secret" || isWhollyKnown(planned[name] ?? null),
  )
    ? specFrom(planned)
    : undefined;
}

function only(name: string): typeof API_KEY_ATTRIBUTES {
  const one = API_KEY_ATTRIBUTES[name];
  return one === undefined ? {} : { [name]: one };
}

/** What is known of a secret once it is issued. */
const SECRET_RESULTS = ["mask", "fingerprint", "secret_created_at"];

/** Why a key is not made that this run has destroyed. */
export function wasDestroyed(name: string): ProviderDiagnostic {
  return destroyedInThisRun(`The key ${name}`, `run \`algokeys keys restore ${name}\` and import it.`);
}

/** An account that turns out to be another in the middle of an apply: what was reviewed is not what would be done. */
export function cannotChangeHands(what: string, account: string): ProviderDiagnostic {
  const detail =
    `The account is ${account}, and that another account is meant was not known when it was planned. Nothing was written. Plan again, ` +
    "without -refresh=false, to see what a key of another account costs: another id and another secret.";
  return error(`${what} cannot change hands`, detail, "account");
}

function othersKey(name: string, manager: string, severity: "error" | "warning"): ProviderDiagnostic {
  const detail =
    `It is managed by the project ${manager}, and keys of other projects are never touched. State project = "${manager}" in the ` +
    "provider's configuration if that is this one; else give the key up with a `removed` block.";
  return { ...error(`The key ${name} is another project's`, detail), severity };
}

function noAccount(): ProviderDiagnostic {
  return error(
    "No account is stated",
    "State `account` here, or for every key in the provider's configuration.",
    "account",
  );
}

function noSecret(planned: CtyRecord): ProviderDiagnostic {
  const detail =
    "Nobody can call with a key that has no secret. Give it one with secret_wo and secret_wo_version, " +
    "or issue one later. Without either it is made all the same.";
  return warning(`The key ${text(planned["name"])} will have no secret`, detail);
}

function text(value: CtyValue | undefined): string {
  return typeof value === "string" ? value : "(known after apply)";
}
