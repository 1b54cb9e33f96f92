import type { SqlRow, SqlValue } from "./sql-driver.ts";

/** One connection to PostgreSQL, as the driver's parts need it; the library itself is imported in `postgres-driver.ts` alone. */
export interface PostgresConnection {
  /**
   * Runs one statement, whose parameters stand as `?`; it stays prepared unless it says otherwise. Throws what
   * `postgresFailure` makes of an error.
   */
  query(sql: string, values?: readonly SqlValue[], options?: { readonly prepare: boolean }): Promise<PostgresAnswer>;
  /** Runs any number of statements without parameters. */
  script(sql: string): Promise<void>;
}

/** What a statement gave. */
export interface PostgresAnswer {
  readonly rows: readonly SqlRow[];
  /** The first word of the command tag: a COMMIT that could only roll back is answered with `ROLLBACK`. */
  readonly command: string;
}

/** A connection of the pool's. */
export interface BorrowedConnection extends PostgresConnection {
  /** Gives it back, or ends it because nobody knows in which state it is. */
  release(state: "clean" | "broken"): void;
}

/** A connection that hears notifications. */
export interface ListeningConnection extends PostgresConnection {
  close(): Promise<void>;
}
