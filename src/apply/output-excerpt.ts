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

/** True if 8 characters of it, or of its Base64, follow each other, line breaks and blanks aside. */
function holdsPiece(text: string, value: string): boolean {
  const dense = text.replace(/\s+/g, "");
  return [value.replace(/\s+/g, ""), Buffer.from(value).toString("base64")].some((form) => {
    for (let at = 0; at + PIECE <= form.length; at++) if (dense.includes(form.slice(at, at + PIECE))) return true;
    return false;
  });
}
