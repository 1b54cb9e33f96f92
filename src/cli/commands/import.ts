import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ApiKey } from "../../core/api-key.ts";
import { shortDeclaredSpec } from "../../core/declared-spec.ts";
import { printable } from "../../core/printable.ts";
import { editYaml } from "../../manifest/edit-yaml.ts";
import { loadText } from "../../manifest/load.ts";
import { attributeChanges } from "../../plan/attribute-change.ts";
import { sentence } from "../../report/shown.ts";
import { declaredOwner, findKey, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { writeFailure } from "../file-failure.ts";
import { replaceText } from "../replace-text.ts";
import { declarationText, writeNewFile, type DeclarationFormat } from "./export.ts";

interface ImportInput extends AccountInput {
  readonly names: readonly string[];
  readonly allUnmanaged?: boolean;
  readonly project?: string;
  readonly format: DeclarationFormat;
  readonly out?: string;
  readonly into?: string;
}

/**
 * `algokeys import`: keys that nobody manages, such as those made in a console, as a declaration. Nothing is written to the
 * platform and no key gets another secret: a plan with `--adopt` then takes them over as they are.
 */
export async function importKeys(input: ImportInput, context: Context): Promise<ExitCode> {
  if (input.names.length > 0 === (input.allUnmanaged === true)) {
    throw new CommandFailure(EXIT.usage, "say which keys to import: names, or --all-unmanaged", {
      fix: "See them with: algokeys keys list --unmanaged",
    });
  }
  if (input.into !== undefined && (input.out !== undefined || input.format !== "yaml")) {
    throw new CommandFailure(
      EXIT.usage,
      "--into adds to a YAML file that is there, and goes with no --out and no other format",
      {
        fix: "Leave one of them out.",
      },
    );
  }
  const live = await readAccount(input, context);
  const account = live.account.name;
  const keys = chosen(input, live.keys, account);
  if (input.into !== undefined) return await addTo(input.into, keys, account, context);
  const project = input.project ?? (await declaredOwner({ ...input }, context)).project;
  const text = declarationText(input.format, { account, project, keys });
  if (input.out === undefined) context.stdout.write(text);
  else await writeNewFile(input.out, text, context);
  return EXIT.ok;
}

function chosen({ names, allUnmanaged }: ImportInput, live: readonly ApiKey[], account: string): readonly ApiKey[] {
  const keys =
    allUnmanaged === true
      ? live.filter(({ managedBy }) => managedBy === null)
      : names.map((name) => findKey(live, name, account));
  if (keys.length === 0) {
    throw new CommandFailure(EXIT.error, `every live key of ${account} is managed by a project`, {
      fix: "There is nothing to import. See them with: algokeys keys list",
    });
  }
  const managed = keys.find(({ managedBy }) => managedBy !== null);
  if (managed === undefined) return keys;
  throw new CommandFailure(
    EXIT.refused,
    `the project ${managed.managedBy?.project ?? ""} manages the key ${printable(managed.name)}`,
    {
      fix: `Export it with --project, or take it over: algokeys plan --takeover ${managed.managedBy?.project ?? ""}`,
    },
  );
}

/** Adds the keys to a declaration, every other byte of it left as it is. What was written is read again before it counts. */
async function addTo(file: string, keys: readonly ApiKey[], account: string, context: Context): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const before = await readFile(path, "utf8").catch((error: unknown) => {
    throw writeFailure("the keys cannot be added to", file, error);
  });
  const edits = keys.map(({ name, spec }) => ({ path: ["keys", name], value: shortDeclaredSpec(spec) }));
  const edited = editYaml(before, edits);
  if (!edited.ok) throw cannot(file, edited.path.join("."), edited.why);
  const variables = { env: context.env, vars: {} };
  const [there, read] = [loadText(before, variables), loadText(edited.text, variables)];
  const declared = new Map(read.ok ? read.value.keys.map((key) => [key.name, key.spec]) : []);
  for (const { name, spec } of keys) {
    const found = declared.get(name);
    const differs = found === undefined || attributeChanges(spec, found, account).length > 0;
    if (differs) throw cannot(file, name, "what it says would not be what is live (`defaults` of the file reach it)");
  }
  if (there.ok && read.ok && read.value.keys.length !== there.value.keys.length + keys.length) {
    throw cannot(file, keys[0]?.name ?? "", "a key of that name is declared there already");
  }
  try {
    await replaceText(path, edited.text);
  } catch (error) {
    throw writeFailure("the keys cannot be added to", file, error);
  }
  const names = keys.map(({ name }) => name).join(", ");
  context.stdout.write(
    sentence`Added ${names} to ${file}. To take over what is live, secrets untouched: algokeys plan --adopt\n`,
  );
  return EXIT.ok;
}

function cannot(file: string, what: string, why: string): CommandFailure {
  return new CommandFailure(EXIT.refused, `${printable(what)} cannot be added to ${file}: ${why}`, {
    fix: "Nothing was written. Import it to standard output (without --into), and put it where it belongs.",
  });
}
