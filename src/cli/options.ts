import type { CdktfOptions } from "./cdktf-app.ts";

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly platform?: string;
  readonly tokenFile?: string;
  readonly color: "auto" | "always" | "never" | false;
}

/** How a command's result is written. */
export type OutputFormat = "text" | "json" | "markdown";

/** Options of commands that can write more than text. */
export interface FormatOptions {
  readonly json?: boolean;
  readonly format?: OutputFormat;
}

/** Options of commands that read a declaration. */
export interface DeclarationOptions extends CdktfOptions {
  readonly file?: readonly string[];
  readonly var?: readonly string[];
  readonly varFile?: readonly string[];
}

/** Options of commands that make a plan: one for each guard, none opens two. */
export interface GuardOptions {
  readonly adopt?: boolean;
  readonly takeover?: string;
  readonly maxDeletes?: string;
  readonly allowLockout?: boolean;
  readonly reveal?: boolean;
}

/** Options of commands that write for a project. */
export interface LockOptions {
  readonly lockTimeout?: string;
}

/** The format that the options ask for. */
export function formatOf(options: FormatOptions): OutputFormat {
  return options.json === true ? "json" : (options.format ?? "text");
}
