import { findTokens, TOKEN_OVERLAP } from "../core/find-tokens.ts";
import { Secret } from "../core/secret.ts";
import type { TokenKind } from "../core/token.ts";

/** A token that was found, and where. Lines and columns count from 1, columns in bytes. */
export interface ScannedToken {
  readonly secret: Secret;
  readonly kind: TokenKind;
  /** As given, or `-` for standard input. */
  readonly file: string;
  /** The commit that added it, for what was found in a history. */
  readonly commit: string | null;
  readonly line: number;
  readonly column: number;
}

/** Reads bytes piece by piece and tells of every token, whatever else the bytes are. */
export interface TokenScanner {
  push(bytes: Buffer): void;
}

/** Makes a scanner over the bytes of one file; it keeps the last few bytes only. */
export function tokenScanner(file: string, tell: (found: ScannedToken) => void): TokenScanner {
  let kept = "";
  let line = 1;
  /** How many bytes of the line stand before `kept`. */
  let before = 0;
  return {
    push(bytes) {
      // One character for each byte: a token is ASCII, and what else there is does not matter.
      const text = kept + bytes.toString("latin1");
      const settled = Math.max(0, text.length - TOKEN_OVERLAP);
      let read = 0;
      const goTo = (index: number): void => {
        for (let end = text.indexOf("\n", read); end >= 0 && end < index; end = text.indexOf("\n", read)) {
          line++;
          before = 0;
          read = end + 1;
        }
        before += index - read;
        read = index;
      };
      for (const { token, kind, index } of findTokens(text)) {
        // One that reaches into what was kept was told of with it.
        if (index + token.length <= kept.length) continue;
        if (index > settled) break;
        goTo(index);
        tell({ secret: new Secret(token), kind, file, commit: null, line, column: before + 1 });
      }
      goTo(settled);
      kept = text.slice(settled);
    },
  };
}
