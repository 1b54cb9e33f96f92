import { printable } from "../core/printable.ts";
import { REDACTED, type Secret } from "../core/secret.ts";

/** So much of the end of what a program printed is shown, in characters. */
const SHOWN_LENGTH = 300;
/** A piece of a secret of this length betrays that it is there in some form that is not known. */
const PIECE = 8;

/**
 * The end of what a program printed that held a secret, on one line, safe to show: the secret is taken out in every form
 * in which programs repeat it, and if a piece of it is still there, or if it is too short to be told from other text,
 * nothing is shown.
 */
export function outputExcerpt(output: string, secret: Secret): string {
  if (output.trim() === "") return "";
  const value = secret.reveal();
  let text = output;
  for (const form of formsOf(value)) text = text.replaceAll(form, REDACTED);
  if (value.length < PIECE || holdsPiece(text, value)) return "(hidden, because it may hold the secret)";
  const line = printable(
    text
      .replace(CODED, "...")
      .replace(/[\x1b\x9b]\[[0-?]*[ -/]*[@-~]/g, "")
      .trim()
      .replace(/\s*\n\s*/g, " | "),
  );
  return line.length > SHOWN_LENGTH ? `...${line.slice(-SHOWN_LENGTH)}` : line;
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    bytes.toString("base64"),
    Buffer.from(`${value}\n`).toString("base64"),
    bytes.toString("base64url"),
    hex,
    hex.toUpperCase(),
  ].filter((form) => form !== "");
}

/** A word of this length with a digit in it may be a secret in any code: it is not shown, whatever it is. */
const CODED = /(?=[A-Za-z]*\d)[A-Za-z0-9+/_=-]{16,}/g;

/**
 * True if 8 bytes of it that follow each other are there in a form that tools print: as text of whatever case, forwards or
 * backwards, as Base64 that begins anywhere, as numbers of bytes or of pairs of them. What stands in between counts for nothing.
 */
function holdsPiece(text: string, value: string): boolean {
  const bare = text.replace(/\\x|\\u00|%|0x/gi, "");
  const letters = bare.replace(/[^0-9A-Za-z]/g, "").toLowerCase();
  const hexDigits = bare.replace(/[^0-9a-f]/gi, "").toLowerCase();
  const bytes = Buffer.from(value);
  const words = [
    value,
    Array.from(value).reverse().join(""),
    ...[0, 1, 2].map((before) => base64Within(bytes, before)),
  ];
  const hex = [bytes, swapped(bytes), swapped(bytes.subarray(1))].map((each) => each.toString("hex"));
  return (
    words.some((word) => hasPieceOf(letters, word.replace(/[^0-9A-Za-z]/g, "").toLowerCase(), PIECE)) ||
    hex.some((word) => hasPieceOf(hexDigits, word, 2 * PIECE)) ||
    ([10, 8] as const).some((base) => holdsNumbers(text, bytes, base))
  );
}

/** True if the numbers of 8 bytes follow each other, as lists of bytes and character references show them. */
function holdsNumbers(text: string, bytes: Buffer, base: 8 | 10): boolean {
  const numbers = ` ${[...text.matchAll(/\d+/g)].map(([digits]) => Number.parseInt(digits, base)).join(" ")} `;
  for (let at = 0; at + PIECE <= bytes.length; at++) {
    if (numbers.includes(` ${bytes.subarray(at, at + PIECE).join(" ")} `)) return true;
  }
  return false;
}

function hasPieceOf(text: string, word: string, length: number): boolean {
  for (let at = 0; at + length <= word.length; at++) if (text.includes(word.slice(at, at + length))) return true;
  return false;
}

/** The Base64 of these bytes after so many others, without the characters that the others decide too. */
function base64Within(bytes: Buffer, before: number): string {
  return Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replace(/=+$/, "")
    .slice(before === 0 ? 0 : before + 1);
}

/** Each two bytes in the other order, as dumps of 16-bit words show them. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}
