import type * as Editor from "jsonc-parser";
import type { ParseError } from "jsonc-parser";
import type { FileDelivery } from "../core/delivery.ts";
import { fileSink, type FileFormat, type FileSinkPorts, type FormatEdit } from "./file-sink.ts";
import type { Sink } from "./sink.ts";

/** The JSON editor, loaded only once a secret goes into a JSON file. */
type JsonEditor = Pick<typeof Editor, "parse" | "modify" | "applyEdits">;

/**
 * Puts secrets into JSON files, changing nothing but the value: layout, order and comments stay. A file that is not
 * valid JSON is left alone.
 */
export function jsonSink(ports: FileSinkPorts): Sink<FileDelivery> {
  const loaded = async (): Promise<Sink<FileDelivery>> => fileSink(await loadJsonFormat(), ports);
  const readBack = async (delivery: FileDelivery): Promise<string | null | undefined> =>
    await (await loaded()).readBack(delivery);
  return {
    deliver: async (secrets) => await (await loaded()).deliver(secrets),
    readBack,
    look: async (delivery) => (await readBack(delivery)) ?? null,
  };
}

/** The format of JSON files, with its editor. */
export async function loadJsonFormat(): Promise<FileFormat> {
  return jsonFormat(await import("jsonc-parser"));
}

const BOM = "\ufeff";

function jsonFormat(editor: JsonEditor): FileFormat {
  return {
    set(bytes, name, value) {
      if (!value.isWellFormed()) return { ok: false, why: `cannot hold the secret of ${name}: it is no Unicode text` };
      const whole = readText(bytes);
      if (whole === undefined) return { ok: false, why: "is not UTF-8 text" };
      const bom = whole.startsWith(BOM) ? BOM : "";
      const text = whole.slice(bom.length);
      const start = text.trim() === "" ? "{}\n" : text;
      const problem = placeProblem(editor, start, name);
      if (problem !== undefined) return problem;
      const edits = editor.modify(start, pathOf(editor, start, name), value, {}).map((edit) => onOwnLine(edit, start));
      return { ok: true, bytes: Buffer.from(bom + editor.applyEdits(start, edits)) };
    },
    get(bytes, name) {
      const text = readText(bytes)?.replace(/^\ufeff/, "");
      if (text === undefined) return undefined;
      let value: unknown = parse(editor, text);
      for (const step of stepsOf(name)) {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
        value = Reflect.get(value, step);
      }
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** The steps of a JSON Pointer, or the one step of a plain property name. */
function stepsOf(name: string): readonly string[] {
  if (!name.startsWith("/")) return [name];
  return name
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Undefined if the value may be set there: on its way stand only objects and list entries that there are. */
function placeProblem(editor: JsonEditor, text: string, name: string): FormatEdit | undefined {
  let value = parse(editor, text);
  if (value === undefined) return { ok: false, why: "is not valid JSON; it was left as it is" };
  for (const [index, step] of stepsOf(name).entries()) {
    const at = index === 0 ? "the whole file" : `/${stepsOf(name).slice(0, index).join("/")}`;
    if (typeof value !== "object" || value === null)
      return { ok: false, why: `holds a plain value at ${at}, not an object` };
    if (Array.isArray(value) && !(/^\d+$/.test(step) && Object.hasOwn(value, step)))
      return { ok: false, why: `holds a list at ${at} without an entry ${step}` };
    if (!Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step) as unknown;
  }
  const isContainer = typeof value === "object" && value !== null;
  return isContainer
    ? { ok: false, why: `holds an object or a list at ${name}, which a secret must not replace` }
    : undefined;
}

/** The editor's own path: list positions are numbers. */
function pathOf(editor: JsonEditor, text: string, name: string): (string | number)[] {
  let value = parse(editor, text);
  return stepsOf(name).map((step) => {
    const inList = Array.isArray(value);
    const known = typeof value === "object" && value !== null && Object.hasOwn(value, step);
    value = known ? (Reflect.get(Object(value), step) as unknown) : undefined;
    return inList ? Number(step) : step;
  });
}

/** The value of JSON text, comments allowed; undefined if it is not valid. */
function parse(editor: JsonEditor, text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = editor.parse(text, errors);
  return errors.length === 0 ? value : undefined;
}

function readText(bytes: Buffer | undefined): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // reported by the caller
  }
}

/**
 * A property that is added after one that has a line of its own gets a line too, indented alike; nothing else of the
 * text is touched.
 */
function onOwnLine(edit: Editor.Edit, text: string): Editor.Edit {
  const added = /^,\s*("(?:[^"\\]|\\.)*"\s*:[^]*)$/.exec(edit.content)?.[1];
  const lineStart = text.lastIndexOf("\n", edit.offset - 1) + 1;
  const [, indent] = /^([ \t]*)["}\]]/.exec(text.slice(lineStart, edit.offset)) ?? [];
  if (added === undefined || edit.length > 0 || lineStart === 0 || indent === undefined) return edit;
  return { ...edit, content: `,${text.includes("\r\n") ? "\r\n" : "\n"}${indent}${added}` };
}
