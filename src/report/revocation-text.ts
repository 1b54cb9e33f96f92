import type { ApiKey, Credential } from "../core/api-key.ts";
import { credentialText } from "./key-view.ts";
import { momentText } from "./moment-text.ts";
import { joined, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { wrapped } from "./wrap.ts";

/** When a key was last let in, as far as the platform knows. */
export interface LastUse {
  /** RFC 3339; null if no call is known. */
  readonly at: string | null;
  /** False where nothing counts calls, so that none being known says nothing. */
  readonly isCounted: boolean;
}

/** A revocation that is about to be. */
export interface Revocation {
  readonly key: ApiKey;
  readonly gone: readonly Credential[];
  readonly kept: readonly Credential[];
  readonly lastUse: LastUse;
}

/** What a revocation ends, what stays, and what is known of who uses it. `now` in milliseconds since 1970. */
export function revocationText({ key, gone, kept, lastUse }: Revocation, style: Style, now: number): string {
  const row = (mark: string, credential: Credential): readonly string[] =>
    wrapped(`  ${mark} ${credentialText(credential, now)}, id ${shown(credential.id)}`, style.width, "      ");
  return joined(
    [
      ...wrapped(paint(style, "bold", `key ${shown(key.name)}: revoked at once, for good`), style.width, "  "),
      ...gone.flatMap((credential) => row(paint(style, "red", "-"), credential)),
      ...(kept.length === 0 ? ["  nothing else works with this key"] : kept.flatMap((one) => row("=", one))),
      ...wrapped(lastUseText(lastUse, now), style.width, "  "),
      ...wrapped("Everything that holds a revoked secret stops working at once.", style.width, "  "),
    ],
    style,
  );
}

function lastUseText({ at, isCounted }: LastUse, now: number): string {
  if (at !== null) {
    return `Last allowed call with this key: ${momentText(at, now)}. Calls are counted for the key, not for each of its credentials.`;
  }
  return isCounted
    ? "No allowed call with this key is known; those of the last seconds may be missing."
    : "Last call with this key: unknown, because nothing counts calls on an embedded platform.";
}
