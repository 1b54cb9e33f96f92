import type { Construct } from "constructs";
import type { TerraformProvider } from "#cdk";
import { cdk, sameLibrary } from "./cdk.ts";
import { literal } from "./literal.ts";

/** What an import block says. */
export interface ImportBlockConfig {
  /** The id by which the provider finds what is imported. */
  readonly id: string;
  /** The address that it gets. */
  readonly to: string;
  readonly provider?: TerraformProvider | undefined;
}

/** An `import` block alone. The library's own starts `terraform` for each at synthesis, to ask for its version. */
export class ImportBlock extends cdk.TerraformElement {
  readonly #config: ImportBlockConfig;

  constructor(scope: Construct, id: string, config: ImportBlockConfig) {
    super(sameLibrary(scope), id);
    this.#config = config;
  }

  override toTerraform(): unknown {
    const { id, to, provider } = this.#config;
    return { import: [{ id: literal(id), to, provider: provider?.fqn }] };
  }
}
