import { headerValue, type RawHeaders } from "../../core/caller-origin.ts";
import { Secret } from "../../core/secret.ts";
import { tokenKind } from "../../core/token.ts";
import type { PresentedKey } from "../verify.ts";

/** What a request shows for its key: maybe an admin key, which makes no calls. */
export type ShownKey = PresentedKey | { readonly type: "admin"; readonly token: Secret };

/**
 * The key that a request shows: `Authorization: Simple KEY`, `Bearer KEY`, or the raw key, as the original's clients send
 * it. A header of another form, or a token whose checksum fails, yields a key that nobody has.
 */
export function presentedKey(headers: RawHeaders): ShownKey | "missing_key" {
  const value = headerValue(headers, "authorization")?.trim() ?? "";
  if (value === "") return "missing_key";
  const [, token = ""] = /^(?:(?:simple|bearer) +)?([^ ]+)$/i.exec(value) ?? [];
  return shownKey(new Secret(token));
}

/** A token as what it says it is. */
export function shownKey(token: Secret): ShownKey {
  return { type: tokenKind(token.reveal()) === "admin" ? "admin" : "token", token };
}
