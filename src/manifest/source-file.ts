import { MAX_FILE_BYTES } from "./limits.ts";
import type { Problem } from "./problem.ts";

/** One file of a declaration as it was read. */
export interface SourceFile {
  /** As given, relative to the working folder, with `/`; `-` is standard input. */
  readonly filename: string;
  /** The folder that it lies in, relative to the working folder, with `/`; empty for that folder itself. */
  readonly folder: string;
  /** Undefined for a module, whose value has no places in a text. */
  readonly content: SourceText | undefined;
}

/** A file's text, without a byte order mark. */
export interface SourceText {
  readonly text: string;
  /** How many bytes the text takes in the file, and how many stand before it. */
  readonly bytes: number;
  readonly bom: number;
}

/** The text of a file, or what is wrong with its bytes. */
export function readSource(bytes: Uint8Array, filename: string, folder: string): SourceFile | Problem {
  const file = { filename, folder };
  if (bytes.byteLength > MAX_FILE_BYTES) return tooLarge({ ...file, content: undefined });
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const body = bytes.subarray(bom);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return { ...file, content: { text, bytes: body.byteLength, bom } };
  } catch {
    return notUtf8(file, body, bom);
  }
}

/** The problem of a file that is larger than {@link MAX_FILE_BYTES}. */
export function tooLarge(file: SourceFile): Problem {
  return {
    file,
    severity: "error",
    code: "too-large",
    summary: "the file is larger than 16 MiB",
    fix: "Split it into several files in one folder; they make one declaration.",
    path: [],
    mark: { type: "start" },
  };
}

function notUtf8(file: Omit<SourceFile, "content">, body: Uint8Array, bom: number): Problem {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  return {
    file: { ...file, content: { text, bytes: body.byteLength, bom } },
    severity: "error",
    code: "not-utf8",
    summary: "the file is not UTF-8 text",
    fix: "Save it as UTF-8.",
    path: [],
    mark: { type: "offset", start: firstReplaced(text, body), end: undefined },
  };
}

/** Where decoding first put a replacement character that the bytes do not hold. */
function firstReplaced(text: string, body: Uint8Array): number {
  const encoder = new TextEncoder();
  let done = 0;
  let byte = 0;
  for (let index = text.indexOf("\ufffd"); index >= 0; index = text.indexOf("\ufffd", index + 1)) {
    byte += encoder.encode(text.slice(done, index)).byteLength;
    if (body[byte] !== 0xef || body[byte + 1] !== 0xbf || body[byte + 2] !== 0xbd) return index;
    done = index;
  }
  return 0;
}
