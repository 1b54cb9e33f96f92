/** Gives the statement with its parameters numbered, as PostgreSQL wants them; `?` within quotes stays. */
export function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|\?/g, (part) => (part === "?" ? `$${++count}` : part));
}

/** An INSERT of one row in three parts, so that the middle one can be repeated. */
export interface InsertParts {
  readonly head: string;
  /** The list of values with its parentheses. */
  readonly row: string;
  /** What follows, such as ON CONFLICT. */
  readonly tail: string;
}

/** Takes an `INSERT ... VALUES (...)` apart. Undefined for every other statement, which cannot take several rows. */
export function insertParts(sql: string): InsertParts | undefined {
  const head = /^\s*INSERT\s[^?']*?\sVALUES\s*(?=\()/i.exec(sql)?.[0];
  if (head === undefined) return undefined;
  let depth = 0;
  for (let at = head.length; at < sql.length; at++) {
    if (sql[at] === "(") depth++;
    else if (sql[at] === ")") depth--;
    if (depth > 0) continue;
    const tail = sql.slice(at + 1);
    return tail.includes("?") ? undefined : { head, row: sql.slice(head.length, at + 1), tail };
  }
  return undefined;
}

/** The INSERT of that many rows at once. */
export function insertOf({ head, row, tail }: InsertParts, rows: number): string {
  return `${head}${Array(rows).fill(row).join(", ")}${tail}`;
}
