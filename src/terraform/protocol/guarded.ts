import { withoutTokens } from "../../core/token.ts";
import type { ProviderDiagnostic } from "./provider-diagnostic.ts";

/** The one diagnostic for what must not happen: a bug of ours ends as words, never as a crash of the provider. */
export function bugDiagnostic(error: unknown, doing: string): ProviderDiagnostic {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    severity: "error",
    summary: "A bug in the algorithmia provider",
    detail:
      `While it was to ${doing}, the provider met what it does not expect:\n\n${withoutTokens(told)}\n\n` +
      "Please report it with these lines and the versions of Terraform and of the provider. Nothing else was stopped.",
  };
}
