/** Characters of a path's part that need no encoding, beside those that `encodeURIComponent` leaves alone. */
const PLAIN: Readonly<Record<string, string>> = {
  "%24": "$",
  "%26": "&",
  "%2B": "+",
  "%2C": ",",
  "%3A": ":",
  "%3D": "=",
  "%40": "@",
};

/**
 * Reads what follows `/v1/data` or `/v1/connector` and gives the one spelling of it that is forwarded, or undefined if it
 * may not be. Clients of the original percent-encode whole paths, so `%2F` means `/`: it is decoded once, and what goes on
 * is encoded anew, so that nobody behind the gateway reads another path than was judged.
 *
 * Refused: `.` and `..`, empty parts (one slash at the end is allowed), backslashes, `;`, control characters, text that is
 * still percent-encoded after decoding, and bytes that are no UTF-8.
 */
export function canonicalDataPath(rest: string): string | undefined {
  if (rest === "") return "";
  const path = decoded(rest);
  if (path?.startsWith("/") !== true) return undefined;
  if (/[\x00-\x1f\x7f-\x9f\\;]|%[0-9a-f]{2}/i.test(path)) return undefined;
  const parts = path.slice(1).split("/");
  const last = parts.length - 1;
  if (parts.some((part, index) => part === "." || part === ".." || (part === "" && index < last))) return undefined;
  return `/${parts.map(encoded).join("/")}`;
}

function decoded(path: string): string | undefined {
  if (!/^[\x21-\x7e]*$/.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // malformed percent-encoding or UTF-8
  }
}

function encoded(part: string): string {
  return encodeURIComponent(part).replace(/%(?:24|26|2B|2C|3A|3D|40)/g, (code) => PLAIN[code] ?? code);
}
