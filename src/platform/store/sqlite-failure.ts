import { KeyApiError } from "../../api/errors.ts";

/** What each family of SQLite's result codes means to the person who runs the platform, and whether waiting can help. */
const FAILURES: readonly {
  readonly code: string;
  readonly says: string;
  readonly fix: string;
  readonly retryable: boolean;
}[] = [
  {
    code: "SQLITE_BUSY",
    says: "is locked by another process",
    fix: "Wait until that one is done, then try again.",
    retryable: true,
  },
  { code: "SQLITE_LOCKED", says: "is locked by another process", fix: "Try again.", retryable: true },
  {
    code: "SQLITE_FULL",
    says: "cannot grow: the disk is full",
    fix: "Free some space, then try again; nothing was written.",
    retryable: true,
  },
  {
    code: "SQLITE_READONLY",
    says: "cannot be written",
    fix: "Make the file and its folder writable for this user.",
    retryable: false,
  },
  {
    code: "SQLITE_PERM",
    says: "may not be opened by this user",
    fix: "Give this user read and write access to the file and its folder.",
    retryable: false,
  },
  {
    code: "SQLITE_CANTOPEN",
    says: "cannot be opened",
    fix: "Check the path, and that this user may read and write the file and its folder.",
    retryable: false,
  },
  {
    code: "SQLITE_NOTADB",
    says: "is not a database",
    fix: "State another file, or move this one away.",
    retryable: false,
  },
  {
    code: "SQLITE_CORRUPT",
    says: "is damaged",
    fix: "Stop writing to it and bring back a backup, together with its pepper file.",
    retryable: false,
  },
  {
    code: "SQLITE_IOERR",
    says: "could not be read or written by the system",
    fix: "Check the disk, then try again.",
    retryable: true,
  },
];

/**
 * Turns what SQLite throws into a {@link KeyApiError} `unavailable` that says which file, what is wrong and what to do.
 * Anything else is given back as it is: our own errors, and constraint failures, which are our bugs.
 */
export function sqliteFailure(error: unknown, file: string): unknown {
  const code = codeOf(error);
  const failure = FAILURES.find((candidate) => code === candidate.code || code?.startsWith(`${candidate.code}_`));
  if (failure === undefined) return error;
  const { says, fix, retryable } = failure;
  return new KeyApiError("unavailable", `The platform's database ${file} ${says}. ${fix}`, { retryable, cause: error });
}

/** True if another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return codeOf(error)?.startsWith("SQLITE_BUSY") ?? false;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
