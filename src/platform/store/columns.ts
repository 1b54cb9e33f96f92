import type { SqlValue } from "./sql-driver.ts";

/** The value of a column that always holds text. Throws plainly otherwise: statement and schema disagree, our bug. */
export function text(value: SqlValue | undefined): string {
  if (typeof value !== "string") throw new Error("a column that holds text holds something else");
  return value;
}

/** The value of a column that holds text or NULL. */
export function textOrNull(value: SqlValue | undefined): string | null {
  return value === null ? null : text(value);
}

/** The value of a column that always holds a number. */
export function integer(value: SqlValue | undefined): number {
  if (typeof value !== "number") throw new Error("a column that holds a number holds something else");
  return value;
}
