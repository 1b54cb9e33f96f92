import type { ApiKey } from "../../core/api-key.ts";
import { canonicalJson, canonicalSpec } from "../../core/canonical.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";
import { keySubject, replaced, SAY_MOVED } from "./this-run.ts";

/**
 * Whether a key that is to be made may be the live one of that name instead; undefined: it may. A key of this project that
 * nobody has confirmed is what an apply left that died before it could write its state. One that nobody manages needs
 * `adopt`. Everything else is somebody's: Terraform is not to take it, nor to replace it.
 */
export function takeOverRefusal(
  live: ApiKey,
  spec: KeySpec | undefined,
  planned: CtyRecord,
  connection: Connection,
): ProviderDiagnostic | undefined {
  const named = `The key ${live.name} of ${live.account} lives already (id ${live.id})`;
  if (connection.run.inState.has(keySubject(live.id))) return replaced(`The key ${live.name}`);
  if (connection.run.made.has(keySubject(live.id))) {
    return error(`Two blocks make the key ${live.name}`, `${named}: another block has just made it.`, "name");
  }
  const manager = live.managedBy?.project;
  if (manager === undefined) {
    if (planned["adopt"] === true) return undefined;
    const detail = `${named} and nobody manages it. Set adopt = true to take it over as it is declared, or import it: ${importHint(live)}`;
    return error(`The name ${live.name} is taken`, detail, "name");
  }
  if (manager !== connection.project) {
    const detail = `${named} and is managed by the project ${manager}. Choose another name, or have that project let go of it.`;
    return error(`The name ${live.name} is taken`, detail, "name");
  }
  if (isUnfinished(live, spec)) return undefined;
  const detail =
    `${named}. Keys are never replaced: what -replace would do, rotation_trigger or secret_wo_version does in place, ` +
    `without an outage. ${SAY_MOVED} If it is to manage this key, import it: ${importHint(live)}`;
  return error(`The key ${live.name} lives already`, detail, "name");
}

function isUnfinished({ credentials, spec: live }: ApiKey, spec: KeySpec | undefined): boolean {
  if (credentials.some(({ acknowledgedAt }) => acknowledgedAt !== null)) return false;
  return credentials.length > 0 || (spec !== undefined && meaning(live) === meaning(spec));
}

function meaning(spec: KeySpec): string {
  return canonicalJson(canonicalSpec(spec));
}

function importHint({ account, name }: ApiKey): string {
  return `\`terraform import ADDRESS ${account}/${name}\`.`;
}
