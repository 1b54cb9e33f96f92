import type { SqlReader, SqlRow, SqlValue } from "./sql-driver.ts";

/** One length for every list, so that there is one statement to prepare; the tail repeats the last value. */
const LIST_LENGTH = 200;
const LIST = Array(LIST_LENGTH).fill("?").join(", ");

/**
 * Selects the rows in which `column` is one of `values`: `sql` is a SELECT that ends with a condition, to which
 * `AND column IN (...)` is added. A few statements for any number of values; nothing is promised about the order.
 */
export async function selectIn(
  sql: SqlReader,
  select: { readonly text: string; readonly values: readonly SqlValue[]; readonly column: string },
  values: readonly (string | number)[],
): Promise<readonly SqlRow[]> {
  const unique = [...new Set(values)];
  const found: SqlRow[] = [];
  for (let start = 0; start < unique.length; start += LIST_LENGTH) {
    const part = unique.slice(start, start + LIST_LENGTH);
    const padded = Array.from({ length: LIST_LENGTH }, (_, index) => part[index] ?? part[0] ?? null);
    const rows = await sql.all(`${select.text} AND ${select.column} IN (${LIST})`, ...select.values, ...padded);
    for (const row of rows) found.push(row);
  }
  return found;
}
