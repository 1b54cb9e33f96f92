import { KeyApiError } from "../../api/errors.ts";
import type { AttributePath } from "../../core/attribute-path.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { rewriteExamples } from "../../manifest/rewrite-examples.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";

/** An error of the whole block, or of one attribute of it. */
export function error(summary: string, detail: string, attribute?: string): ProviderDiagnostic {
  return { severity: "error", summary, detail, ...(attribute === undefined ? {} : { path: [{ attribute }] }) };
}

/** A warning, likewise. */
export function warning(summary: string, detail: string, attribute?: string): ProviderDiagnostic {
  return { ...error(summary, detail, attribute), severity: "warning" };
}

/**
 * What a diagnostic of a configuration is to Terraform. Terraform finds attributes of the block itself only, so what lies
 * deeper is named in words; `within` is the path of the key in the declaration that was checked.
 */
export function fromConfiguration(found: Diagnostic, within: AttributePath): ProviderDiagnostic {
  const { severity, summary, detail, fix, path = [] } = found;
  const own = path.slice(within.length).filter((step) => typeof step === "string");
  const place = own.length > 1 ? `In ${own.join(".")}: ` : "";
  const told = [detail, fix === undefined ? undefined : asHcl(fix)].filter((part) => part !== undefined).join(" ");
  const [attribute] = own;
  return {
    severity,
    summary: sentence(asHcl(summary)),
    detail: place + (told === "" ? sentence(asHcl(summary)) : told),
    ...(attribute === undefined ? {} : { path: [{ attribute }] }),
  };
}

/** What is to be written is told in YAML; here it is HCL. */
export function asHcl(text: string): string {
  return rewriteExamples(text, " = ");
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
  fenced: "Another run took over",
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
  fenced: "",
  stale: "Nothing was written. Plan again to see what changed.",
  invalid: "",
  "rate-limited": "Apply again in a while, or with a lower -parallelism.",
  unavailable: "Nothing is half done: apply again when it answers.",
};

/** With a capital letter, as Terraform begins its own. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
