import type { Diagnostic } from "../core/diagnostic.ts";
import { jsonDocument } from "./shown.ts";

/** Why a command ended before it had a result. */
export interface Failure {
  readonly exitCode: number;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

/** A failure for programs: `$defs/failure` of `schemas/report.schema.json`. */
export function failureJson(failure: Failure, diagnostics: readonly Diagnostic[] = []): string {
  const { exitCode, summary, detail = null, fix = null } = failure;
  return jsonDocument({ formatVersion: 1, failure: { exitCode, summary, detail, fix }, diagnostics });
}
