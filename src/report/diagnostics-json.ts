import { hasErrors, type Diagnostic } from "../core/diagnostic.ts";
import { jsonDocument } from "./shown.ts";

/** Diagnostics for programs: `$defs/diagnostics` of `schemas/report.schema.json`, the shape of Terraform's. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): string {
  return jsonDocument({ formatVersion: 1, valid: !hasErrors(diagnostics), diagnostics });
}
