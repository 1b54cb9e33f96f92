import type { ApiKey, Credential } from "../core/api-key.ts";
import type { Origins } from "../core/caller-origin.ts";
import { momentText } from "./moment-text.ts";
import { shown } from "./shown.ts";

/** Whether a key works. */
export type KeyState = "active" | "disabled" | "expired" | "deleted";

/** Whether a credential works. `unconfirmed`: it works, but nobody has said that its secret arrived. */
export type CredentialState = "working" | "unconfirmed" | "retiring" | "retired" | "revoked";

/** The state of a key at a moment, in milliseconds since 1970; the same order as the rule that decides access. */
export function keyState(key: ApiKey, now: number): KeyState {
  if (key.deletedAt !== null) return "deleted";
  if (!key.spec.enabled) return "disabled";
  return isPast(key.spec.expires, now) ? "expired" : "active";
}

/** The state of a credential at a moment, in milliseconds since 1970. */
export function credentialState(credential: Credential, now: number): CredentialState {
  if (credential.revokedAt !== null) return "revoked";
  if (isPast(credential.retiresAt, now)) return "retired";
  if (credential.retiresAt !== null) return "retiring";
  return credential.acknowledgedAt === null ? "unconfirmed" : "working";
}

/** The state with the protection: `active, protected`. */
export function stateText(key: ApiKey, now: number): string {
  return key.spec.protect ? `${keyState(key, now)}, protected` : keyState(key, now);
}

/** Who may call, in short: `native, web: shop.example.com`. */
export function originsText({ native, web }: Origins): string {
  const sites =
    typeof web === "string" ? (web === "any" ? "web: any site" : "") : `web: ${web.hosts.map(shown).join(", ")}`;
  return [native ? "native" : "", sites].filter((part) => part !== "").join(", ");
}

/** A list of patterns, or `none`. */
export function algorithmsText(algorithms: readonly string[]): string {
  return algorithms.length === 0 ? "none" : algorithms.map(shown).join(", ");
}

/** Who manages a key: its project, or nobody. */
export function managerText(key: ApiKey): string {
  return key.managedBy === null ? "nobody" : shown(key.managedBy.project);
}

/** One credential in a line; its secret is known to nobody here. */
export function credentialText(credential: Credential, now: number): string {
  const state = credentialState(credential, now);
  const until = state === "retiring" ? ` until ${momentText(credential.retiresAt ?? "", now)}` : "";
  const made = momentText(credential.createdAt, now);
  return `${shown(credential.mask)} ${state}${until}, fingerprint ${shown(credential.fingerprint)}, issued ${made}`;
}

function isPast(instant: string | null, now: number): boolean {
  return instant !== null && Date.parse(instant) <= now;
}
