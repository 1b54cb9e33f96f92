import type { Construct } from "constructs";
import type { StringMap, TerraformMetaArguments } from "#cdk";
import { cdk } from "./cdk.ts";
import { checkKeys, type KeyFindings } from "./check-key.ts";
import { checkManifestText } from "./check-manifest-text.ts";
import { ManagedResource } from "./elements.ts";
import type { FieldTable } from "./field-table.ts";
import { SPEC_TABLE, type Flag, type KeyFields } from "./key-fields.ts";
import { isKnownLater } from "./literal.ts";

/** A key in the map of a whole project. */
export interface ProjectKey extends KeyFields {
  /** The name that the key had before: a rename keeps the key and its secret. */
  readonly renamedFrom?: string | undefined;
}

/** A whole project's keys: those of a declaration in YAML, or of a map. */
export interface ApiKeysConfig extends TerraformMetaArguments {
  /** A whole declaration in YAML. State this or `keys`. */
  readonly manifest?: string | undefined;
  /** Values for `${var.name}` in the manifest. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** The keys by name. State this or `manifest`. */
  readonly keys?: Readonly<Record<string, ProjectKey>> | undefined;
  /** Who owns the keys; with a manifest, what it states. Default: the provider's `account`. */
  readonly account?: string | undefined;
  /** Who manages the keys; with a manifest, what it states. Default: the provider's `project`. */
  readonly project?: string | undefined;
  /** Secrets by the key's name, such as those of {@link AlgorithmiaSecret}s. */
  readonly secretsWo?: Readonly<Record<string, string>> | undefined;
  /** Versions by the key's name: changing one gives that key the secret that `secretsWo` then holds. */
  readonly secretsWoVersions?: Readonly<Record<string, string>> | undefined;
  /** How many keys a plan may delete, `5` or `50%`. */
  readonly maxDeletes?: string | undefined;
  /** Whether declared keys that live already and are managed by nobody are taken over. Default: `false`. */
  readonly adopt?: Flag | undefined;
}

/** The arguments of `algorithmia_api_keys`; held against the provider's own answer by the parity test. */
export const API_KEYS_TABLE: FieldTable = {
  manifest: "text",
  variables: "texts by name",
  keys: { "objects by name": { ...SPEC_TABLE, renamed_from: "text" } },
  account: "text",
  project: "text",
  secrets_wo: "texts by name",
  secrets_wo_versions: "texts by name",
  max_deletes: "text",
  adopt: "flag",
};

/** `algorithmia_api_keys`: all keys of a project in one resource, one listing and one change set; for thousands of them. */
export class ApiKeys extends ManagedResource<ApiKeysConfig> {
  /** The resource's type in Terraform. */
  static readonly tfResourceType = "algorithmia_api_keys";

  constructor(scope: Construct, id: string, config: ApiKeysConfig) {
    super(scope, id, ApiKeys.tfResourceType, API_KEYS_TABLE, config);
  }

  /** What each key may do, as JSON by the key's name. */
  get specs(): StringMap {
    return new cdk.StringMap(this, "specs");
  }

  /** The platform's id of each key, by the key's name: `ids.lookup("storefront-web")`. */
  get ids(): StringMap {
    return new cdk.StringMap(this, "ids");
  }

  /** The first characters of each key's secret, by the key's name. */
  get masks(): StringMap {
    return new cdk.StringMap(this, "masks");
  }

  /** The first 16 digits of the SHA-256 of each key's secret, by the key's name. */
  get fingerprints(): StringMap {
    return new cdk.StringMap(this, "fingerprints");
  }

  protected override validateFields(): readonly string[] {
    const { manifest, keys } = this.fields;
    const found = [...this.#settingFaults()];
    if ((manifest === undefined) === (keys === undefined)) {
      found.push(manifest === undefined ? "State `manifest` or `keys`." : "State one of `manifest` and `keys`.");
    }
    const { errors, warnings } = this.#findings();
    for (const warning of warnings) cdk.Annotations.of(this).addWarning(warning);
    return [...found, ...errors];
  }

  #findings(): KeyFindings {
    const { manifest, variables = {}, keys = {}, account, project } = this.fields;
    if (manifest !== undefined) {
      if (isKnownLater(manifest) || isKnownLater(variables)) return { errors: [], warnings: [] };
      return checkManifestText(manifest, variables, { account, project });
    }
    if (isKnownLater(keys)) return { errors: [], warnings: [] };
    const known = Object.entries(keys).filter(([, key]) => !isKnownLater(key));
    return checkKeys(Object.fromEntries(known), account, (path) => path);
  }

  #settingFaults(): readonly string[] {
    const { secretsWo = {}, maxDeletes, variables, manifest } = this.fields;
    const found: string[] = [];
    const secrets = isKnownLater(secretsWo) ? [] : Object.entries(secretsWo);
    for (const [name, secret] of secrets) {
      if (isKnownLater(secret)) continue;
      found.push(
        `secretsWo[${JSON.stringify(name)}]: the secret would stand in the synthesized file for everyone to read. Give that ` +
          "of an AlgorithmiaSecret.",
      );
    }
    if (maxDeletes !== undefined && !isKnownLater(maxDeletes) && !/^(?:\d{1,9}|(?:\d\d?|100)%)$/.test(maxDeletes)) {
      found.push('maxDeletes: It is no number and no percentage. Write `"5"` or `"50%"`.');
    }
    if (variables !== undefined && manifest === undefined) {
      found.push("variables: They are for a manifest, and `keys` are stated.");
    }
    return found;
  }
}
