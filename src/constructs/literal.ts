import { cdk } from "./cdk.ts";

/** How a value that is known only later stands in a text until the synthesis. */
const TOKEN = /(\$\{TfToken\[[^\]]*\]\})/;

/**
 * A text that Terraform reads as it was written: `${` and `%{` begin no template in it. Tokens within the text stay what
 * they are; whoever means an expression of their own writes `Lazy.stringValue({ produce: () => "${...}" })`. Throws
 * {@link FalseToken}.
 */
export function literal(text: string): string {
  if (!text.includes("{")) return text;
  if (text.includes(MARK)) refuseFalseToken(text);
  return text
    .split(TOKEN)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[$%](?=\{)/g, (sign) => sign + sign)))
    .join("");
}

/** True if the value, or a part of the text, is known only when Terraform runs. What holds no token is told at a glance. */
export function isKnownLater(value: unknown): boolean {
  if (typeof value === "string") return value.includes(MARK) && cdk.Token.isUnresolved(value);
  if (typeof value === "boolean" || value === null || value === undefined) return false;
  if (isPlainWithout(value)) return false;
  return cdk.Token.isUnresolved(value);
}

/** What every token has in a text, a list's one entry or the one name of a map. */
const MARK = "TfToken[";

function isPlainWithout(value: unknown): boolean {
  if (Array.isArray(value)) return !value.some((entry) => typeof entry === "string" && entry.includes(MARK));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return !("resolve" in value) && !Object.keys(value).some((name) => name.includes(MARK));
}

/**
 * A text that only looks as if it held a token. The library itself would end the synthesis at it without saying where it
 * stands, before anything is validated.
 */
export class FalseToken extends Error {
  readonly text: string;

  constructor(text: string) {
    super("The text holds `${TfToken[...]}`, which stands for nothing here. Take it out.");
    this.text = text;
  }
}

function refuseFalseToken(text: string): void {
  if (!TOKEN.test(text)) return;
  try {
    cdk.Tokenization.reverseString(text);
  } catch {
    throw new FalseToken(text);
  }
}
