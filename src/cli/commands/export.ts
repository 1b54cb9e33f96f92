import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { writeHcl } from "../../manifest/write-hcl.ts";
import { writeTypeScript } from "../../manifest/write-typescript.ts";
import { writeDeclaration, type Declarable } from "../../manifest/write-yaml.ts";
import { declaredOwner, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { writeFailure } from "../file-failure.ts";
import { SCHEMA_URL } from "../package-file.ts";
import { sentence } from "../../report/shown.ts";

interface ExportInput extends AccountInput {
  readonly project?: string;
  readonly unmanaged?: boolean;
  readonly format: DeclarationFormat;
  readonly out?: string;
}

/** What writes each format. */
const WRITERS = {
  yaml: (keys: Declarable): string => writeDeclaration(keys, { schemaUrl: SCHEMA_URL }),
  hcl: writeHcl,
  typescript: writeTypeScript,
} as const;

/** A language that keys can be written in. */
export type DeclarationFormat = keyof typeof WRITERS;

/** Keys as a declaration in that language. */
export function declarationText(format: DeclarationFormat, keys: Declarable): string {
  return WRITERS[format](keys);
}

/** `algokeys export`: live keys as a declaration. A plan of what it writes is empty (with `--adopt` for unmanaged keys). */
export async function exportKeys(input: ExportInput, context: Context): Promise<ExitCode> {
  const project = input.project ?? (await declaredProject(input, context));
  const live = await readAccount(input, context);
  const keys = live.keys.filter((key) =>
    key.managedBy === null ? input.unmanaged === true : key.managedBy.project === project,
  );
  if (keys.length === 0) {
    const fix = "Check --project, or add --unmanaged for keys that no project manages.";
    throw new CommandFailure(EXIT.error, `account ${live.account.name} has no live key of project ${project}`, { fix });
  }
  const text = declarationText(input.format, { account: live.account.name, project, keys });
  if (input.out === undefined) context.stdout.write(text);
  else await writeNewFile(input.out, text, context);
  return EXIT.ok;
}

async function declaredProject(input: ExportInput, context: Context): Promise<string> {
  if (input.account === undefined) return (await declaredOwner(input, context)).project;
  throw new CommandFailure(EXIT.usage, "say which project to export", { fix: "Add --project NAME beside --account." });
}

/** Writes a declaration to a file that must not be there yet. */
export async function writeNewFile(file: string, text: string, context: Context): Promise<void> {
  try {
    await writeFile(resolve(context.cwd, file), text, { flag: "wx" });
  } catch (error) {
    throw writeFailure("the declaration cannot be written to", file, error);
  }
  context.stdout.write(sentence`Wrote ${file}.\n`);
}
