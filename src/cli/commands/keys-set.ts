import type { KeyChange } from "../../api/change-set.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { declaredSpec, type DeclaredSpec } from "../../core/declared-spec.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import { loadManifest } from "../../manifest/load.ts";
import { diagnosticsText } from "../../report/diagnostics-text.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import { newId } from "../carry-out.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure, QuietFailure } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { listDeletedKeys, platformUrl, withExistingPlatform } from "../platform.ts";

interface SetInput extends AccountInput {
  readonly name: string;
  readonly "field=value": readonly string[];
}

/** `algokeys keys set`: changes a live key by hand, for the moment when there is no time for a review. */
export async function keysSet(input: SetInput, context: Context): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input.name, live.account.name);
  const assignments = input["field=value"];
  const spec = await editedSpec(key.name, declaredSpec(key.spec), assignments, input, context);
  const change: KeyChange = { action: "update", id: key.id, revision: key.revision, spec };
  await commitByHand(input, live.account.name, change, `keys set ${key.name} ${assignments.join(" ")}`, context);
  const owner = key.managedBy === null ? "" : ` The next plan of ${key.managedBy.project} will show it as drift.`;
  context.stdout.write(`Changed ${key.name}: ${assignments.join(", ")}.${owner}\n`);
  return EXIT.ok;
}

/** `algokeys keys restore`: brings back a deleted key. */
export async function keysRestore(
  input: AccountInput & { readonly name: string },
  context: Context,
): Promise<ExitCode> {
  const live = await readAccount(input, context);
  const deleted = await listDeletedKeys(platformUrl(input, context), live.account.name, context);
  // The latest of several deleted keys of one name is the one that people mean.
  const key = findKey(
    [...deleted].sort((left, right) => right.revision - left.revision),
    input.name,
    live.account.name,
  );
  const change: KeyChange = { action: "restore", id: key.id, revision: key.revision };
  await commitByHand(input, live.account.name, change, `keys restore ${key.name}`, context);
  context.stdout.write(`Restored ${key.name} with its credentials. Declare it, or the next apply deletes it again.\n`);
  return EXIT.ok;
}

async function commitByHand(
  input: GlobalOptions,
  account: string,
  change: KeyChange,
  message: string,
  context: Context,
): Promise<void> {
  const changeSet = { id: newId(context), project: null, message: message.slice(0, 500), changes: [change] };
  await withExistingPlatform(platformUrl(input, context), context, ({ api }) =>
    api.commit(account, changeSet, { signal: context.signal }),
  );
}

/** The spec after the edits, checked by the very code that checks declarations. */
async function editedSpec(
  name: string,
  spec: DeclaredSpec,
  assignments: readonly string[],
  options: GlobalOptions,
  context: Context,
): Promise<KeySpec> {
  const key = structuredClone(spec) as Record<string, unknown>;
  for (const assignment of assignments) assign(key, assignment);
  const declaration = { version: 1, account: "edit", project: "edit", keys: { [name]: withoutNulls(key) } };
  const result = await loadManifest(["-"], {
    cwd: context.cwd,
    env: {},
    vars: {},
    stdin: () => Promise.resolve(Buffer.from(JSON.stringify(declaration).split("${").join("$${"))),
  });
  const [edited] = result.ok ? result.value.keys : [];
  if (edited !== undefined) return edited.spec;
  // Positions in what was put together here would say nothing to the user; the path does.
  const diagnostics = result.diagnostics.map(withoutPlace);
  context.stderr.write(diagnosticsText(diagnostics, styleFor(context.stderr, options, context)));
  throw new QuietFailure(EXIT.usage);
}

const LISTS: readonly string[] = ["algorithms", "origins.referrers"];

function assign(key: Record<string, unknown>, assignment: string): void {
  const [, path, text] = /^([a-z]+(?:\.[A-Za-z0-9._-]+)?)=([^]*)$/.exec(assignment) ?? [];
  if (path === undefined || text === undefined) {
    throw new CommandFailure(EXIT.usage, `${assignment} is not field=value`, {
      fix: "Write enabled=false, data=read, algorithms=algo://a/b,algo://c/d or labels.team=web; null takes a field away.",
    });
  }
  const dot = path.indexOf(".");
  const [field, inner] = dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
  const value = LISTS.includes(path) ? text.split(",").filter((entry) => entry !== "") : scalar(text);
  if (inner === undefined) key[field] = value;
  else key[field] = withoutNulls({ ...(key[field] as Record<string, unknown> | null), [inner]: value });
}

function scalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text === "null" ? null : text;
}

function withoutNulls(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

function withoutPlace(diagnostic: Diagnostic): Diagnostic {
  const copy: { -readonly [Field in keyof Diagnostic]: Diagnostic[Field] } = { ...diagnostic };
  delete copy.range;
  delete copy.snippet;
  return copy;
}
