import type { AttributePath } from "../core/attribute-path.ts";
import { suggest } from "../core/suggest.ts";
import { oneOf, shownValue, suggestQuotes } from "./explain-value.ts";
import { MAX_ALIKE } from "./limits.ts";
import { AT_NAME, AT_VALUE, type Problem, type Wording } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";
import { pathKey, UNSET } from "./substitute.ts";
import type { SchemaError, SchemaFindings } from "./validate-manifest.generated.ts";

/** What the compiled schema found, in the author's terms: one mistake, one problem. An unset value has been told. */
export function explainSchemaErrors(
  file: SourceFile,
  value: unknown,
  { errors, counts }: SchemaFindings,
  written: ReadonlyMap<string, string>,
): Problem[] {
  const told = new Map<string, number>();
  return errors.flatMap((error) => {
    const { keyword, data } = error;
    if (data === UNSET) return [];
    const place = (told.get(keyword) ?? 0) + 1;
    told.set(keyword, place);
    // Of very many only the first are told, the others counted: to word them would take longer than all the rest.
    if (place > MAX_ALIKE) return [];
    const problem = explain(file, value, error, written);
    const more = (counts.get(keyword) ?? 0) - place;
    return [place === MAX_ALIKE && more > 0 ? { ...problem, more } : problem];
  });
}

/** The path that a finding is about: for a field that must not or must be there, that of the field. */
export function schemaErrorPath(value: unknown, error: SchemaError): AttributePath {
  const path = pathOf(value, error.instancePath);
  const field = error.params["additionalProperty"] ?? error.params["missingProperty"];
  return typeof field === "string" ? [...path, field] : path;
}

function explain(file: SourceFile, value: unknown, error: SchemaError, written: ReadonlyMap<string, string>): Problem {
  const path = schemaErrorPath(value, error);
  const absent = error.keyword === "required" || error.keyword === "additionalProperties";
  const raw = written.size === 0 ? undefined : written.get(pathKey(path));
  const found = raw ?? error.data;
  const wording = wordingOf(error, path, found, raw !== undefined);
  return { file, severity: "error", path, mark: absent ? AT_NAME : AT_VALUE, ...wording };
}

/** JSON Pointer to path; what is a position and what a name, only the value itself says. */
function pathOf(root: unknown, pointer: string): AttributePath {
  if (pointer === "") return [];
  let node = root;
  return pointer
    .slice(1)
    .split("/")
    .map((part) => {
      const name = part.includes("~") ? part.replaceAll("~1", "/").replaceAll("~0", "~") : part;
      const step = Array.isArray(node) ? Number(name) : name;
      node = typeof node === "object" && node !== null ? (node as Record<string | number, unknown>)[step] : undefined;
      return step;
    });
}

function wordingOf(error: SchemaError, path: AttributePath, found: unknown, replaced: boolean): Wording {
  const field = path.at(-1);
  const name =
    typeof field === "string" ? `\`${field}\`` : path.length === 0 ? "a declaration" : "an entry of the list";
  switch (error.keyword) {
    case "additionalProperties":
      return unknownField(error, path);
    case "required":
      return missingField(name, field, path);
    case "const":
      return unsupportedVersion(found);
    case "enum":
      return notAmong(error, name, found, replaced);
    case "minItems":
      return {
        code: "invalid-origins",
        summary: `${name} lists no host`,
        fix: "Leave `referrers` out: with `web: true` every site may call then, with `web: false` none.",
      };
    case "maxItems":
      return {
        code: "invalid-value",
        summary: `${name} has more than ${String(error.params["limit"])} entries`,
        fix: "Use wider patterns, or spread them over several keys.",
      };
    default:
      if (found === null && path[0] === "keys" && path.length === 2) return noFields(name);
      return wrongType(error, name, path, found, replaced);
  }
}

function unknownField(error: SchemaError, path: AttributePath): Wording {
  const field = String(path.at(-1));
  const known = error.parentSchema.properties ?? {};
  const names = Object.keys(known).filter((name) => name !== "$schema");
  const near = suggest(field, names);
  const outer = names.find((name) => Object.hasOwn(propertiesOf(known[name]), field));
  const wording = { code: "unknown-field", summary: `there is no field ${shownField(field)} here` } as const;
  if (field === "<<")
    return { ...wording, detail: "Merge keys are not read.", fix: "Write what keys have in common under `defaults`." };
  if (outer !== undefined) return { ...wording, fix: `Write it under \`${outer}\`.` };
  if (near !== undefined) return { ...wording, fix: `Did you mean \`${near}\`?` };
  return { ...wording, fix: `The fields here are ${oneOf(names).replace(/ or (?=[^ ]+$)/, " and ")}.` };
}

function shownField(field: string): string {
  return /^[\w$<.-]{1,64}$/.test(field) ? `\`${field}\`` : shownValue(field);
}

function propertiesOf(schema: object | undefined): object {
  return schema !== undefined && "properties" in schema ? (schema.properties as object) : {};
}

function missingField(name: string, field: string | number | undefined, path: AttributePath): Wording {
  const examples: Readonly<Record<string, string>> = {
    version: "version: 1",
    keys: "keys: {}",
    to: "to: dotenv",
    file: "file: .env",
    name: "name: ALGORITHMIA_API_KEY",
    expect: "expect: allow",
  };
  const where = path.length === 1 ? "the file" : path.includes("tests") ? "the test" : "the delivery";
  const example = examples[String(field)];
  const more = field === "keys" ? ", or the keys under it" : "";
  return {
    code: "missing-field",
    summary: `${where} does not state ${name}`,
    ...(example !== undefined && { fix: `Add \`${example}\`${more}.` }),
  };
}

function unsupportedVersion(found: unknown): Wording {
  return {
    code: "unsupported-version",
    summary: `${shownValue(found)} is not a version of the format`,
    detail: "This release reads version 1.",
    fix:
      found === "1"
        ? "Write the number: `version: 1`."
        : "Write `version: 1`, or use the release that the file was written for.",
  };
}

function notAmong(error: SchemaError, name: string, found: unknown, replaced: boolean): Wording {
  const values = Array.isArray(error.schema) ? (error.schema as readonly unknown[]).map(String) : [];
  const near = typeof found === "string" && !replaced ? suggest(found, values) : undefined;
  const access = found === true ? "readwrite" : found === false ? "none" : undefined;
  const meant = near ?? (access !== undefined && values.includes(access) ? access : undefined);
  return {
    code: "invalid-value",
    summary: `${name} must be ${oneOf(values)}, not ${shownValue(found)}`,
    ...(replaced && { detail: "The variable holds something else." }),
    fix: meant === undefined ? `Write ${oneOf(values)}.` : `Did you mean \`${meant}\`?`,
  };
}

function noFields(name: string): Wording {
  const fix = "Add `algorithms: [algo://owner/name]` under it, or `algorithms: []` to allow none.";
  return { code: "wrong-type", summary: `the key ${name} has no fields`, fix };
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "`true` or `false`",
  array: "a list",
  object: "a map of fields",
};

function wrongType(error: SchemaError, name: string, path: AttributePath, found: unknown, replaced: boolean): Wording {
  const types = ([] as unknown[])
    .concat(error.params["type"])
    .map(String)
    .filter((type) => type !== "null");
  const [type = ""] = types;
  const fix = replaced
    ? "A variable is always text; write this field's value out."
    : (rootFix(path, found) ?? typeFix(type, found));
  return {
    code: "wrong-type",
    summary: `${name} must be ${WORDS[type] ?? type}, not ${shownValue(found)}`,
    ...(fix !== undefined && { fix }),
  };
}

/** What to write where a whole declaration, or what every one states, is something else. */
function rootFix(path: AttributePath, found: unknown): string | undefined {
  if (path.length === 0 && typeof found !== "object")
    return "Begin with `version: 1`; `algokeys init` writes an example.";
  if (found !== null || path.length > 1) return undefined;
  const examples: Readonly<Record<string, string>> = {
    account: "Write whose keys they are: `account: acme`.",
    project: "Write who manages the keys: `project: storefront`.",
    keys: "Write the keys under it, or `keys: {}` for none.",
  };
  return examples[String(path[0])];
}

function typeFix(type: string, found: unknown): string | undefined {
  if (type === "boolean" && typeof found === "string") {
    if (/^(?:yes|on|y|true|1)$/i.test(found)) return "Write `true`.";
    if (/^(?:no|off|n|false|0)$/i.test(found)) return "Write `false`.";
  }
  if (type === "array" && typeof found === "string") return `Write a list: \`[${shownValue(found)}]\`.`;
  if (type === "string" && typeof found === "boolean") return suggestQuotes(String(found)).fix;
  // `1.0` and `1` are one number: only its author knows what is written there.
  if (type === "string" && typeof found === "number") return "Put it in quotes, as it is written.";
  if (found === null)
    return type === "array"
      ? "Write `[]` for an empty list, or take the field away."
      : "Give it a value, or take it away.";
  if (type === "object" && Array.isArray(found)) return "Write `name: value` lines instead of `-` entries.";
  return undefined;
}
