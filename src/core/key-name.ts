/** A key's name, and the form of projects and label names as well (design section 2). */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** An account's name: a user's or organization's, as it stands in `algo://owner/name`. */
export const ACCOUNT_PATTERN = /^[A-Za-z][A-Za-z0-9_]{0,29}$/;

/** The form in which names are compared: unique per account ignoring case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}
