import { findTokens, TOKEN_OVERLAP } from "../core/find-tokens.ts";
import { Secret } from "../core/secret.ts";
import type { Tell } from "./token-scanner.ts";

/** Reads what `git log` writes, piece by piece. */
export interface HistoryReader {
  push(bytes: Buffer): void;
  end(): void;
  /** How many commits there were. */
  commits(): number;
}

/**
 * How git is to write each commit: a zero byte and its id, its message, a line of a zero byte alone, its diff. No message
 * holds a zero byte.
 */
export const COMMIT_FORMAT = "%x00%H%n%B%n%x00";

/** The file that a token in a commit's message is told under. */
const MESSAGE = "(message)";

/** A line that is longer is read in pieces; a token is never lost between two. */
const LONGEST = 1 << 20;

/**
 * Makes a reader that tells of every token in messages and in added lines, once for each file, with the commit that first
 * brought it. What is a line of a file and what is a header is told by the counts of lines that each hunk states, not by how
 * lines look.
 */
export function historyReader(tell: Tell): HistoryReader {
  let rest = "";
  /** So many characters of the line under way were read and let go. */
  let cut = 0;
  let sign = "";
  let commit = "";
  let count = 0;
  let inMessage = false;
  let file = "";
  let line = 0;
  /** Lines of the hunk that are still to come. */
  let added = 0;
  let removed = 0;
  const told = new Set<string>();

  function look(piece: string): void {
    if (cut === 0) sign = piece.charAt(0);
    if (inMessage) find(piece, cut, MESSAGE);
    else if (sign === "+" && added > 0) find(cut === 0 ? piece.slice(1) : piece, Math.max(0, cut - 1), file);
  }

  function find(text: string, start: number, where: string): void {
    for (const { token, kind, index, width } of findTokens(text)) {
      const place = `${token} ${where}`;
      if (told.has(place)) continue;
      told.add(place);
      // The mark of UTF-16's byte order is no column.
      const mark = start === 0 && line === 1 && /^(?:\xff\xfe|\xfe\xff)/.test(text) ? 1 : 0;
      const column = Math.floor((start + index) / width) + 1 - (width === 2 ? mark : 0);
      tell({ secret: new Secret(token), kind, file: where, commit, line, column });
    }
  }

  function endLine(piece: string): void {
    look(piece);
    if (inMessage) {
      if (piece === "\0" && cut === 0) inMessage = false;
      line++;
    } else if (added > 0 || removed > 0) passHunkLine();
    else if (cut === 0) readHeader(piece);
    cut = 0;
  }

  function passHunkLine(): void {
    if (sign === "\\") return; // that the line before has no end
    if (sign !== "+") removed--;
    if (sign === "-") return;
    added--;
    line++;
  }

  function readHeader(text: string): void {
    if (text.startsWith("\0")) {
      // A merge comes once for each parent.
      if (text.slice(1) !== commit) count++;
      commit = text.slice(1);
      inMessage = true;
      line = 1;
    } else if (text.startsWith("+++ ")) file = fileOf(text.slice(4));
    else if (text.startsWith("@@ ")) {
      const [, before = "1", first = "0", after = "1"] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
      removed = Number(before);
      added = Number(after);
      line = Number(first);
    }
  }

  return {
    push(bytes) {
      rest += bytes.toString("latin1");
      let from = 0;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
        endLine(rest.slice(from, end));
        from = end + 1;
      }
      rest = rest.slice(from);
      if (rest.length <= LONGEST) return;
      look(rest);
      cut += rest.length - TOKEN_OVERLAP;
      rest = rest.slice(-TOKEN_OVERLAP);
    },
    end() {
      if (rest !== "") endLine(rest);
    },
    commits: () => count,
  };
}

/** The name in the head of a diff: `b/` before it, and a tab behind it where it has blanks. */
function fileOf(text: string): string {
  return Buffer.from(text.replace(/\t$/, "").replace(/^b\//, ""), "latin1").toString("utf8");
}
