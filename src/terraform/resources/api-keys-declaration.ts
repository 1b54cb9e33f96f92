import { NAME_PATTERN } from "../../core/key-name.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Manifest } from "../../core/manifest.ts";
import { checkDeclaration } from "../../manifest/check-declaration.ts";
import { loadManifest } from "../../manifest/load.ts";
import type { Attempt } from "../framework/provider-definition.ts";
import { isWhollyKnown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { error, fromConfiguration, sentence, warning } from "./diagnostics.ts";
import { declaredOf } from "./spec-attributes.ts";

/** What stands in for an account and a project that the configuration does not state. */
export interface Owners {
  readonly account: string | null;
  readonly project: string;
}

/** The environment that `${env.NAME}` in a manifest reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** True if all that declares the keys is known: else there is nothing to plan yet. */
export function isDeclared(config: CtyRecord): boolean {
  return DECLARING.every((name) => isWhollyKnown(config[name] ?? null));
}

const DECLARING = [
  "manifest",
  "variables",
  "keys",
  "account",
  "project",
  "max_deletes",
  "adopt",
  "secrets_wo_versions",
];

/** The manifest that a configuration declares, with the same checks and words as for files. */
export async function readDeclared(config: CtyRecord, owners: Owners, env: Environment): Promise<Attempt<Manifest>> {
  const { manifest, keys } = config;
  const account = textOf(config["account"]) ?? owners.account;
  const project = textOf(config["project"]) ?? owners.project;
  if (typeof manifest === "string") {
    const read = await readManifest(manifest, config["variables"] ?? null, env);
    return read.ok ? agreeing(read, config) : read;
  }
  if (account === null) {
    const detail = "State `account` here, or for every key in the provider's configuration.";
    return { ok: false, diagnostics: [error("No account is stated", detail, "account")] };
  }
  const checked = checkDeclaration({ version: 1, account, project, keys: declaredKeys(keys ?? null) });
  const diagnostics = checked.diagnostics.map((found) => inMap(found));
  return checked.ok ? { ok: true, value: checked.value, diagnostics } : { ok: false, diagnostics };
}

/** The keys of the map in the form of a declaration; what is not known of them is left out. */
export function declaredKeys(keys: CtyValue): Readonly<Record<string, unknown>> {
  if (keys === null || typeof keys !== "object") return {};
  return Object.fromEntries(
    Object.entries(keys as CtyRecord).flatMap(([name, value]) => {
      if (value === null || !isRecord(value)) return [];
      const from = textOf(value["renamed_from"]);
      return [[name, { ...declaredOf(value), ...(from === undefined ? {} : { renamed_from: from }) }]];
    }),
  );
}

/** What was read last in an environment: in one process Terraform has the same text checked and planned. */
const lastRead = new WeakMap<Environment, { readonly of: string; readonly read: Promise<Attempt<Manifest>> }>();

function readManifest(text: string, variables: CtyValue, env: Environment): Promise<Attempt<Manifest>> {
  const of = `${JSON.stringify(variables)}\n${text}`;
  const last = lastRead.get(env);
  if (last?.of === of) return last.read;
  const read = readManifestAnew(text, variables, env);
  lastRead.set(env, { of, read });
  return read;
}

async function readManifestAnew(text: string, variables: CtyValue, env: Environment): Promise<Attempt<Manifest>> {
  const vars = (variables ?? {}) as Readonly<Record<string, string>>;
  const stdin = (): Promise<Uint8Array> => Promise.resolve(new TextEncoder().encode(text));
  const read = await loadManifest(["-"], { cwd: "/", env, vars, stdin });
  const diagnostics = read.diagnostics.map(inManifest);
  if (!read.ok) return { ok: false, diagnostics };
  const delivered = read.value.keys.filter(({ deliver }) => deliver.length > 0).map(({ name }) => name);
  if (delivered.length > 0) diagnostics.push(notDelivered(delivered));
  const keys = read.value.keys.map((key) => ({ ...key, deliver: [] }));
  return { ok: true, value: { ...read.value, keys }, diagnostics };
}

/** Terraform can point at the attribute only; the place within the text stands in the words. */
function inManifest(found: Diagnostic): ProviderDiagnostic {
  const { range, snippet } = found;
  const { severity, summary, detail, fix } = found;
  const words = [detail, fix].filter((part) => part !== undefined).join(" ");
  const told = {
    severity,
    summary: sentence(summary),
    detail: words === "" ? sentence(summary) : words,
    path: [{ attribute: "manifest" }],
  };
  if (range === undefined) return told;
  const place = `line ${String(range.start.line)}, column ${String(range.start.column)}`;
  const line = snippet === undefined ? "" : `\n\n  ${snippet.line.trim().slice(0, 200)}`;
  return { ...told, detail: `In the manifest at ${place}: ${told.detail}${line}` };
}

function agreeing(read: Extract<Attempt<Manifest>, { ok: true }>, config: CtyRecord): Attempt<Manifest> {
  const diagnostics = [...read.diagnostics];
  for (const name of ["account", "project"] as const) {
    const stated = textOf(config[name]);
    if (stated === undefined || stated.toLowerCase() === read.value[name].toLowerCase()) continue;
    const detail = `The manifest says ${read.value[name]}. Take one of them away, or make them agree.`;
    diagnostics.push(error(`${name} = "${stated}" is not what the manifest states`, detail, name));
  }
  return diagnostics.some(({ severity }) => severity === "error")
    ? { ok: false, diagnostics }
    : { ...read, diagnostics };
}

/** Checks what the configuration says of secrets and of deletions. */
export function checkSettings(
  config: CtyRecord,
  names: ReadonlySet<string> | undefined,
): readonly ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = [];
  const { manifest, keys, max_deletes: deletes } = config;
  if ((manifest === null) === (keys === null)) {
    const detail = 'Write manifest = file("keys.yaml"), or keys = { name = { algorithms = [...] } }.';
    found.push(error(manifest === null ? "No keys are declared" : "The keys are declared twice", detail));
  }
  if (typeof deletes === "string" && maxDeletesOf(deletes) === undefined) {
    found.push(error("max_deletes is no number and no percentage", 'Write "5" or "50%".', "max_deletes"));
  }
  for (const attribute of ["secrets_wo", "secrets_wo_versions"]) {
    for (const name of namesOf(config[attribute] ?? null)) {
      if (names === undefined || names.has(name)) continue;
      const shown = NAME_PATTERN.test(name) ? name : JSON.stringify(name);
      const detail = "Its entries are named like the keys. Take it away, or declare that key.";
      found.push({ ...error(`${attribute} names ${shown}, which is no declared key`, detail), path: [{ attribute }] });
    }
  }
  return found;
}

/** The bound that `5` or `50%` states; undefined if it states none. */
export function maxDeletesOf(text: string): { readonly count: number } | { readonly percent: number } | undefined {
  const [, digits, percent] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
  if (digits === undefined || (percent === "%" && Number(digits) > 100)) return undefined;
  return percent === "%" ? { percent: Number(digits) } : { count: Number(digits) };
}

/** Terraform finds attributes of the block itself only: the key is named in words. */
function inMap(found: Diagnostic): ProviderDiagnostic {
  const [root, name] = found.path ?? [];
  if (root !== "keys" || name === undefined) return fromConfiguration(found, []);
  const told = fromConfiguration(found, ["keys", name]);
  return { ...told, detail: `Key ${JSON.stringify(name)}: ${told.detail}`, path: [{ attribute: "keys" }] };
}

function notDelivered(names: readonly string[]): ProviderDiagnostic {
  const detail =
    `${names.slice(0, 3).join(", ")}${names.length > 3 ? " and others" : ""}: only the command line writes secrets to files. ` +
    "Give these keys their secrets with secrets_wo.";
  return warning("`deliver` is not carried out by Terraform", detail, "manifest");
}

function namesOf(value: CtyValue): readonly string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function isRecord(value: CtyValue): value is CtyRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value) && isPlain(value);
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function textOf(value: CtyValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
