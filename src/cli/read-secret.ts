import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Secret } from "../core/secret.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";

/** Where a secret may stand: in a file that an option names, else in a variable. */
export interface SecretSource {
  readonly file: string | undefined;
  /** The option that named the file, for messages. */
  readonly option: string;
  readonly variable: string;
}

/** Reads a secret without the white space around it; undefined if none is given. */
export function readSecret(source: SecretSource, context: Pick<Context, "cwd" | "env">): Secret | undefined {
  const { file, option, variable } = source;
  if (file === undefined || file === "") {
    const text = context.env[variable]?.trim() ?? "";
    return text === "" ? undefined : new Secret(text);
  }
  let text: string;
  try {
    text = readFileSync(resolve(context.cwd, file), "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CommandFailure(EXIT.usage, `${option}: ${file} cannot be read${reason}`, {
      fix: "Name a file that is there and that you may read.",
    });
  }
  if (text !== "") return new Secret(text);
  throw new CommandFailure(EXIT.usage, `${option}: ${file} is empty`, {
    fix: "Put the secret into it, and nothing else.",
  });
}
