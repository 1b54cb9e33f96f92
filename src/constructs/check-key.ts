import { formatPath } from "../core/attribute-path.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { declarationFindings } from "../manifest/check-declaration.ts";
import { createAlgorithmReader } from "../manifest/declaration-file.ts";
import { rewriteExamples } from "../manifest/rewrite-examples.ts";
import { isKnownLater } from "./literal.ts";
import { SPEC_TABLE, type CommandLineFields, type KeyFields } from "./key-fields.ts";

/** What there is to say of a key, each with its field. */
export interface KeyFindings {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** A key as it is checked; its name and its account may be known only later. */
export interface CheckedKey extends KeyFields, CommandLineFields {
  readonly name: string;
  readonly account?: string | undefined;
}

/** Stands for a name that is not known yet: it passes, and no message names it. */
const SOME_NAME = "key";

const NOTHING: KeyFindings = { errors: [], warnings: [] };

/** What is checked of a key, and what it is called in a declaration where that differs. */
const FIELDS = [...(Object.keys(SPEC_TABLE) as (keyof KeyFields)[]), "renamedFrom", "deliver", "tests"] as const;
const NAMES: Readonly<Record<string, string>> = { renamedFrom: "renamed_from" };

/** The same patterns stand in many keys of an app. */
const readAlgorithm = createAlgorithmReader();

/** Checks a key by the rules of every declaration, as far as it is known now: what is known only later passes. */
export function checkKey(key: CheckedKey): KeyFindings {
  const name = isKnownLater(key.name) ? SOME_NAME : key.name;
  const account = key.account === undefined || isKnownLater(key.account) ? SOME_NAME : key.account;
  const declared: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = knownPart(key[field], field);
    if (value !== undefined) declared[NAMES[field] ?? field] = value;
  }
  const declaration = { version: 1, account, project: SOME_NAME, keys: { [name]: declared } };
  const diagnostics = declarationFindings(declaration, readAlgorithm);
  if (diagnostics.length === 0) return NOTHING;
  const told = (severity: Diagnostic["severity"]): readonly string[] =>
    diagnostics.filter((found) => found.severity === severity).map((found) => findingText(found, name));
  return { errors: told("error"), warnings: told("warning") };
}

/** A diagnostic in one text, with the field that it is about in front; what is to be written is told in TypeScript. */
function findingText({ path = [], summary, detail, fix }: Diagnostic, name: string): string {
  const within = path[0] === "keys" && path[1] === name ? path.slice(2) : path;
  const field = within.length === 0 ? "name" : formatPath(within);
  const sentences = [`${sentence(summary)}.`, detail, fix].filter((part) => part !== undefined);
  return rewriteExamples(`${field}: ${sentences.join(" ")}`, ": ");
}

function sentence(text: string): string {
  return text.replace(/\.$/, "");
}

/** What is known of a value; undefined for what is not. Something must stand for `algorithms`, which must be stated. */
function knownPart(value: unknown, field = ""): unknown {
  if (isKnownLater(value)) return field === "algorithms" ? [] : undefined;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.filter((entry) => !isKnownLater(entry)).map((entry) => knownPart(entry));
  const known: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const part = knownPart(inner);
    if (part !== undefined) known[name] = part;
  }
  return known;
}
