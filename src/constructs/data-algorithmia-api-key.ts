import type { Construct } from "constructs";
import type { ComplexObject, IResolvable, StringMap, TerraformMetaArguments } from "#cdk";
import { cdk } from "./cdk.ts";
import { ReadData } from "./elements.ts";
import type { FieldTable } from "./field-table.ts";

/** Which key to look up: by its name or by its id. */
export interface DataAlgorithmiaApiKeyConfig extends TerraformMetaArguments {
  /** The key's name, ignoring case. State this or `id`. */
  readonly name?: string | undefined;
  /** The platform's id of the key. State this or `name`. */
  readonly id?: string | undefined;
  /** Who owns it. Default: the provider's `account`. */
  readonly account?: string | undefined;
}

/** The arguments of `data "algorithmia_api_key"`. */
export const API_KEY_DATA_TABLE: FieldTable = { name: "text", id: "text", account: "text" };

/** `data "algorithmia_api_key"`: a live key that is managed elsewhere. Its secret cannot be read: only its holder has it. */
export class DataAlgorithmiaApiKey extends ReadData<DataAlgorithmiaApiKeyConfig> {
  /** The data source's type in Terraform. */
  static readonly tfResourceType = "algorithmia_api_key";

  constructor(scope: Construct, id: string, config: DataAlgorithmiaApiKeyConfig) {
    super(scope, id, DataAlgorithmiaApiKey.tfResourceType, API_KEY_DATA_TABLE, config);
    const which = (config.name === undefined) === (config.id === undefined);
    this.node.addValidation({ validate: () => (which ? ["State one of `name` and `id`."] : []) });
  }

  get id(): string {
    return this.getStringAttribute("id");
  }
  get name(): string {
    return this.getStringAttribute("name");
  }
  get account(): string {
    return this.getStringAttribute("account");
  }
  /** The project that manages the key; null for one that nobody manages. */
  get project(): string {
    return this.getStringAttribute("project");
  }
  get description(): string {
    return this.getStringAttribute("description");
  }
  /** A list, in an order of Terraform's: in Terraform it is a set. */
  get algorithms(): string[] {
    return cdk.Token.asList(cdk.Fn.tolist(this.interpolationForAttribute("algorithms")));
  }
  /** `origins.getBooleanAttribute("web")` and the like. */
  get origins(): ComplexObject {
    return new cdk.ComplexObject(this, "origins", false);
  }
  get data(): string {
    return this.getStringAttribute("data");
  }
  get management(): IResolvable {
    return this.getBooleanAttribute("management");
  }
  get enabled(): IResolvable {
    return this.getBooleanAttribute("enabled");
  }
  get expires(): string {
    return this.getStringAttribute("expires");
  }
  get protect(): IResolvable {
    return this.getBooleanAttribute("protect");
  }
  get labels(): StringMap {
    return new cdk.StringMap(this, "labels");
  }
  /** `rotation.getStringAttribute("every")` and the like; null where there is none. */
  get rotation(): ComplexObject {
    return new cdk.ComplexObject(this, "rotation", false);
  }
  get mask(): string {
    return this.getStringAttribute("mask");
  }
  get fingerprint(): string {
    return this.getStringAttribute("fingerprint");
  }
  get createdAt(): string {
    return this.getStringAttribute("created_at");
  }
  get secretCreatedAt(): string {
    return this.getStringAttribute("secret_created_at");
  }
}
