import type { Construct } from "constructs";
import type { ITerraformDependable, TerraformProvider } from "#cdk";
import { cdk, sameLibrary } from "./cdk.ts";
import { PROVIDER_METADATA } from "./elements.ts";

/** How a secret is drawn. */
export interface AlgorithmiaSecretConfig {
  readonly provider?: TerraformProvider | undefined;
  readonly dependsOn?: readonly ITerraformDependable[] | undefined;
}

/**
 * `ephemeral "algorithmia_secret"`: a secret of the form that keys have, drawn anew in each run and kept in no plan and no
 * state. Feed it to `secretWo` of a key and, in the same apply, to the write-only argument of whatever is to hold it.
 */
export class AlgorithmiaSecret extends cdk.TerraformElement {
  /** The ephemeral resource's type in Terraform. */
  static readonly tfResourceType = "algorithmia_secret";
  /** What the synthesis looks for a provider by. */
  readonly terraformGeneratorMetadata = PROVIDER_METADATA;
  readonly #config: AlgorithmiaSecretConfig;

  constructor(scope: Construct, id: string, config: AlgorithmiaSecretConfig = {}) {
    super(sameLibrary(scope), id, `ephemeral.${AlgorithmiaSecret.tfResourceType}`);
    this.#config = config;
  }

  /** The secret. Ephemeral: it goes into write-only arguments, other ephemeral blocks and providers' configurations only. */
  get secret(): string {
    return this.#attribute("secret");
  }

  /** Its first characters, as the key's `mask` will show them. */
  get mask(): string {
    return this.#attribute("mask");
  }

  /** The first 16 digits of its SHA-256, as the key's `fingerprint` will be. */
  get fingerprint(): string {
    return this.#attribute("fingerprint");
  }

  override toTerraform(): unknown {
    const { provider, dependsOn } = this.#config;
    const block = {
      ...(provider === undefined ? {} : { provider: provider.fqn }),
      ...(dependsOn === undefined ? {} : { depends_on: dependsOn.map((one) => cdk.dependable(one)) }),
      "//": this.constructNodeMetadata,
    };
    return { ephemeral: { [AlgorithmiaSecret.tfResourceType]: { [this.friendlyUniqueId]: block } } };
  }

  #attribute(name: string): string {
    const address = `ephemeral.${AlgorithmiaSecret.tfResourceType}.${this.friendlyUniqueId}.${name}`;
    return cdk.Token.asString(cdk.ref(address, this.cdktfStack));
  }
}
