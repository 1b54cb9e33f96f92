import { nameKey } from "../../core/key-name.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import { changedAttributes, plannedObject } from "../framework/plan-attributes.ts";
import type { Attempt, PlannedObject, PlanObject } from "../framework/provider-definition.ts";
import { isUnknown, isWhollyKnown, UNKNOWN, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { API_KEY_ATTRIBUTES, RESULT_ATTRIBUTES } from "./api-key-attributes.ts";
import type { Connection } from "./connection.ts";
import { error, warning } from "./diagnostics.ts";
import { specFrom } from "./spec-attributes.ts";
import { takeOverRefusal } from "./take-over.ts";

/** What a key is to become, and what stands against it: all that can be known before it is tried. */
export async function planApiKey(
  connection: Connection | null,
  { prior, config }: PlanObject,
): Promise<Attempt<PlannedObject>> {
  return prior === null ? await planCreation(connection, config) : planUpdate(prior, config);
}

/** A protected key is not destroyed: the platform would refuse, in the middle of an apply. */
export function planApiKeyDestroy({ state }: ResourceObject): readonly ProviderDiagnostic[] {
  if (state["protect"] !== true) return [];
  const detail =
    "The platform refuses to delete a protected key, whoever asks. Apply `protect = false` first, and then destroy it; " +
    "to stop managing it and keep it, use a `removed` block.";
  return [error(`The key ${text(state["name"])} is protected`, detail)];
}

/** True if the key gets another secret. */
export function rotates(prior: CtyRecord, planned: CtyRecord, config: CtyRecord): boolean {
  const changed = (name: string): boolean => changedAttributes(only(name), prior, planned).length > 0;
  if ((config["secret_wo"] ?? null) !== null && planned["secret_wo_version"] !== null && changed("secret_wo_version")) {
    return true;
  }
  if (planned["keep_secret_in_state"] === true && prior["keep_secret_in_state"] !== true) return true;
  // Triggers that are stated for the first time describe what is; only their change is one.
  return prior["rotation_trigger"] !== null && planned["rotation_trigger"] !== null && changed("rotation_trigger");
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
  if (diagnostics.some(({ severity }) => severity === "error")) return { ok: false, diagnostics };
  return { ok: true, value: { state: planned, private: new Uint8Array(), requiresReplace: [] }, diagnostics };
}

function planUpdate(prior: ResourceObject, config: CtyRecord): Attempt<PlannedObject> {
  const planned: Record<string, CtyValue> = { ...plannedObject(API_KEY_ATTRIBUTES, prior.state, config) };
  const moves = changedAttributes(only("account"), prior.state, planned).length > 0;
  if (rotates(prior.state, planned, config)) {
    for (const name of SECRET_RESULTS) planned[name] = UNKNOWN;
    planned["secret"] = UNKNOWN;
  }
  const keeps = planned["keep_secret_in_state"] ?? null;
  if (keeps !== true && !isUnknown(keeps)) planned["secret"] = null;
  const requiresReplace = moves ? [[{ attribute: "account" }]] : [];
  return { ok: true, value: { state: planned, private: prior.private, requiresReplace }, diagnostics: [] };
}

/** What the live keys say of a key that is to be made. */
async function foreseen(connection: Connection, planned: CtyRecord): Promise<readonly ProviderDiagnostic[]> {
  const { account, name } = planned;
  if (typeof account !== "string" || typeof name !== "string") return [];
  const live = await connection.live.list(account);
  if (!live.account.exists) return unknownAccount(connection, account);
  const found = live.keys.find((key) => nameKey(key.name) === nameKey(name));
  if (found === undefined) return [];
  const refusal = takeOverRefusal(found, knownSpec(planned), planned, connection);
  if (refusal !== undefined) return [refusal];
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
