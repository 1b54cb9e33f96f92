import { authorize, type AccessTarget } from "../../core/authorize.ts";
import type { RawHeaders } from "../../core/caller-origin.ts";
import { decisionJson, decisionText } from "../../report/decision-text.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { styleFor } from "../output.ts";

interface TryInput extends AccountInput {
  readonly keyName: string;
  readonly call?: string;
  readonly data?: string;
  readonly origin?: string;
  readonly json?: boolean;
}

/** `algokeys try`: the decision on a call with a live key, by the rule that enforces it, and why. */
export async function tryKey(input: TryInput & { readonly "key-name": string }, context: Context): Promise<ExitCode> {
  const target = targetOf(input);
  refuseOrigin(input.origin);
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input["key-name"], live.account.name);
  const headers: RawHeaders = input.origin === undefined ? [] : [["Origin", input.origin]];
  const decision = authorize(key, { target, headers, now: context.now() });
  const question = { key: key.name, call: input.call, data: input.data, origin: input.origin };
  const style = styleFor(context.stdout, input, context);
  context.stdout.write(
    input.json === true ? decisionJson(question, decision) : decisionText(question, decision, style),
  );
  return EXIT.ok;
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
