/** What a column can hold. */
export type SqlValue = string | number | null;

/** One row: its values in the order of the statement's columns. Read them through `columns.ts`. */
export type SqlRow = readonly SqlValue[];

/** Reads within one snapshot. Parameters stand as `?` in the text and are given by position. */
export interface SqlReader {
  all(sql: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  get(sql: string, ...values: readonly SqlValue[]): Promise<SqlRow | undefined>;
}

/** Reads and writes within one transaction. */
export interface SqlWriter extends SqlReader {
  /** Like `get`, and no other transaction writes that row, or gets it so, until this one ends. */
  getLocked(sql: string, ...values: readonly SqlValue[]): Promise<SqlRow | undefined>;
  /**
   * Says that what was read before may now be wrong, such as a key that was accepted. The write is then answered only
   * once {@link SqlDriver.generation} has moved on wherever this database is used, or nothing is served there any more.
   */
  outdate(): Promise<void>;
  run(sql: string, ...values: readonly SqlValue[]): Promise<void>;
  /**
   * The moment by the store's own clock, in milliseconds since 1970: one for all processes that share it. `own` is this
   * process's moment, which is as good where the store is a file of this machine.
   */
  time(own: number): Promise<number>;
  /**
   * Runs one statement once for each list of parameters, in order: cheaper than as many calls of `run`. The rows of one
   * `INSERT ... ON CONFLICT` must not meet each other.
   */
  runAll(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
}

/**
 * The port between the service and a database. Only {@link KeyApiError} `unavailable` comes out of the database itself;
 * what `work` throws passes through, and the transaction is rolled back. The texts of statements are few and fixed, so
 * that a driver can keep them prepared.
 */
export interface SqlDriver {
  /** Runs `work` on one consistent snapshot. */
  read<T>(work: (sql: SqlReader) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in one write transaction. Those that lock one row first do not overlap. When the promise is fulfilled,
   * what was written is on disk. `work` must not start another transaction, nor wait for the outside world; it may be run
   * again from its start if the database asks for that.
   */
  write<T>(work: (sql: SqlWriter) => Promise<T>): Promise<T>;
  /**
   * The number of the state that memory may be kept of: what was read while it was `n` holds as long as it is `n`. A
   * promise if the database must be asked first, rejected with `unavailable` if it cannot be: then memory is worth nothing.
   */
  generation(): number | Promise<number>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}
