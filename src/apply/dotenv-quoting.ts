/** How a value stands in a dotenv file: bare, or between quotes. */
export type Quote = "" | "'" | '"' | "`";

/** Stands bare in every dialect. */
const BARE = /^[A-Za-z0-9_./:@%+,=-]+$/;

/**
 * A value as bash, dash and Node's `--env-file` read it alike, in the quotes that are there already if it may stand in
 * them; undefined if they would disagree, as they do once a single quote meets a character that double quotes do not keep.
 * Text between single quotes is itself for all of them; a carriage return Node drops.
 */
export function quoted(value: string, present: Quote): string | undefined {
  if (/[\r\0]/.test(value) || !value.isWellFormed()) return undefined;
  const quote = [present, "" as const, "'" as const, '"' as const].find((one) => mayStand(value, one));
  return quote === undefined ? undefined : quote + value + quote;
}

function mayStand(value: string, quote: Quote): boolean {
  switch (quote) {
    case "":
      return BARE.test(value);
    case "'":
      return !value.includes("'");
    case '"':
      return !/["$`\\]/.test(value);
    case "`":
      return false; // a shell would run it
  }
}

/** The value that stands there, if all readers agree on it. */
export function unquoted(text: string, quote: Quote): string | undefined {
  if (quote === "") return text === "" || BARE.test(text) ? text : undefined;
  const value = text.slice(1, -1);
  return quote === "`" || mayStand(value, quote) ? value : undefined;
}
