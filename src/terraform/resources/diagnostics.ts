import { KeyApiError } from "../../api/errors.ts";
import type { AttributePath } from "../../core/attribute-path.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { ProviderDiagnostic, ValuePath } from "../protocol/provider-diagnostic.ts";

/** An error of the whole block, or of one attribute of it. */
export function error(summary: string, detail: string, attribute?: string): ProviderDiagnostic {
  return { severity: "error", summary, detail, ...(attribute === undefined ? {} : { path: [{ attribute }] }) };
}

/** A warning, likewise. */
export function warning(summary: string, detail: string, attribute?: string): ProviderDiagnostic {
  return { ...error(summary, detail, attribute), severity: "warning" };
}

/** What a declaration's diagnostic is to Terraform; `path` is where in the configuration its own path begins. */
export function fromDeclaration(found: Diagnostic, path: ValuePath): ProviderDiagnostic {
  const { severity, summary, detail, fix } = found;
  const text = [detail, fix].filter((part) => part !== undefined).join(" ");
  return { severity, summary: sentence(summary), detail: text === "" ? sentence(summary) : text, path };
}

/** A path into a declaration as Terraform's steps. An element of a set has none: the path ends at its set. */
export function valuePath(path: AttributePath): ValuePath {
  const steps: { readonly attribute: string }[] = [];
  for (const step of path) {
    if (typeof step === "number") break;
    steps.push({ attribute: step });
  }
  return steps;
}

/** The words for what the platform did; undefined for what is no failure of it. */
export function explain(failure: unknown): ProviderDiagnostic | undefined {
  if (!(failure instanceof KeyApiError)) return undefined;
  const { code, message, problems } = failure;
  const details = problems.map((problem) => problem.message).filter((text) => !message.includes(text));
  return error(SUMMARIES[code], [message, ...details, FIXES[code]].filter((part) => part !== "").join(" "));
}

const SUMMARIES: Readonly<Record<KeyApiError["code"], string>> = {
  unauthenticated: "The platform does not know the token",
  forbidden: "The token may not do this",
  "not-found": "The platform has no such thing",
  conflict: "The platform refused the change",
  stale: "The key has changed since it was read",
  invalid: "The platform refused what it was sent",
  "rate-limited": "The platform asks to slow down",
  unavailable: "The platform cannot be reached",
};

const FIXES: Readonly<Record<KeyApiError["code"], string>> = {
  unauthenticated: "Check the provider's `token`, or the environment variable ALGOKEYS_TOKEN.",
  forbidden: "A plan needs the role reader, an apply the role writer.",
  "not-found": "",
  conflict: "",
  stale: "Nothing was written. Plan again to see what changed.",
  invalid: "",
  "rate-limited": "Apply again in a while, or with a lower -parallelism.",
  unavailable: "Nothing is half done: apply again when it answers.",
};

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
