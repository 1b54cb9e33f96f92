import type { ApiKey, Credential } from "../core/api-key.ts";
import { declaredSpec } from "../core/declared-spec.ts";
import { credentialState, keyState } from "./key-view.ts";
import { jsonDocument } from "./shown.ts";

/**
 * Keys for programs: `$defs/keys` of `schemas/report.schema.json`. Every field is named here, so that nothing a platform
 * adds gets out by itself. `now` in milliseconds since 1970.
 */
export function keysJson(keys: readonly ApiKey[], now: number): string {
  return jsonDocument({ formatVersion: 1, keys: keys.map((key) => keyDocument(key, now)) });
}

function keyDocument(key: ApiKey, now: number): object {
  const { at, actor, project, changeSet } = key.lastChange;
  return {
    id: key.id,
    account: key.account,
    name: key.name,
    state: keyState(key, now),
    spec: declaredSpec(key.spec),
    revision: key.revision,
    managedBy: key.managedBy === null ? null : { project: key.managedBy.project },
    renamedFrom: key.renamedFrom,
    createdAt: key.createdAt,
    lastChange: { at, actor, project, changeSet },
    deletedAt: key.deletedAt,
    credentials: key.credentials.map((credential) => credentialDocument(credential, now)),
  };
}

function credentialDocument(credential: Credential, now: number): object {
  const { id, mask, fingerprint, createdAt, acknowledgedAt, retiresAt, revokedAt } = credential;
  const state = credentialState(credential, now);
  return { id, state, mask, fingerprint, createdAt, acknowledgedAt, retiresAt, revokedAt };
}
