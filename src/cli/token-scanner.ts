import { findTokens, TOKEN_OVERLAP } from "../core/find-tokens.ts";
import { Secret } from "../core/secret.ts";
import type { TokenKind } from "../core/token.ts";

/** A token that was found, and where. Lines and columns count from 1, columns in bytes; of UTF-16, in pairs of bytes. */
export interface ScannedToken {
  readonly secret: Secret;
  readonly kind: TokenKind;
  /** As given, or `-` for standard input; in a history also `(message)` of a commit and `(tag NAME)`. */
  readonly file: string;
  /** The commit that added it, for what was found in a history. */
  readonly commit: string | null;
  readonly line: number;
  readonly column: number;
}

/** Hears of every token that is found. */
export type Tell = (found: ScannedToken) => void;

/** Reads bytes piece by piece and tells of every token, whatever else the bytes are. */
export interface TokenScanner {
  push(bytes: Buffer): void;
}

/** Makes a scanner over the bytes of one file, as a commit has it or as it is; it keeps the last few bytes only. */
export function tokenScanner(file: string, tell: Tell, commit: string | null = null): TokenScanner {
  let kept = "";
  /** How many bytes stand before `kept`. */
  let passed = 0;
  const lines = lineCounter();
  return {
    push(bytes) {
      // One character for each byte: a token is ASCII, and what else there is does not matter.
      const text = kept + bytes.toString("latin1");
      let read = 0;
      for (const { token, kind, index, length, width } of findTokens(text)) {
        // One that was kept whole was told of before.
        if (index + length <= kept.length) continue;
        lines.pass(text, read, index);
        read = index;
        tell({ secret: new Secret(token), kind, file, commit, ...lines.placeOf(passed + index, width) });
      }
      const settled = Math.max(read, text.length - TOKEN_OVERLAP);
      lines.pass(text, read, settled);
      passed += settled;
      kept = text.slice(settled);
    },
  };
}

interface LineCounter {
  /** Reads the characters from `from` to before `to`; every one must pass once, with the one behind it in the text. */
  pass(text: string, from: number, to: number): void;
  /** The place of the byte at that offset, up to which was read. */
  placeOf(offset: number, width: 1 | 2): { readonly line: number; readonly column: number };
}

/**
 * Counts lines in three ways at once, for only a token shows how the bytes around it are to be read: by the byte, as
 * UTF-16LE, whose letters begin at even offsets, and as UTF-16BE, where a letter's own byte is the second one.
 */
function lineCounter(): LineCounter {
  let offset = 0;
  let last = "";
  let head = "";
  const bytes = { line: 1, start: 0 };
  const little = { line: 1, start: 0 };
  const big = { line: 1, start: 0 };
  const next = (count: typeof bytes, start: number): void => {
    count.line++;
    count.start = start;
  };
  return {
    pass(text, from, to) {
      if (to <= from) return;
      if (offset < 2) head += text.slice(from, Math.min(to, from + 2));
      for (let end = text.indexOf("\n", from); end >= 0 && end < to; end = text.indexOf("\n", end + 1)) {
        const at = offset + end - from;
        next(bytes, at + 1);
        if (at % 2 === 0 && text[end + 1] === "\0") next(little, at + 2);
        if (at % 2 === 1 && (end === from ? last : text[end - 1]) === "\0") next(big, at + 1);
      }
      offset += to - from;
      last = text[to - 1] ?? "";
    },
    placeOf(at, width) {
      if (width === 1) return { line: bytes.line, column: at - bytes.start + 1 };
      const { line, start } = at % 2 === 0 ? little : big;
      // The mark of the byte order is no column.
      const mark = line === 1 && /^(?:\xff\xfe|\xfe\xff)/.test(head) ? 1 : 0;
      return { line, column: Math.floor((at - start) / 2) + 1 - mark };
    },
  };
}
