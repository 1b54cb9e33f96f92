import type { Construct } from "constructs";
import type { TerraformProvider } from "#cdk";
import { constructId } from "../manifest/construct-id.ts";
import { AlgorithmiaSecret } from "./algorithmia-secret.ts";
import { ApiKey } from "./api-key.ts";
import { constructs } from "./cdk.ts";
import type { CommandLineFields, KeyFields } from "./key-fields.ts";

/** What one environment says otherwise; labels join. */
export type EnvironmentFields = Partial<KeyFields>;

/** One key per application and environment. */
export interface ApplicationKeysConfig {
  /** What each application needs, by the application's name. */
  readonly applications: Readonly<Record<string, KeyFields & Pick<CommandLineFields, "deliver" | "tests">>>;
  /** The environments, and what each says otherwise for every application. */
  readonly environments: Readonly<Record<string, EnvironmentFields>>;
  /** The name of a key. Default: `application-environment`. */
  readonly name?: ((application: string, environment: string) => string) | undefined;
  /** Gives each key a secret of its own, an {@link AlgorithmiaSecret}, and another one when this changes. */
  readonly secretVersion?: string | number | undefined;
  /** Rotates the keys' secrets; see {@link KeyRotation}. */
  readonly rotationTrigger?: Readonly<Record<string, string>> | undefined;
  readonly account?: string | undefined;
  readonly provider?: TerraformProvider | undefined;
}

/**
 * One key per application and environment, from one definition. A key's place in the tree is made of both names, so the order
 * in which they stand never matters.
 */
export class ApplicationKeys extends constructs.Construct {
  readonly #keys = new Map<string, ApiKey>();
  readonly #secrets = new Map<string, AlgorithmiaSecret>();

  constructor(scope: Construct, id: string, config: ApplicationKeysConfig) {
    super(scope, id);
    const { applications, environments, name = (...parts) => parts.join("-") } = config;
    const { account, provider, secretVersion, rotationTrigger } = config;
    const withSecret = secretVersion !== undefined || rotationTrigger !== undefined;
    for (const [application, fields] of Object.entries(applications)) {
      const place = new constructs.Construct(this, constructId(application));
      for (const [environment, otherwise] of Object.entries(environments)) {
        const at = placeOf(application, environment);
        const secret = withSecret ? new AlgorithmiaSecret(place, `${environment}::secret`, { provider }) : undefined;
        if (secret !== undefined) this.#secrets.set(at, secret);
        const key = new ApiKey(place, constructId(environment), {
          ...fieldsFor(fields, otherwise),
          name: name(application, environment),
          account,
          ...(provider === undefined ? {} : { provider }),
          ...(secret === undefined ? {} : { secretWo: secret.secret, secretWoVersion: secretVersion, rotationTrigger }),
        });
        this.#keys.set(at, key);
      }
    }
  }

  /** Every key, in the order of the definition. */
  get keys(): readonly ApiKey[] {
    return [...this.#keys.values()];
  }

  /** The key of an application in an environment. Throws if none is defined. */
  key(application: string, environment: string): ApiKey {
    return found(this.#keys, application, environment, "There is no key of");
  }

  /** Its secret, for the write-only argument of whatever is to hold it. Throws without `secretVersion` and `rotationTrigger`. */
  secret(application: string, environment: string): string {
    return found(this.#secrets, application, environment, "There is no secret of").secret;
  }
}

function placeOf(application: string, environment: string): string {
  return `${application}/${environment}`;
}

function found<T>(all: ReadonlyMap<string, T>, application: string, environment: string, words: string): T {
  const one = all.get(placeOf(application, environment));
  if (one !== undefined) return one;
  const known = [...all.keys()];
  throw new Error(
    `${words} ${placeOf(application, environment)}. There ${known.length === 0 ? "are none" : `are ${known.join(", ")}`}.`,
  );
}

function fieldsFor(fields: KeyFields, otherwise: EnvironmentFields): KeyFields {
  const labels = fields.labels === undefined ? otherwise.labels : { ...fields.labels, ...otherwise.labels };
  return { ...fields, ...otherwise, ...(labels === undefined ? {} : { labels }) };
}
