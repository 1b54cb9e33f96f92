import type { KeyChange } from "../../api/change-set.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { declaredSpec, type DeclaredSpec } from "../../core/declared-spec.ts";
import { SPEC_FIELDS, type KeySpec } from "../../core/key-spec.ts";
import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/suggest.ts";
import { loadManifest } from "../../manifest/load.ts";
import { diagnosticsText } from "../../report/diagnostics-text.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import { commitByHand } from "../commit-by-hand.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure, QuietFailure } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { sentence } from "../../report/shown.ts";

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
  context.stdout.write(sentence`Changed ${key.name}: ${assignments.join(", ")}.${owner}\n`);
  return EXIT.ok;
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
  throw new QuietFailure(EXIT.usage, "the key cannot be changed so", diagnostics);
}

const LISTS: readonly string[] = ["algorithms", "origins.referrers"];

function assign(key: Record<string, unknown>, assignment: string): void {
  const [, path, text] = /^([A-Za-z][A-Za-z_-]*(?:\.[A-Za-z0-9._-]+)?)=([^]*)$/.exec(assignment) ?? [];
  if (path === undefined || text === undefined) {
    throw new CommandFailure(EXIT.usage, `${assignment} is not field=value`, {
      fix: "Write enabled=false, data=read, algorithms=algo://a/b,algo://c/d or labels.team=web; null takes a field away.",
    });
  }
  const dot = path.indexOf(".");
  const [field, inner] = dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
  checkField(field);
  const value = LISTS.includes(path) ? text.split(",").filter((entry) => entry !== "") : scalar(text);
  if (inner === undefined) key[field] = value;
  else key[field] = withoutNulls({ ...(key[field] as Record<string, unknown> | null), [inner]: value });
}

/** Fields that a declaration has and a live key has not. */
const DECLARED_ONLY: Readonly<Record<string, string>> = {
  renamed_from: "it tells a plan which key this one was",
  deliver: "it tells an apply where a new secret goes",
  tests: "they are expectations of a declaration",
};

/** Ends the command unless a live key has that field. */
function checkField(field: string): void {
  if (SPEC_FIELDS.some((known) => known === field)) return;
  const why = Object.hasOwn(DECLARED_ONLY, field) ? DECLARED_ONLY[field] : undefined;
  if (why !== undefined) {
    throw new CommandFailure(EXIT.usage, `\`${field}\` is nothing of a live key's: ${why}`, {
      fix: `Write it in the declaration, then run algokeys apply.`,
    });
  }
  const near = suggest(field, SPEC_FIELDS);
  throw new CommandFailure(EXIT.usage, `a key has no field \`${printable(field)}\``, {
    fix: near === undefined ? `Fields are ${SPEC_FIELDS.join(", ")}.` : `Did you mean \`${near}\`?`,
  });
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
