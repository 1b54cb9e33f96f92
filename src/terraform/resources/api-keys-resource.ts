import type { ManagedResource } from "../framework/provider-definition.ts";
import { isUnknown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { API_KEYS_ATTRIBUTES, API_KEYS_IDENTITY } from "./api-keys-attributes.ts";
import { checkSettings, readDeclared, type Environment } from "./api-keys-declaration.ts";
import { planApiKeys, planApiKeysDestroy } from "./api-keys-plan.ts";
import { importApiKeys, readApiKeys } from "./api-keys-read.ts";
import { applyApiKeys, destroyApiKeys } from "./api-keys-write.ts";
import type { Connection } from "./connection.ts";
import { checkGivenSecret } from "./given-secret.ts";
import { projectSubject } from "./this-run.ts";

/** `algorithmia_api_keys`: every key of a project in one resource, read by one listing and written by one change set. */
export function apiKeysResource(env: Environment): ManagedResource<Connection> {
  return {
    version: 0,
    description:
      "All keys of a project in one resource, from a declaration in YAML or a map: one listing to read them, one change set " +
      "to write them, whole or not at all. This is how to have thousands. It deletes the project's keys that are no longer " +
      "declared, so give each such resource a project of its own.",
    attributes: API_KEYS_ATTRIBUTES,
    identity: API_KEYS_IDENTITY,
    upgrades: {},
    validate: (config) => validateApiKeys(config, env),
    standsInState: ({ run }, { account, project }) => {
      if (typeof account === "string" && typeof project === "string") run.inState.add(projectSubject(account, project));
    },
    read: readApiKeys,
    plan: (connection, request) => planApiKeys(connection, request, env),
    planDestroy: planApiKeysDestroy,
    create: (connection, request) => applyApiKeys(connection, request, env),
    update: (connection, request) => applyApiKeys(connection, request, env),
    destroy: destroyApiKeys,
    import: importApiKeys,
  };
}

/** What stands in for owners that are not known yet; no message names it. */
const SOMEBODY = { account: "account", project: "project" };

async function validateApiKeys(config: CtyRecord, env: Environment): Promise<readonly ProviderDiagnostic[]> {
  const { manifest, keys, variables } = config;
  const unknown = [manifest, keys, variables].some((value) => isUnknown(value ?? null));
  const declared =
    unknown || (manifest === null && keys === null) ? undefined : await readDeclared(config, SOMEBODY, env);
  const names = declared?.ok === true ? new Set(declared.value.keys.map(({ name }) => name)) : undefined;
  return [
    ...checkSettings(config, names),
    ...(declared?.diagnostics ?? []),
    ...checkSecrets(config["secrets_wo"] ?? null),
  ];
}

function checkSecrets(secrets: CtyValue): readonly ProviderDiagnostic[] {
  if (secrets === null || isUnknown(secrets)) return [];
  return Object.entries(secrets as CtyRecord).flatMap(([name, secret]) =>
    checkGivenSecret(secret, [{ attribute: "secrets_wo" }, { key: name }]),
  );
}
