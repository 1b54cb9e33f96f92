import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Manifest } from "../core/manifest.ts";
import { loadManifest } from "../manifest/load.ts";
import { readVarFile } from "../manifest/variables.ts";
import type { Diagnostic, Result } from "../core/diagnostic.ts";
import { diagnosticsText } from "../report/diagnostics-text.ts";
import { stackFiles } from "./cdktf-app.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure, QuietFailure } from "./failure.ts";
import type { DeclarationOptions, FormatOptions, GlobalOptions } from "./options.ts";
import { styleFor } from "./output.ts";

/** What a command that reads a declaration was called with. */
export interface DeclarationInput extends DeclarationOptions, GlobalOptions {
  readonly path?: readonly string[];
}

/** Reads the declaration that the arguments name, with everything there is to say about it. */
export async function loadDeclaration(input: DeclarationInput, context: Context): Promise<Result<Manifest>> {
  const variables = await readVariables(input, context);
  if (!variables.ok) return variables;
  const stacks = await stackFiles(input, context);
  const named = [...(input.path ?? []), ...(input.file ?? [])];
  if (stacks !== undefined && named.length > 0) {
    throw new CommandFailure(EXIT.usage, "a CDKTF app and other declarations are named in one run", {
      fix: "Leave one of them out; an app reads YAML files with KeysFromManifest.",
    });
  }
  const loaded = await loadManifest(stacks ?? named, {
    cwd: context.cwd,
    env: context.env,
    vars: variables.value,
    now: context.now(),
    runModule: context.runForeign,
    stdin: () => readAll(context),
  });
  context.signal.throwIfAborted(); // an interrupted read is no fault of the declaration
  return loaded;
}

/** Reads the declaration or ends the command; what there is to say is on standard error. */
export async function readDeclaration(input: DeclarationInput & FormatOptions, context: Context): Promise<Manifest> {
  return (await readDeclared(input, context)).manifest;
}

/** Like {@link readDeclaration}, with the warnings, for those who tell them once more. */
export async function readDeclared(
  input: DeclarationInput & FormatOptions,
  context: Context,
): Promise<{ readonly manifest: Manifest; readonly warnings: readonly Diagnostic[] }> {
  const { diagnostics, ...result } = await loadDeclaration(input, context);
  if (diagnostics.length > 0) {
    context.stderr.write(diagnosticsText(diagnostics, styleFor(context.stderr, input, context)));
  }
  if (!result.ok) throw new QuietFailure(EXIT.usage, "the declaration is not valid", diagnostics);
  return { manifest: result.value, warnings: diagnostics };
}

/** The values for `${var.name}` that the arguments give. */
export async function readVariables(
  input: DeclarationInput,
  context: Context,
): Promise<Result<Record<string, string>>> {
  const variables: Record<string, string> = {};
  const diagnostics: Diagnostic[] = [];
  for (const file of input.varFile ?? []) {
    const result = readVarFile(await readText(resolve(context.cwd, file), file), file);
    diagnostics.push(...result.diagnostics);
    if (result.ok) Object.assign(variables, result.value);
  }
  for (const assignment of input.var ?? []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([^]*)$/.exec(assignment) ?? [];
    if (name === undefined || value === undefined) {
      throw new CommandFailure(EXIT.usage, `--var ${assignment} is not name=value`, {
        fix: "Write --var region=eu; names are letters, digits and _.",
      });
    }
    variables[name] = value;
  }
  return diagnostics.some(({ severity }) => severity === "error")
    ? { ok: false, diagnostics }
    : { ok: true, value: variables, diagnostics };
}

/** The text of a file that the arguments name; `shown` is its name as given. */
export async function readText(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EISDIR") {
      const fix = `Name a file. If the declaration is in that folder, write: -f ${shown}`;
      throw new CommandFailure(EXIT.usage, `${shown} is a folder`, { fix });
    }
    const summary = code === "ENOENT" ? `there is no file ${shown}` : `${shown} cannot be read`;
    throw new CommandFailure(EXIT.usage, summary, { fix: "Check the path; it is taken from the folder you are in." });
  }
}

/** Reads standard input to its end. An interrupt ends the wait for it: whoever holds the other end may never let go. */
async function readAll({ stdin, signal }: Context): Promise<Uint8Array> {
  const interrupted = new Promise<never>((_, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  const read = async (): Promise<Uint8Array> => {
    const parts: Buffer[] = [];
    for await (const part of stdin) parts.push(typeof part === "string" ? Buffer.from(part) : (part as Buffer));
    return Buffer.concat(parts);
  };
  return await Promise.race([read(), interrupted]);
}
