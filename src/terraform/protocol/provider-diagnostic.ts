import { create } from "@bufbuild/protobuf";
import { printable } from "../../core/printable.ts";
import { DiagnosticSchema, type AttributePath_Step, type Diagnostic } from "./tfplugin6.generated.ts";

/** One thing to tell the person who runs Terraform. Shown with the place in the configuration that `path` names. */
export interface ProviderDiagnostic {
  readonly severity: "error" | "warning";
  /** One line: what is wrong. */
  readonly summary: string;
  /** Why, and what to do. */
  readonly detail: string;
  /** Where; absent: the whole block. */
  readonly path?: ValuePath;
}

/** A place in a value, outermost step first. Terraform has no name for an element of a set: the path ends at the set. */
export type ValuePath = readonly PathStep[];

/** An attribute by its name, an element of a map by its key, or one of a list by its position. */
export type PathStep = { readonly attribute: string } | { readonly key: string } | { readonly index: number };

/** True if any of them is an error. */
export function failed(diagnostics: readonly ProviderDiagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/**
 * Diagnostics as the protocol sends them. What they tell of names and of others' text is made visible, line by line, as it is
 * wherever something is printed (design section 7).
 */
export function diagnosticMessages(diagnostics: readonly ProviderDiagnostic[]): Diagnostic[] {
  return diagnostics.map(({ severity, summary, detail, path }) =>
    create(DiagnosticSchema, {
      severity: severity === "error" ? 1 : 2,
      summary: printable(summary),
      detail: detail.split("\n").map(printable).join("\n"),
      ...(path === undefined ? {} : { attribute: { steps: stepMessages(path) } }),
    }),
  );
}

/** A path's steps as the protocol sends them. */
export function stepMessages(path: ValuePath): Pick<AttributePath_Step, "selector">[] {
  return path.map((step) => {
    if ("attribute" in step) return { selector: { case: "attributeName", value: step.attribute } };
    if ("key" in step) return { selector: { case: "elementKeyString", value: step.key } };
    return { selector: { case: "elementKeyInt", value: BigInt(step.index) } };
  });
}
