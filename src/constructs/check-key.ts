import { formatPath, type AttributePath } from "../core/attribute-path.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { declarationFindings } from "../manifest/check-declaration.ts";
import { createAlgorithmReader } from "../manifest/declaration-file.ts";
import { rewriteExamples } from "../manifest/rewrite-examples.ts";
import { SPEC_TABLE, type CommandLineFields, type KeyFields } from "./key-fields.ts";
import { knownField, SOME_NAME } from "./known-part.ts";
import { isKnownLater } from "./literal.ts";

/** What there is to say, each with its field. */
export interface KeyFindings {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What is checked of a key. */
export type CheckedFields = Partial<KeyFields> & CommandLineFields;

const NOTHING: KeyFindings = { errors: [], warnings: [] };

/** What is checked of a key, and what it is called in a declaration where that differs. */
const FIELDS = [...(Object.keys(SPEC_TABLE) as (keyof KeyFields)[]), "renamedFrom", "deliver", "tests"] as const;
const NAMES: Readonly<Record<string, string>> = { renamedFrom: "renamed_from" };

/** The same patterns stand in many keys of an app. */
const readAlgorithm = createAlgorithmReader();

/**
 * Checks keys by the rules of every declaration, as far as they are known now: what is known only later passes. `placeOf` gives
 * the path by which a message names what is at a path of a declaration.
 */
export function checkKeys(
  keys: Readonly<Record<string, CheckedFields>>,
  account: string | undefined,
  placeOf: (path: AttributePath) => AttributePath,
): KeyFindings {
  const declared = Object.entries(keys).map(([name, key]) => [name, declaredKey(key)] as const);
  const owner = account === undefined || isKnownLater(account) ? SOME_NAME : account;
  const declaration = { version: 1, account: owner, project: SOME_NAME, keys: Object.fromEntries(declared) };
  const diagnostics = declarationFindings(declaration, readAlgorithm);
  if (diagnostics.length === 0) return NOTHING;
  const told = (severity: Diagnostic["severity"]): readonly string[] =>
    diagnostics.filter((found) => found.severity === severity).map((found) => findingText(found, placeOf));
  return { errors: told("error"), warnings: told("warning") };
}

/** Checks one key; what is about the key as a whole is about its name. */
export function checkKey(
  key: CheckedFields & { readonly name?: string; readonly account?: string | undefined },
): KeyFindings {
  const { account } = key;
  const name = key.name ?? "";
  if (name === "") return { errors: ["name: The key has none. State it."], warnings: [] };
  const known = isKnownLater(name) ? SOME_NAME : name;
  const placeOf = (path: AttributePath): AttributePath =>
    path[0] === "keys" && path[1] === known ? (path.length === 2 ? ["name"] : path.slice(2)) : path;
  return checkKeys({ [known]: key }, account, placeOf);
}

function declaredKey(key: CheckedFields): Readonly<Record<string, unknown>> {
  const declared: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = knownField(field, key[field]);
    if (value !== undefined) declared[NAMES[field] ?? field] = value;
  }
  return declared;
}

/** A diagnostic in one text, with the field that it is about in front; what is to be written is told in TypeScript. */
function findingText(
  { path = [], summary, detail, fix }: Diagnostic,
  placeOf: (path: AttributePath) => AttributePath,
): string {
  const sentences = [`${summary.replace(/\.$/, "")}.`, detail, fix].filter((part) => part !== undefined);
  const field = formatPath(placeOf(path));
  return rewriteExamples(`${field === "" ? "" : `${field}: `}${sentences.join(" ")}`, ": ");
}
