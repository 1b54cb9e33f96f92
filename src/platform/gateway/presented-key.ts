import { headerValue, type RawHeaders } from "../../core/caller-origin.ts";
import { Secret } from "../../core/secret.ts";
import { tokenKind } from "../../core/token.ts";
import type { PresentedKey } from "../verify.ts";

/**
 * The key that a request shows: `Authorization: Simple KEY`, `Bearer KEY`, or the raw key, as the original's clients send
 * it. A header of another form, or a token whose checksum fails, yields a key that nobody has. Admin keys make no calls, and
 * need no look-up to be told so.
 */
export function presentedKey(headers: RawHeaders): PresentedKey | "missing_key" | "wrong_kind" {
  const value = headerValue(headers, "authorization")?.trim() ?? "";
  if (value === "") return "missing_key";
  const [, token = ""] = /^(?:(?:simple|bearer) +)?([^ ]+)$/i.exec(value) ?? [];
  return tokenKind(token) === "admin" ? "wrong_kind" : { type: "token", token: new Secret(token) };
}
