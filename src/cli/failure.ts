import { KeyApiError, type KeyApiErrorCode } from "../api/errors.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { shown } from "../report/shown.ts";
import { paint, type Style } from "../report/style.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";

/** What a {@link CommandFailure} says beside its summary. */
export interface FailureNotes {
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

/** A command that ends with a message for its user: what happened, and what to do. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: ExitCode;
  readonly notes: FailureNotes;

  constructor(exitCode: ExitCode, summary: string, notes: FailureNotes = {}) {
    super(summary);
    this.exitCode = exitCode;
    this.notes = notes;
  }
}

/** Ends a command whose output has already told people everything; the message and the diagnostics are for programs. */
export class QuietFailure extends Error {
  override readonly name = "QuietFailure";
  readonly exitCode: ExitCode;
  readonly diagnostics: readonly Diagnostic[];

  constructor(exitCode: ExitCode, summary: string, diagnostics: readonly Diagnostic[] = []) {
    super(summary);
    this.exitCode = exitCode;
    this.diagnostics = diagnostics;
  }
}

/** The exit code of each way in which the platform can fail. */
export const API_EXIT: Readonly<Record<KeyApiErrorCode, ExitCode>> = {
  unauthenticated: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  "not-found": EXIT.error,
  conflict: EXIT.error,
  fenced: EXIT.stale,
  stale: EXIT.stale,
  invalid: EXIT.usage,
  "rate-limited": EXIT.error,
  unavailable: EXIT.error,
};

const API_FIX: Readonly<Record<KeyApiErrorCode, string>> = {
  unauthenticated: "Set ALGOKEYS_TOKEN, or name a --token-file, with an admin key of this platform.",
  forbidden: "Use an admin key whose role allows it.",
  "not-found": "Check the name, --account and --platform.",
  conflict: "See what is live with: algokeys keys list",
  fenced: "Run the command again: it looks at what the other run has done.",
  stale: "Something changed since it was read: look at it again, then run the command again.",
  invalid: "Correct what it names, then run the command again.",
  "rate-limited": "Wait a little, then run the command again.",
  unavailable: "Nothing is half done. Run the command again once the platform answers.",
};

/** What a failure comes to. `told`: people have read it already. */
export interface DescribedFailure {
  readonly exitCode: ExitCode;
  readonly summary: string;
  readonly notes: FailureNotes;
  readonly diagnostics?: readonly Diagnostic[];
  readonly told?: boolean;
}

/** The words and the exit code of a failure. Undefined: it is our bug. */
export function describeFailure(error: unknown, signal: AbortSignal): DescribedFailure | undefined {
  if (error instanceof QuietFailure) {
    const { exitCode, message, diagnostics } = error;
    return { exitCode, summary: message, notes: {}, diagnostics, told: true };
  }
  if (signal.aborted && error === signal.reason) {
    return { exitCode: EXIT.cancelled, summary: "cancelled: nothing was written", notes: {} };
  }
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, summary: error.message, notes: error.notes };
  if (!(error instanceof KeyApiError)) return undefined;
  const problems = error.problems.map(({ message }) => message).filter((text) => !error.message.includes(text));
  return {
    exitCode: API_EXIT[error.code],
    summary: error.message,
    notes: {
      detail: problems.length === 0 ? undefined : problems.join("\n"),
      // What cannot pass by waiting says itself what to do.
      fix: error.code === "unavailable" && !error.retryable ? undefined : API_FIX[error.code],
    },
  };
}

/** The error block of a failure, or the warning of one that ended nothing. */
export function failureText(
  summary: string,
  notes: FailureNotes,
  style: Style,
  severity: "error" | "warning" = "error",
): string {
  const label = paint(style, severity === "error" ? "red" : "yellow", `${severity}:`);
  const lines = [`${label} ${paint(style, "bold", shown(summary))}`];
  if (notes.detail !== undefined) lines.push(...notes.detail.split("\n").map((line) => `  ${shown(line)}`));
  if (notes.fix !== undefined) lines.push(`  fix: ${shown(notes.fix)}`);
  return `${lines.join("\n")}\n`;
}
