import { DecodeError } from "@msgpack/msgpack";
import { withoutTokens } from "../../core/token.ts";
import type { ProviderDiagnostic } from "./provider-diagnostic.ts";

/** The one diagnostic for what must not happen: a bug of ours ends as words, never as a crash of the provider. */
export function bugDiagnostic(error: unknown, doing: string): ProviderDiagnostic {
  if (isReservedKey(error)) return RESERVED_KEY;
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    severity: "error",
    summary: "A bug in the algorithmia provider",
    detail:
      `While it was to ${doing}, the provider met what it does not expect:\n\n${withoutTokens(told)}\n\n` +
      "Please report it with these lines and the versions of Terraform and of the provider. Nothing else was stopped.",
  };
}

/** MessagePack's reader takes no map with this key, because JavaScript's objects give it a meaning of their own. */
function isReservedKey(error: unknown): boolean {
  return error instanceof DecodeError && error.message.includes("__proto__");
}

const RESERVED_KEY: ProviderDiagnostic = {
  severity: "error",
  summary: "A map has a key named __proto__",
  detail: "No map here can have it. Give that key another name.",
};
