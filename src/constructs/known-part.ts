import { isKnownLater } from "./literal.ts";
import type { KeyFields } from "./key-fields.ts";

/** Stands for a name that is not known yet: it passes, and no message names it. */
export const SOME_NAME = "key";
const SOME_HOST = "known-later.example.com";
const SOME_TIME = "90d";

/**
 * A key's field as far as it is known now. What is known only later is left out where absence says nothing, and stands as some
 * value that passes where it would: nothing is to be said of it.
 */
export function knownField(name: string, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (name === "algorithms") return isKnownLater(value) ? [] : knownPart(value);
  if (isKnownLater(value)) return undefined;
  if (name === "origins") return knownOrigins(value);
  if (name !== "rotation" || typeof value !== "object") return knownPart(value);
  const { every } = value as { readonly every?: unknown };
  return { ...(knownPart(value) as object), ...(isKnownLater(every) ? { every: SOME_TIME } : {}) };
}

/** Who may call, if everything that is not known yet turns out as it can be meant. */
function knownOrigins(value: NonNullable<KeyFields["origins"]>): unknown {
  if (typeof value !== "object") return value;
  const { native, web, referrers } = value;
  const known = knownPart(value) as Record<string, unknown>;
  if (isKnownLater(referrers)) known["referrers"] = [SOME_HOST];
  else if (Array.isArray(referrers) && referrers.some(isKnownLater)) {
    known["referrers"] = [...(knownPart(referrers) as readonly unknown[]), SOME_HOST];
  }
  if (!isKnownLater(web)) return isKnownLater(native) && web !== true ? { ...known, native: true } : known;
  // It may be true: then the referrers count, and who forbids programs means browsers.
  if (known["referrers"] !== undefined) return { ...known, web: true };
  return native === false ? { ...known, web: true, referrers: [SOME_HOST] } : known;
}

/** What is known of any value; undefined for what is not. */
export function knownPart(value: unknown): unknown {
  if (isKnownLater(value)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.filter((entry) => !isKnownLater(entry)).map((entry) => knownPart(entry));
  const known: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const part = knownPart(inner);
    if (part !== undefined) known[name] = part;
  }
  return known;
}
