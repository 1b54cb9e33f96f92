import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import { asResults, attribute, type Attributes } from "../framework/attribute.ts";
import type { DataSource } from "../framework/provider-definition.ts";
import { isUnknown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import { RESULT_ATTRIBUTES } from "./api-key-attributes.ts";
import { resultsOf } from "./api-key-object.ts";
import type { Connection } from "./connection.ts";
import { accountOf, checkFinding, FINDING_ATTRIBUTES, findKey } from "./find-key.ts";
import { attributesOf, SPEC_ATTRIBUTES } from "./spec-attributes.ts";

/** What a data source tells of a key. */
const TOLD: Attributes = {
  project: attribute("string", "provider", "The project that manages the key; null for one that nobody manages."),
  ...asResults(SPEC_ATTRIBUTES),
  ...RESULT_ATTRIBUTES,
};

/** `data "algorithmia_api_key"`: a key that is managed elsewhere. */
export const apiKeyData: DataSource<Connection> = {
  description: "A live key, found by its name or its id. Its secret cannot be read: nobody has it but its holder.",
  attributes: { ...TOLD, ...FINDING_ATTRIBUTES },
  validate: checkFinding,
  read: async (connection, config) => {
    const found = await findKey(config, connection);
    if (!found.ok) return found;
    return { ok: true, value: { ...toldOf(found.value), ...asAsked(config, found.value) }, diagnostics: [] };
  },
};

/** `data "algorithmia_api_keys"`: the live keys of an account. */
export const apiKeysData: DataSource<Connection> = {
  description: "The live keys of an account, filtered as far as filters are stated.",
  attributes: {
    account: attribute("string", "author-or-provider", "The account. Default: the provider's `account`."),
    project: attribute(
      "string",
      "author-or-null",
      'Only keys that this project manages; `""` for those that nobody manages.',
    ),
    name_prefix: attribute("string", "author-or-null", "Only keys whose names begin so, ignoring case."),
    labels: attribute(["map", "string"], "author-or-null", "Only keys that bear all of these labels."),
    enabled: attribute("bool", "author-or-null", "Only keys that are enabled, or only those that are not."),
    keys: {
      setBy: "provider",
      nested: { nesting: "map", attributes: asResults({ name: nameAttribute(), ...TOLD }) },
      description: "The keys by name.",
    },
  },
  validate: () => [],
  read: async (connection, config) => {
    const account = accountOf(config, connection);
    if (!account.ok) return account;
    const { keys } = await connection.live.list(account.value);
    const told = keys
      .filter((key) => passes(key, config))
      .map((key): [string, CtyRecord] => [key.name, { name: key.name, ...toldOf(key) }]);
    return { ok: true, value: { ...config, account: account.value, keys: Object.fromEntries(told) }, diagnostics: [] };
  },
};

function nameAttribute(): Attributes[string] & {} {
  return attribute("string", "provider", "The key's name.");
}

function toldOf(key: ApiKey): CtyRecord {
  return { project: key.managedBy?.project ?? null, ...attributesOf(key.spec), ...resultsOf(key) };
}

/** What the author asked by stands as it was written. */
function asAsked(config: CtyRecord, key: ApiKey): CtyRecord {
  const { name, id, account } = config;
  return { name: name ?? key.name, id: id ?? key.id, account: account ?? key.account };
}

function passes(key: ApiKey, { project, name_prefix: prefix, labels, enabled }: CtyRecord): boolean {
  const wanted = Object.entries(isRecord(labels) ? labels : {});
  return (
    (typeof project !== "string" || (key.managedBy?.project ?? "") === project) &&
    (typeof prefix !== "string" || nameKey(key.name).startsWith(nameKey(prefix))) &&
    (typeof enabled !== "boolean" || key.spec.enabled === enabled) &&
    wanted.every(([name, value]) => key.spec.labels[name] === value)
  );
}

function isRecord(value: CtyValue | undefined): value is CtyRecord {
  return typeof value === "object" && value !== null && !isUnknown(value);
}
