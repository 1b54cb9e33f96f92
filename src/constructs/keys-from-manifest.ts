import type { Construct } from "constructs";
import type { TerraformProvider } from "#cdk";
import { declaredSpec } from "../core/declared-spec.ts";
import type { Manifest, ManifestKey } from "../core/manifest.ts";
import { constructId } from "../manifest/construct-id.ts";
import { loadDataFiles } from "../manifest/load.ts";
import { ApiKey } from "./api-key.ts";
import { cdk, constructs } from "./cdk.ts";
import { disagreements, manifestFindings } from "./check-manifest-text.ts";
import type { CommandLineFields, KeyFields } from "./key-fields.ts";
import { DEFAULT_PROJECT, providerOf } from "./stack-provider.ts";

/** Which declaration to read. */
export interface KeysFromManifestConfig {
  /** A YAML or JSON file, or a folder of YAML files; several make one declaration. */
  readonly files: string | readonly string[];
  /** The folder that `files` and the files of `deliver` are in. Default: the one in which the app runs. */
  readonly folder?: string | undefined;
  /** Values for `${var.name}`. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Values for `${env.NAME}`. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The secret of a key, and its version: how keys get secrets. Default: they get none. */
  readonly secret?:
    ((name: string) => Pick<ConstructorConfig, "secretWo" | "secretWoVersion" | "rotationTrigger">) | undefined;
  readonly provider?: TerraformProvider | undefined;
}

type ConstructorConfig = ConstructorParameters<typeof ApiKey>[2];

/**
 * Makes a construct of each key that a YAML declaration declares, named like the key. Throws if the declaration is not valid,
 * with every problem and its place. The provider's `project` is who manages them; that of the declaration must agree with it.
 */
export class KeysFromManifest extends constructs.Construct {
  /** What was read. */
  readonly manifest: Manifest;
  readonly #keys = new Map<string, ApiKey>();

  constructor(scope: Construct, id: string, config: KeysFromManifestConfig) {
    super(scope, id);
    const { files, folder: cwd = ".", variables: vars = {}, environment: env = {}, secret, provider } = config;
    const read = loadDataFiles(typeof files === "string" ? [files] : files, { cwd, vars, env });
    const { errors, warnings } = manifestFindings(read.diagnostics);
    if (!read.ok) throw new Error(`[${this.node.path}] The declaration is not valid.\n${errors.join("\n")}`);
    for (const warning of warnings) cdk.Annotations.of(this).addWarning(warning);
    this.manifest = read.value;
    this.node.addValidation({
      validate: () => {
        const used = providerOf(this, provider);
        const project = used === undefined ? undefined : (used.fields.project ?? DEFAULT_PROJECT);
        return disagreements(read.value, { project }).map((text) => `${text} Give the provider that project.`);
      },
    });
    for (const key of read.value.keys) {
      const made = new ApiKey(this, constructId(key.name), {
        name: key.name,
        account: read.value.account,
        ...fieldsOf(key),
        ...(provider === undefined ? {} : { provider }),
        ...secret?.(key.name),
      });
      this.#keys.set(key.name, made);
    }
  }

  /** Every key by its name. */
  get keys(): ReadonlyMap<string, ApiKey> {
    return this.#keys;
  }

  /** The key of this name. Throws if the declaration has none. */
  key(name: string): ApiKey {
    const key = this.#keys.get(name);
    if (key === undefined) throw new Error(`[${this.node.path}] The declaration has no key ${name}.`);
    return key;
  }
}

/** A manifest's key as a construct takes it. */
function fieldsOf({ spec, renamedFrom, deliver, tests }: ManifestKey): KeyFields & CommandLineFields {
  const { expires, rotation, ...fields } = declaredSpec(spec);
  return {
    ...fields,
    algorithms: spec.algorithms,
    ...(expires === null ? {} : { expires }),
    ...(rotation === null ? {} : { rotation }),
    ...(renamedFrom === null ? {} : { renamedFrom }),
    ...(deliver.length === 0 ? {} : { deliver }),
    ...(tests.length === 0 ? {} : { tests }),
  };
}
