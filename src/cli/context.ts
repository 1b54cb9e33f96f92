import type { RandomBytes } from "../core/token.ts";

/** A stream that is written to; `columns` and `isTTY` are a terminal's. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** A stream that is read from. */
export interface InputStream extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
}

/** What the process was started with; handed down from `main`, so that nothing reaches for globals. */
export interface World {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder from which the command runs; declared delivery paths never leave it. */
  readonly cwd: string;
  /** Name of the person or machine account, for the audit record. */
  readonly user: string;
  /** Name of the machine, and number of the process on it: what others are told who wait for this run. */
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  /** Runs a declaration that is a program: an interrupt ends the process, and what it prints is no result of ours. */
  readonly runForeign: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Everything a command touches of the world it runs in. */
export interface Context extends World {
  readonly random: RandomBytes;
  /** The file that holds the admin key for a server, if one was stated. */
  readonly tokenFile: string | undefined;
}

/** True if `CI` is set to anything that does not say no. */
export function inCi(context: Pick<World, "env">): boolean {
  const value = context.env["CI"]?.toLowerCase() ?? "";
  return value !== "" && value !== "false" && value !== "0";
}
