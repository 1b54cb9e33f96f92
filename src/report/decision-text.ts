import type { Decision } from "../core/authorize.ts";
import { ALLOW_SENTENCES, DENY_SENTENCES, type Question } from "./decision-reasons.ts";
import { joined, jsonDocument, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { wrapped } from "./wrap.ts";

/** A decision for people: allowed or refused, why, and what would allow it. */
export function decisionText(question: Question, decision: Decision, style: Style): string {
  const { width } = style;
  const key = `key ${shown(question.key)}`;
  const what = wanted(question);
  const { why, hint } = explanation(question, decision);
  if (decision.effect === "allow") {
    const head = `${paint(style, "green", "allowed:")} ${key} may ${what}`;
    return joined(
      [...wrapped(head, width, "  "), ...wrapped(`  why: ${why} [${decision.reason}]`, width, "       ")],
      style,
    );
  }
  const head = `${paint(style, "red", "refused:")} ${key} may not ${what}`;
  const code = `[${decision.reason}, HTTP ${String(decision.status)}]`;
  return joined(
    [
      ...wrapped(head, width, "  "),
      ...wrapped(`  why: ${why} ${code}`, width, "       "),
      ...wrapped(`  ${paint(style, "cyan", "fix:")} ${hint ?? ""}`, width, "       "),
    ],
    style,
  );
}

/** A decision for programs: `$defs/decision` of `schemas/report.schema.json`. */
export function decisionJson(question: Question, decision: Decision): string {
  const { key, call, data, origin } = question;
  return jsonDocument({
    formatVersion: 1,
    key,
    request: { call: call ?? null, data: data ?? null, origin: origin ?? null },
    effect: decision.effect,
    reason: decision.reason,
    status: decision.effect === "deny" ? decision.status : null,
    ...explanation(question, decision),
  });
}

function explanation(question: Question, decision: Decision): { readonly why: string; readonly hint: string | null } {
  if (decision.effect === "allow") return { why: ALLOW_SENTENCES[decision.reason], hint: null };
  const { why, hint } = DENY_SENTENCES[decision.reason];
  return { why, hint: shown(hint(question)) };
}

function wanted({ call, data, origin }: Question): string {
  const from = origin === undefined ? "from outside a browser" : `from ${shown(origin)}`;
  if (call !== undefined) return `call algo://${shown(call.replace(/^algo:\/\//, ""))} ${from}`;
  if (data !== undefined) return `${data === "read" ? "read" : "write"} data ${from}`;
  return `manage algorithms ${from}`;
}
