import { KeyApiError } from "../../api/errors.ts";

/** What each family of PostgreSQL's error codes means to the person who runs the platform, and whether waiting can help. */
const FAILURES: readonly {
  /** A code, or the class that begins so. */
  readonly code: string;
  readonly says: string;
  readonly fix: string;
  readonly retryable: boolean;
}[] = [
  { code: "08", says: "is out of reach", fix: "Check that it runs, then try again.", retryable: true },
  {
    code: "25006",
    says: "can only be read: it is a copy",
    fix: "State the address of the primary.",
    retryable: true,
  },
  { code: "25P03", says: "gave up a transaction that stood still", fix: "Try again.", retryable: true },
  {
    code: "28",
    says: "refuses this user or password",
    fix: "Check both in the store's address, and the server's pg_hba.conf.",
    retryable: false,
  },
  { code: "3D000", says: "does not exist", fix: "Create it (createdb), then start again.", retryable: false },
  { code: "40", says: "is too busy", fix: "Try again; nothing was written.", retryable: true },
  {
    code: "42501",
    says: "does not let this user do that",
    fix: "Make this user the owner of the database.",
    retryable: false,
  },
  {
    code: "53100",
    says: "cannot grow: its disk is full",
    fix: "Free some space, then try again; nothing was written.",
    retryable: true,
  },
  {
    code: "53300",
    says: "has no connection left",
    fix: "Raise max_connections or run fewer processes on it.",
    retryable: true,
  },
  { code: "53", says: "has run out of memory or the like", fix: "Look at its log, then try again.", retryable: true },
  {
    code: "57014",
    says: "took more than 5 seconds for one statement",
    fix: "Try again; if that goes on, look for what locks or loads it.",
    retryable: true,
  },
  { code: "57P", says: "is stopping or starting", fix: "Try again.", retryable: true },
  {
    code: "58",
    says: "could not be read or written by the system",
    fix: "Check the server's disk, then try again.",
    retryable: true,
  },
  {
    code: "XX001",
    says: "is damaged",
    fix: "Stop writing to it and bring back a backup, together with its pepper.",
    retryable: false,
  },
  {
    code: "XX002",
    says: "has a damaged index",
    fix: "Stop the platform and run REINDEX DATABASE.",
    retryable: false,
  },
];

/** The codes that ask for the work to be run again: serialization, deadlock, and two who took one name at once. */
const RERUN: readonly unknown[] = ["40001", "40P01", "23505"];

/**
 * Turns what pg throws into a {@link KeyApiError} `unavailable` that says which database, what is wrong and what to do.
 * What asks for another run, and what is our bug, is given back as it is. `place` bears no password.
 */
export function postgresFailure(error: unknown, place: string): unknown {
  if (error instanceof KeyApiError || asksForRerun(error)) return error;
  const code = codeOf(error);
  if (code === undefined || !isSqlState(code)) return outOfReach(error, code, place);
  return sqlFailure(error, code, place) ?? error;
}

/** True if the database asks for the whole transaction to be run again. */
export function asksForRerun(error: unknown): boolean {
  return RERUN.includes(codeOf(error));
}

/** What becomes of an error that asked for another run once too often. That of a taken name is our bug by then. */
export function rerunFailure(error: unknown, place: string): unknown {
  return sqlFailure(error, codeOf(error) ?? "", place) ?? error;
}

/** Nobody knows whether a transaction was committed, because the connection broke over the question. */
export function unknownOutcome(cause: unknown, place: string): KeyApiError {
  const message =
    `The connection to the platform's database ${place} broke during a commit, so it is not known whether that was made. ` +
    "Repeat the same change set under its id: it is made at most once.";
  return new KeyApiError("unavailable", message, { cause });
}

function sqlFailure(error: unknown, code: string, place: string): KeyApiError | undefined {
  const failure = FAILURES.find((candidate) => code.startsWith(candidate.code));
  if (failure === undefined) return undefined;
  const { says, fix, retryable } = failure;
  const message = `The platform's database ${place} ${says}. ${fix}`;
  return new KeyApiError("unavailable", message, { retryable, cause: error });
}

/** No answer of the database's own: the network, its encryption, or the library's wait for them. */
function outOfReach(error: unknown, code: string | undefined, place: string): KeyApiError {
  const why = code ?? (error instanceof Error ? error.message : "no answer");
  const untrusted = /CERT|SIGNED|VERIFY|ERR_TLS|SSL/.test(why);
  const fix = untrusted ? "Check sslmode and sslrootcert in its address." : "Check that it runs, then try again.";
  const message = `The platform's database ${place} is out of reach (${why}). ${fix}`;
  return new KeyApiError("unavailable", message, { retryable: !untrusted, cause: error });
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
