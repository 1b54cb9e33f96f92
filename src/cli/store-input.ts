import { resolve } from "node:path";
import type { Secret } from "../core/secret.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { readSecret } from "./read-secret.ts";

/** Options of commands that open a server's own store. */
export interface StoreInput {
  readonly store: string;
  readonly pepperFile?: string;
}

/** A store's address, and where its pepper is. */
export interface StoreAddress {
  readonly store: string;
  readonly pepperFile: string;
  /** The pepper itself, if a variable holds it. */
  readonly pepperText: Secret | undefined;
}

/**
 * Where the store and its pepper are. A file's pepper lies beside it; for PostgreSQL somebody must say where, because the
 * pepper must not lie in the database.
 */
export function storeInput(input: StoreInput, context: Pick<Context, "cwd" | "env">): StoreAddress {
  const file = input.store.startsWith("file:") ? resolve(context.cwd, input.store.slice("file:".length)) : undefined;
  const store = file === undefined ? input.store : `file:${file}`;
  const stated = input.pepperFile === undefined ? undefined : resolve(context.cwd, input.pepperFile);
  const pepperText = readSecret({ file: undefined, option: "", variable: "ALGOKEYS_PEPPER" }, context);
  const pepperFile = stated ?? (file === undefined ? undefined : `${file}.pepper`);
  if (pepperFile !== undefined) return { store, pepperFile, pepperText: stated === undefined ? pepperText : undefined };
  if (pepperText !== undefined) return { store, pepperFile: "", pepperText };
  throw new CommandFailure(EXIT.usage, "nothing says where the store's pepper is", {
    detail:
      "The pepper is the secret without which no stored credential can be checked. It is kept outside the database.",
    fix: "Name its file with --pepper-file (a fresh store makes it), or set ALGOKEYS_PEPPER to 64 hexadecimal digits.",
  });
}
