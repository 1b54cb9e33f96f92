import { VARIABLE_PATTERN, type FileDelivery } from "../core/delivery.ts";
import { quoted, unquoted, type Quote } from "./dotenv-quoting.ts";
import { fileSink, type FileFormat, type FileSinkPorts } from "./file-sink.ts";
import type { Sink } from "./sink.ts";

/**
 * Puts secrets into dotenv files. Where a variable is assigned, only its value changes: `export`, quotes, comments and
 * line ends stay. Of several assignments the last is changed, as it is the one that readers of such files obey.
 */
export function dotenvSink(ports: FileSinkPorts): Sink<FileDelivery> {
  return fileSink(dotenvFormat, ports);
}

/** Bytes are read as Latin-1, one character each, so that whatever is not ours is written back as it was. */
export const dotenvFormat: FileFormat = {
  set(bytes, name, value) {
    if (!VARIABLE_PATTERN.test(name)) return { ok: false, why: `cannot hold ${name}: it is not a variable's name` };
    const text = bytes?.toString("latin1") ?? "";
    const place = lastAssignment(text, name);
    const written = quoted(value, place?.quote ?? "");
    if (written === undefined)
      return { ok: false, why: `cannot hold the secret of ${name}: shells and Node would read it differently` };
    const latin = Buffer.from(written).toString("latin1");
    const edited =
      place === undefined
        ? appended(text, `${name}=${latin}`)
        : text.slice(0, place.start) + latin + text.slice(place.end);
    return { ok: true, bytes: Buffer.from(edited, "latin1") };
  },
  get(bytes, name) {
    const text = bytes.toString("latin1");
    const place = lastAssignment(text, name);
    if (place === undefined) return undefined;
    return unquoted(Buffer.from(text.slice(place.start, place.end), "latin1").toString(), place.quote);
  },
};

/** Where a value stands, with its quotes. */
interface ValuePlace {
  readonly start: number;
  readonly end: number;
  readonly quote: Quote;
}

const ASSIGNMENT = /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=(?:[ \t]+(?![ \t#]))?/y;
const UTF8_BOM = "\u00ef\u00bb\u00bf";

/** Walks from assignment to assignment; what stands inside a value of several lines is not taken for one. */
function lastAssignment(text: string, name: string): ValuePlace | undefined {
  let found: ValuePlace | undefined;
  let line = text.startsWith(UTF8_BOM) ? UTF8_BOM.length : 0;
  while (line < text.length) {
    ASSIGNMENT.lastIndex = line;
    const assignment = ASSIGNMENT.exec(text);
    let from = line;
    if (assignment !== null) {
      const place = valueAt(text, ASSIGNMENT.lastIndex);
      if (assignment[1] === name) found = place;
      from = place.end;
    }
    const end = text.indexOf("\n", from);
    line = end === -1 ? text.length : end + 1;
  }
  return found;
}

function valueAt(text: string, start: number): ValuePlace {
  const quote = text.charAt(start);
  if (quote === '"' || quote === "'" || quote === "`") {
    const close = closingQuote(text, start + 1, quote);
    if (close !== undefined) {
      const rest = bareLength(text, close + 1);
      return { start, end: close + 1 + rest, quote: rest === 0 ? quote : "" };
    }
  }
  return { start, end: start + bareLength(text, start), quote: "" };
}

/** How much of a line is value: what stands before a comment and the blanks at its end. */
function bareLength(text: string, start: number): number {
  const [line = ""] = /[^\r\n]*/.exec(text.slice(start, lineEnd(text, start))) ?? [];
  const comment = line.search(/[ \t]#/);
  return (comment === -1 ? line : line.slice(0, comment)).replace(/[ \t]+$/, "").length;
}

/** The place of the closing quote, on this line or a later one; only double quotes know an escape. */
function closingQuote(text: string, from: number, quote: Exclude<Quote, "">): number | undefined {
  for (let index = text.indexOf(quote, from); index !== -1; index = text.indexOf(quote, index + 1)) {
    if (quote !== '"' || text.charAt(index - 1) !== "\\") return index;
  }
  return undefined;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** A line more, in the file's own line ends. */
function appended(text: string, line: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text === "" || text === UTF8_BOM || text.endsWith("\n") ? "" : eol;
  return `${text}${gap}${line}${eol}`;
}
