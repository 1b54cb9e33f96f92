const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads an RFC 3339 instant, or a plain date as its first moment in UTC, into UTC with whole seconds
 * (`2027-01-31T00:00:00Z`), so that one instant has one form. Undefined if the text names no real moment.
 */
export function parseInstant(text: string): string | undefined {
  const full = DATE.test(text) ? `${text}T00:00:00Z` : text;
  if (!RFC3339.test(full)) return undefined;
  const ms = Date.parse(full.toUpperCase());
  if (Number.isNaN(ms) || full.slice(11, 13) === "24") return undefined;
  // Date.parse turns 31 April into 1 May: the day that was written must be the day that is meant.
  const day = new Date(`${full.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== full.slice(0, 10)) return undefined;
  const instant = new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
  return RFC3339.test(instant) ? instant : undefined; // an offset can lead out of the years that have four digits
}
