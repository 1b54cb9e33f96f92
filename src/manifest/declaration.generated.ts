// Made by .config/generate.mjs from schemas/manifest.schema.json; do not edit.

/** Declares the API keys of an account: one key per application, each with what it may call, from where, and what it may do with data. */
export interface Declaration {
  /** The address of this schema, for editors that read JSON declarations. Nothing else reads it. */
  readonly $schema?: string | undefined;
  /** The version of the declaration's format. Every file states it; there is one version so far. */
  readonly version: 1;
  /** The user or organization that owns the keys. Where several files make one declaration, one of them states it at least, and all that do agree. */
  readonly account?: string | undefined;
  /** Who manages the keys: the ownership marker that the platform keeps with each of them. A plan never touches another project's keys. */
  readonly project?: string | undefined;
  /** Fields for every key of this file that does not state them itself. Of origins, labels and rotation each inner field counts by itself: labels join, and a key with web: false drops the referrers given here. */
  readonly defaults?: DefaultsDeclaration | undefined;
  /** The keys by name. Order and position never matter. An empty map declares that the project has no keys. */
  readonly keys: Readonly<Record<string, KeyDeclaration>>;
}

/** One API key. Changing what it may do never changes its secret. */
export interface KeyDeclaration {
  /** What the key is for, in at most 500 characters. */
  readonly description?: string | undefined;
  /** Which algorithms the key may call. Must be stated, here or in defaults; [] allows none. */
  readonly algorithms?: readonly string[] | undefined;
  /** Who may call with the key: programs (native), browsers (web), or both; not neither. */
  readonly origins?: OriginsDeclaration | undefined;
  /** What the key may do over the Data API: none, read or readwrite. Default: none. */
  readonly data?: "none" | "read" | "readwrite" | undefined;
  /** Whether the key may manage the account's algorithms. Default: false. */
  readonly management?: boolean | undefined;
  /** Whether the key works. A key that is not enabled keeps its secret and is refused everywhere. Default: true. */
  readonly enabled?: boolean | undefined;
  /** When the key stops working: a date (its first moment in UTC) or a moment with its offset. Null or absent: never. */
  readonly expires?: string | null | undefined;
  /** While true, the platform refuses to delete the key, even when its block is gone from the file. Default: false. */
  readonly protect?: boolean | undefined;
  /** Names and values of your own, at most 32; they mean nothing to the platform. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** When the key's secret is to be replaced. Null or absent: only when asked for. */
  readonly rotation?: RotationDeclaration | null | undefined;
  /** The name that the key had before. A rename keeps the key and its secret; without this field it would be another key. */
  readonly renamed_from?: string | undefined;
  /** Where a secret goes when one is issued. Read by the command line only, never sent to the platform. */
  readonly deliver?: readonly DeliveryDeclaration[] | undefined;
  /** Calls that the key must allow or refuse. Read by the command line only, never sent to the platform. */
  readonly tests?: readonly TestDeclaration[] | undefined;
}

/** Fields for every key of this file that does not state them itself. Of origins, labels and rotation each inner field counts by itself: labels join, and a key with web: false drops the referrers given here. */
export interface DefaultsDeclaration {
  /** What the key is for, in at most 500 characters. */
  readonly description?: string | undefined;
  /** Which algorithms the key may call. Must be stated, here or in defaults; [] allows none. */
  readonly algorithms?: readonly string[] | undefined;
  /** Who may call with the key: programs (native), browsers (web), or both; not neither. */
  readonly origins?: OriginsDeclaration | undefined;
  /** What the key may do over the Data API: none, read or readwrite. Default: none. */
  readonly data?: "none" | "read" | "readwrite" | undefined;
  /** Whether the key may manage the account's algorithms. Default: false. */
  readonly management?: boolean | undefined;
  /** Whether the key works. A key that is not enabled keeps its secret and is refused everywhere. Default: true. */
  readonly enabled?: boolean | undefined;
  /** When the key stops working: a date (its first moment in UTC) or a moment with its offset. Null or absent: never. */
  readonly expires?: string | null | undefined;
  /** While true, the platform refuses to delete the key, even when its block is gone from the file. Default: false. */
  readonly protect?: boolean | undefined;
  /** Names and values of your own, at most 32; they mean nothing to the platform. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** When the key's secret is to be replaced. Null or absent: only when asked for. */
  readonly rotation?: RotationDeclaration | null | undefined;
}

/** Who may call with the key: programs (native), browsers (web), or both; not neither. */
export interface OriginsDeclaration {
  /** Whether programs, scripts and servers may call. Default: true. */
  readonly native?: boolean | undefined;
  /** Whether pages in browsers may call. Default: false. */
  readonly web?: boolean | undefined;
  /** The hosts whose pages may call. Absent: any site. Only with web: true; an empty list is an error. */
  readonly referrers?: readonly string[] | undefined;
}

/** When the key's secret is to be replaced. Null or absent: only when asked for. */
export interface RotationDeclaration {
  /** How long a secret lives: a number and s, m, h, d or w. Must be stated, here or in defaults. */
  readonly every?: string | undefined;
  /** How long the secret before goes on working after the next one has arrived. Default: 24h. */
  readonly overlap?: string | undefined;
}

/** One place for a secret: a variable in a dotenv file, a value in a JSON file, an encrypted file, a program, or later steps of a GitHub Actions job. */
export interface DeliveryDeclaration {
  /** dotenv for NAME=value lines, json for a JSON file, age for a file encrypted to recipients, command for a program that reads the secret from standard input, github-env and github-output for later steps of a GitHub Actions job. */
  readonly to: "dotenv" | "json" | "age" | "command" | "github-env" | "github-output";
  /** The file, relative to the declaration's folder. It never leaves the folder from which the command runs. */
  readonly file?: string | undefined;
  /** In a dotenv file and with github-env the variable, in capitals; with github-output the output; in a JSON file the property, or a JSON Pointer if it begins with /. */
  readonly name?: string | undefined;
  /** With age: the public keys of those who can read the file. */
  readonly recipients?: readonly string[] | undefined;
  /** With command: the program and its arguments. It gets the secret on standard input, runs without a shell, and must exit with 0 within 30 seconds. */
  readonly command?: readonly string[] | undefined;
  /** With command: names of variables that the program may see beside PATH and HOME. */
  readonly env?: readonly string[] | undefined;
  /** With command: a program that prints the secret which the place holds, to compare it with the one that was sent. */
  readonly read?: readonly string[] | undefined;
}

/** One call and what must become of it. It names either an algorithm (call) or an access to data (data). */
export interface TestDeclaration {
  /** The algorithm that is called. */
  readonly call?: string | undefined;
  /** The access to data that is tried: read or readwrite. */
  readonly data?: "read" | "readwrite" | undefined;
  /** The web origin of the page that calls; absent for a program. */
  readonly origin?: string | undefined;
  /** What must become of the call: allow or deny. */
  readonly expect: "allow" | "deny";
}
