import type { Construct } from "constructs";
import type { TerraformElement, TerraformMetaArguments, TerraformProvider } from "#cdk";
import { cdk } from "./cdk.ts";
import { checkKey } from "./check-key.ts";
import { commandLineMetadata } from "./command-line-metadata.ts";
import { ManagedResource } from "./elements.ts";
import { ImportBlock } from "./import-block.ts";
import type { FieldTable } from "./field-table.ts";
import { SPEC_TABLE, type CommandLineFields, type Flag, type KeyFields } from "./key-fields.ts";
import { isKnownLater } from "./literal.ts";
import { watchNames } from "./unique-names.ts";

/** One API key. */
export interface ApiKeyConfig extends TerraformMetaArguments, KeyFields, CommandLineFields {
  /** The key's name, unique within its account ignoring case. Changing it renames the key: its id and its secret stay. */
  readonly name: string;
  /** Who owns it. Default: the provider's `account`. */
  readonly account?: string | undefined;
  /**
   * The secret that the key shall have, such as that of an {@link AlgorithmiaSecret}: in no plan and no state. It counts when
   * the key is made and whenever `secretWoVersion` or `rotationTrigger` changes.
   */
  readonly secretWo?: string | undefined;
  /** Changing it gives the key the secret that `secretWo` then holds, in place. */
  readonly secretWoVersion?: string | number | undefined;
  /** When any of these values changes, the key gets another secret in place. See {@link KeyRotation}. */
  readonly rotationTrigger?: Readonly<Record<string, string>> | undefined;
  /** Whether the provider draws the secret and keeps it in the state, for everyone who reads the state. Default: `false`. */
  readonly keepSecretInState?: Flag | undefined;
  /** Whether a key of this name that lives already and is managed by nobody is taken over. Default: `false`. */
  readonly adopt?: Flag | undefined;
}

/** The arguments of `algorithmia_api_key`; held against the provider's own answer by the parity test. */
export const API_KEY_TABLE: FieldTable = {
  name: "text",
  account: "text",
  ...SPEC_TABLE,
  secret_wo: "text",
  secret_wo_version: "text",
  rotation_trigger: "texts by name",
  keep_secret_in_state: "flag",
  adopt: "flag",
};

/** `algorithmia_api_key`: one key, restricted to what its application needs. It is checked when it is synthesized. */
export class ApiKey extends ManagedResource<ApiKeyConfig> {
  /** The resource's type in Terraform. */
  static readonly tfResourceType = "algorithmia_api_key";

  constructor(scope: Construct, id: string, config: ApiKeyConfig) {
    super(scope, id, ApiKey.tfResourceType, API_KEY_TABLE, config);
    watchNames(this);
  }

  /**
   * Has Terraform import a key of which it is to write the configuration, by `terraform plan -generate-config-out=FILE`. There
   * is no construct for it then: `toId` is its name in Terraform.
   */
  static generateConfigForImport(
    scope: Construct,
    toId: string,
    fromId: string,
    provider?: TerraformProvider,
  ): TerraformElement {
    return new ImportBlock(scope, toId, { id: fromId, to: `${ApiKey.tfResourceType}.${toId}`, provider });
  }

  /** The platform's id of the key: it stays through renaming, re-scoping and rotation. */
  get id(): string {
    return this.getStringAttribute("id");
  }

  /** The key's name, as a reference to this resource. */
  get name(): string {
    return this.getStringAttribute("name");
  }

  /** The account that owns the key, as a reference to this resource. */
  get account(): string {
    return this.getStringAttribute("account");
  }

  /** The first characters of its secret; null without a secret. */
  get mask(): string {
    return this.getStringAttribute("mask");
  }

  /** The first 16 digits of its secret's SHA-256; null without a secret. */
  get fingerprint(): string {
    return this.getStringAttribute("fingerprint");
  }

  /** When the key was made. */
  get createdAt(): string {
    return this.getStringAttribute("created_at");
  }

  /** When its secret was issued; null without a secret. */
  get secretCreatedAt(): string {
    return this.getStringAttribute("secret_created_at");
  }

  /** The secret itself with `keepSecretInState: true`, else null. Sensitive: an output of it must be too. */
  get secret(): string {
    return this.getStringAttribute("secret");
  }

  protected override validateFields(): readonly string[] {
    const { errors, warnings } = checkKey(this.fields);
    for (const warning of warnings) cdk.Annotations.of(this).addWarning(warning);
    return [...errors, ...this.#secretFaults()];
  }

  protected override get fieldsBeside(): readonly string[] {
    return ["renamedFrom", "deliver", "tests"];
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...super.synthesizeAttributes(), ...commandLineMetadata(this.fields) };
  }

  #secretFaults(): readonly string[] {
    const { secretWo, secretWoVersion, rotationTrigger, keepSecretInState } = this.fields;
    const found: string[] = [];
    if (secretWo !== undefined && !isKnownLater(secretWo)) {
      found.push(
        "secretWo: the secret would stand in the synthesized file for everyone to read. Give that of an AlgorithmiaSecret, " +
          "or of an ephemeral variable.",
      );
    }
    if (secretWo !== undefined && secretWoVersion === undefined && rotationTrigger === undefined) {
      found.push(
        "secretWo: Terraform cannot see that a write-only value changes, so the secret could never be replaced. Add " +
          "`secretWoVersion: 1`, and count it up to rotate.",
      );
    }
    if (secretWo === undefined && secretWoVersion !== undefined) {
      found.push("secretWoVersion: it says that secretWo holds another secret, and secretWo is not stated.");
    }
    if (secretWo !== undefined && keepSecretInState === true) {
      found.push("keepSecretInState: with secretWo the secret is in no state. State one of the two.");
    }
    if (rotationTrigger !== undefined && secretWo === undefined && keepSecretInState === undefined) {
      found.push(
        "rotationTrigger: when it changes, the key gets another secret, and nobody would hold it. Add secretWo, or keepSecretInState.",
      );
    }
    return found;
  }
}
