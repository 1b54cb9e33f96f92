import type { Construct } from "constructs";
import { cdk, sameLibrary } from "./cdk.ts";
import { PROVIDER_METADATA, PROVIDER_SOURCE } from "./elements.ts";
import { unknownFields } from "./field-faults.ts";
import { argumentsIn, type FieldTable } from "./field-table.ts";
import { isKnownLater } from "./literal.ts";

/** Where the keys live, and whose they are. */
export interface AlgorithmiaProviderConfig {
  /** The platform's address, `https://keys.example.com`. Default: the environment variable `ALGOKEYS_PLATFORM`. */
  readonly url?: string | undefined;
  /**
   * The admin key, as a variable or another value that is known only when Terraform runs: what is written here stands in
   * the synthesized file. Default: the environment variable `ALGOKEYS_TOKEN`.
   */
  readonly token?: string | undefined;
  /** A file that holds the admin key. */
  readonly tokenFile?: string | undefined;
  /** `file:` and the path of an embedded platform, instead of `url`. */
  readonly platform?: string | undefined;
  /** The account of every key that states none. */
  readonly account?: string | undefined;
  /** Who manages the keys: the ownership marker. Default: `terraform`. */
  readonly project?: string | undefined;
  /** Another name, for a second provider in one stack; hand the construct to what is to use it. */
  readonly alias?: string | undefined;
}

/** The provider's configuration as Terraform knows it. */
export const PROVIDER_TABLE: FieldTable = {
  url: "text",
  token: "text",
  token_file: "text",
  platform: "text",
  account: "text",
  project: "text",
};

/** The provider `algorithmia`: every stack with keys has one. */
export class AlgorithmiaProvider extends cdk.TerraformProvider {
  /** The provider's name in Terraform. */
  static readonly tfResourceType = "algorithmia";
  /** What was given for it. */
  readonly fields: AlgorithmiaProviderConfig;
  #alias: string | undefined;

  constructor(scope: Construct, id: string, config: AlgorithmiaProviderConfig = {}) {
    super(sameLibrary(scope), id, {
      terraformResourceType: AlgorithmiaProvider.tfResourceType,
      terraformProviderSource: PROVIDER_SOURCE,
      terraformGeneratorMetadata: PROVIDER_METADATA,
    });
    this.fields = config;
    this.#alias = config.alias;
    this.node.addValidation({
      validate: () => [...unknownFields(config, PROVIDER_TABLE, ["alias"]), ...tokenFaults(config)],
    });
  }

  override get alias(): string | undefined {
    return this.#alias;
  }

  override set alias(value: string | undefined) {
    this.#alias = value;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return {
      ...argumentsIn(this.node.path, this.fields, PROVIDER_TABLE),
      ...(this.#alias === undefined ? {} : { alias: this.#alias }),
    };
  }
}

function tokenFaults({ token }: AlgorithmiaProviderConfig): string[] {
  if (token === undefined || isKnownLater(token)) return [];
  return [
    "token: the admin key would stand in the synthesized file for everyone to read. Leave it out and set the environment " +
      "variable ALGOKEYS_TOKEN, or give a sensitive TerraformVariable.",
  ];
}
