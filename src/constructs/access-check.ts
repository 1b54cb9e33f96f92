import type { Construct } from "constructs";
import type { LocalExecProvisioner } from "#cdk";
import type { TestDeclaration } from "../manifest/declaration.generated.ts";
import type { AlgorithmiaSecret } from "./algorithmia-secret.ts";
import type { ApiKey } from "./api-key.ts";
import { cdk, constructs } from "./cdk.ts";
import { checkKeys } from "./check-key.ts";
import { SPEC_TABLE, type KeyFields } from "./key-fields.ts";
import { SOME_NAME } from "./known-part.ts";
import { isKnownLater, literal } from "./literal.ts";
import { providerOf } from "./stack-provider.ts";
import { terraformDataTrigger } from "./terraform-data.ts";
import type { TriggerFactory } from "./trigger.ts";

/** What to try once a key is applied. */
export interface AccessCheckConfig {
  readonly key: ApiKey;
  /** The calls, and what must become of each. Default: the key's own `tests`. */
  readonly calls?: readonly TestDeclaration[] | undefined;
  /**
   * The secret that must open the key too; it is handed over by the environment alone. An {@link AlgorithmiaSecret} is tried in
   * the runs in which it becomes the key's secret: in all others it is another one, which nobody holds.
   */
  readonly secret?: AlgorithmiaSecret | string | undefined;
  /** How the command line is started. Default: `npx algokeys`. */
  readonly command?: string | undefined;
  /** What runs the check. Default: `terraformDataTrigger`. */
  readonly trigger?: TriggerFactory | undefined;
}

/**
 * Tries calls after each apply that changed the key, its secret or the calls: the command line decides each by the rule of the
 * gateway, and the apply fails at the first that is not as declared.
 */
export class AccessCheck extends constructs.Construct {
  constructor(scope: Construct, id: string, config: AccessCheckConfig) {
    super(scope, id);
    const {
      key,
      calls = key.fields.tests ?? [],
      secret,
      command = "npx algokeys",
      trigger = terraformDataTrigger,
    } = config;
    this.node.addValidation({ validate: () => faultsOf(calls, key, secret) });
    const environment = { ...platformOf(key), CHECKED_KEY: key.name, CHECKED_ACCOUNT: key.account };
    const provisioners = calls.map((call): LocalExecProvisioner => ({
      type: "local-exec",
      command: literal(commandOf(command, call, secret !== undefined)),
      environment: { ...environment, ...(secret === undefined ? {} : { CHECKED_SECRET: secretOf(key, secret) }) },
    }));
    // Aspects may still change the key.
    const spec = cdk.Lazy.stringValue({ produce: () => literal(specOf(key)) });
    const values = { key: key.id, secret: key.fingerprint, spec, calls: JSON.stringify(calls) };
    trigger(this, "calls", { values, provisioners });
  }
}

function faultsOf(calls: readonly TestDeclaration[], key: ApiKey, secret: AccessCheckConfig["secret"]): string[] {
  const found = calls.length === 0 ? ["calls: nothing is to be tried. State calls, or `tests` of the key."] : [];
  const { account } = key.fields;
  const tested = { [SOME_NAME]: { algorithms: [], tests: calls } };
  const { errors } = checkKeys(tested, account, (path) => ["calls", ...path.slice(3)]);
  found.push(...errors);
  if (typeof secret === "string" && !isKnownLater(secret)) {
    found.push(
      "secret: it would stand in the synthesized file for everyone to read. Give that of an AlgorithmiaSecret.",
    );
  }
  return found;
}

/** Names go through the environment, where no shell reads them; calls and origins are quoted. */
function commandOf(command: string, { call, data, origin, expect }: TestDeclaration, withSecret: boolean): string {
  const what = call === undefined ? `--data ${quoted(data ?? "")}` : `--call ${quoted(call)}`;
  const from = origin === undefined ? "" : ` --origin ${quoted(origin)}`;
  const secret = withSecret ? " --secret-env CHECKED_SECRET" : "";
  return `${command} try "$CHECKED_KEY" --account "$CHECKED_ACCOUNT" ${what}${from} --expect ${expect}${secret}`;
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** Empty, which the command line takes for none, where what was drawn in this run is not the key's secret. */
function secretOf(key: ApiKey, secret: AlgorithmiaSecret | string): string {
  if (typeof secret === "string") return secret;
  const isOurs = cdk.Op.eq(key.fingerprint, secret.fingerprint);
  return cdk.Token.asString(cdk.conditional(isOurs, secret.secret, ""));
}

/** What the key may do, as a text that changes with it; what is known only later stands in it as an expression. */
function specOf({ fields }: ApiKey): string {
  const stated = Object.keys(SPEC_TABLE).map((name) => [name, inText(fields[name as keyof KeyFields])] as const);
  return JSON.stringify(Object.fromEntries(stated));
}

function inText(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isKnownLater(value)) return cdk.Token.asString(cdk.Fn.jsonencode(value));
  if (Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inText(inner)]));
}

/** Where the key's provider says that keys live, for the command line to look at the same place. */
function platformOf(key: ApiKey): Record<string, string> {
  const { url, platform, token, tokenFile } = providerOf(key, key.provider)?.fields ?? {};
  const stated = { ALGOKEYS_PLATFORM: url ?? platform, ALGOKEYS_TOKEN: token, ALGOKEYS_TOKEN_FILE: tokenFile };
  const known = Object.entries(stated).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, literal(value)]));
}
