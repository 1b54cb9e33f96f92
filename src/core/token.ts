import { crc32 } from "./crc32.ts";
import { Secret } from "./secret.ts";

/**
 * Tokens have the shape that the original clients check: 28 characters, `sim` first (design section 6).
 *
 *     sim  22 random base62  2 base62 checksum  1
 *
 * The checksum is CRC-32 of the first 25 characters, modulo 62^2, most significant digit first. Admin keys begin with
 * `adm`; the checksum covers the prefix, so neither kind passes for the other.
 */
export type TokenKind = "caller" | "admin";

/** Gives `count` bytes of a cryptographically secure random source. */
export type RandomBytes = (count: number) => Uint8Array;

/** Gives the SHA-256 of text, as UTF-8, in lower-case hexadecimal. */
export type Sha256 = (text: string) => string;

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: Readonly<Record<TokenKind, string>> = { caller: "sim", admin: "adm" };
const RANDOM_LENGTH = 22;
const MASK_HEAD = 7;

/** The length of every token. */
export const TOKEN_LENGTH = 28;

/** Draws a token: 131 random bits, without modulo bias. */
export function makeToken(kind: TokenKind, random: RandomBytes): Secret {
  let body = PREFIX[kind];
  while (body.length < PREFIX[kind].length + RANDOM_LENGTH) {
    for (const byte of random(RANDOM_LENGTH)) {
      // 248 is the largest multiple of 62 in a byte: what lies above would favour the first letters.
      if (byte < 248 && body.length < PREFIX[kind].length + RANDOM_LENGTH) body += ALPHABET[byte % 62] ?? "";
    }
  }
  return new Secret(body + checksum(body) + "1");
}

/** The kind of a well-formed token whose checksum holds, else undefined. Needs no database, so it is the first check. */
export function tokenKind(text: string): TokenKind | undefined {
  if (text.length !== TOKEN_LENGTH || !/^(?:sim|adm)[0-9A-Za-z]{24}1$/.test(text)) return undefined;
  if (text.slice(25, 27) !== checksum(text.slice(0, 25))) return undefined;
  return text.startsWith(PREFIX.admin) ? "admin" : "caller";
}

/**
 * True if something in a text looks like a token, whether its checksum holds or not: such a text is not repeated, logged or
 * kept. Letters and digits right beside it do not hide it.
 */
export function holdsToken(text: string): boolean {
  return LOOKS_LIKE_TOKEN.test(text);
}

/** The text without whatever looks like a token, for those who repeat what somebody sent: only its mask is left. */
export function withoutTokens(text: string): string {
  return text.replace(new RegExp(LOOKS_LIKE_TOKEN, "g"), (token) => tokenMask(new Secret(token)));
}

const LOOKS_LIKE_TOKEN = /(?:sim|adm)[0-9A-Za-z]{24}1/;

/** What the platform is told of a token: its SHA-256 in hexadecimal. The pepper is added on the platform's side. */
export function tokenDigest(token: Secret, sha256: Sha256): string {
  return sha256(token.reveal());
}

/** A short public name of a token, to tell credentials apart and to compare a sink with the platform. */
export function tokenFingerprint(digest: string): string {
  return digest.slice(0, 16);
}

/** The mask shown in listings: the first 7 characters, then `*` to the full length. */
export function tokenMask(token: Secret): string {
  return token.reveal().slice(0, MASK_HEAD).padEnd(TOKEN_LENGTH, "*");
}

/** The form of every mask; the platform refuses another, so that no client can store more of a token than that. */
export const MASK_PATTERN = /^(?:sim|adm)[0-9A-Za-z]{4}\*{21}$/;

function checksum(body: string): string {
  const value = crc32(body) % (62 * 62);
  return (ALPHABET[Math.floor(value / 62)] ?? "") + (ALPHABET[value % 62] ?? "");
}
