import type { ApiKey } from "../../core/api-key.ts";
import { authorize, type AccessRequest, type AccessTarget, type Decision } from "../../core/authorize.ts";
import type { RawHeaders } from "../../core/caller-origin.ts";
import { Secret } from "../../core/secret.ts";
import { tokenDigest, tokenFingerprint } from "../../core/token.ts";
import { decisionJson, decisionText } from "../../report/decision-text.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { styleFor } from "../output.ts";
import { sha256 } from "../plan-input.ts";

interface TryInput extends AccountInput {
  readonly keyName: string;
  readonly call?: string;
  readonly data?: string;
  readonly origin?: string;
  readonly expect?: "allow" | "deny";
  readonly secretEnv?: string;
  readonly json?: boolean;
}

/** `algokeys try`: the decision on a call with a live key, by the rule that enforces it, and why. */
export async function tryKey(input: TryInput & { readonly "key-name": string }, context: Context): Promise<ExitCode> {
  const target = targetOf(input);
  refuseOrigin(input.origin);
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input["key-name"], live.account.name);
  const headers: RawHeaders = input.origin === undefined ? [] : [["Origin", input.origin]];
  const request = { target, headers, now: context.now() };
  const secret = secretOf(input, context);
  const decision = secret === undefined ? authorize(key, request) : decideFor(key, request, secret);
  const question = { key: key.name, call: input.call, data: input.data, origin: input.origin };
  const style = styleFor(context.stdout, input, context);
  context.stdout.write(
    input.json === true ? decisionJson(question, decision) : decisionText(question, decision, style),
  );
  if (input.expect === undefined || input.expect === decision.effect) return EXIT.ok;
  const found = decision.effect === "allow" ? "it is allowed" : "it is refused";
  throw new CommandFailure(EXIT.expectationNotMet, `expected to ${input.expect}, and ${found}`, {
    fix: "Change the key, or what is expected of it.",
  });
}

/** The secret that the command was handed; undefined for none. Its value appears nowhere. */
function secretOf({ secretEnv }: TryInput, { env }: Context): Secret | undefined {
  if (secretEnv === undefined) return undefined;
  const value = env[secretEnv];
  if (value === undefined) {
    throw new CommandFailure(EXIT.usage, `the environment variable ${secretEnv} is not set`, {
      fix: "Set it to the secret, or leave --secret-env out.",
    });
  }
  return value === "" ? undefined : new Secret(value);
}

/** The decision on a call that bears the secret: it is the key's if the key has a credential with its fingerprint. */
function decideFor(key: ApiKey, request: AccessRequest, secret: Secret): Decision {
  const fingerprint = tokenFingerprint(tokenDigest(secret, sha256));
  const credential = key.credentials.find((one) => one.fingerprint === fingerprint);
  if (credential === undefined) return { effect: "deny", reason: "invalid_key", status: 401 };
  return authorize(key, request, credential);
}

/** What no browser sends would be refused for that alone, and say nothing of the key. */
function refuseOrigin(origin: string | undefined): void {
  if (origin === undefined || origin === "null" || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  const meant = URL.canParse(origin) ? new URL(origin).origin : `https://${origin}`;
  const near = URL.canParse(meant) && new URL(meant).origin === meant ? meant : "https://shop.example.com";
  throw new CommandFailure(EXIT.usage, `--origin ${origin} is no origin as browsers send it`, {
    fix: `Write scheme and host, and a port if it is not the usual one: --origin ${near}`,
  });
}

const METHODS: Readonly<Record<string, string>> = { read: "GET", write: "PUT", readwrite: "PUT" };

function targetOf(input: TryInput): AccessTarget {
  const { call, data } = input;
  if ((call === undefined) === (data === undefined)) {
    throw new CommandFailure(EXIT.usage, "say what to try: one of --call and --data", {
      fix: "For example --call algo://demos/sentiment_analysis, or --data read.",
    });
  }
  if (call !== undefined) return { type: "algorithm", call: call.replace(/^algo:\/\//, "") };
  const method = METHODS[data ?? ""];
  if (method !== undefined) return { type: "data", method };
  throw new CommandFailure(EXIT.usage, `--data ${data ?? ""} is neither read nor write`, {
    fix: "Write --data read or --data write.",
  });
}
