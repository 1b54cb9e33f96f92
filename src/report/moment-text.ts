import { plural, shown } from "./shown.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/**
 * A moment as it is given, in UTC, and how far it is from `now` (milliseconds since 1970) if that is known:
 * `2026-11-20T10:00:00Z (3 days ago)`.
 */
export function momentText(instant: string, now?: number): string {
  const distance = now === undefined ? NaN : Date.parse(instant) - now;
  return Number.isNaN(distance) ? shown(instant) : `${shown(instant)} (${distanceText(distance)})`;
}

function distanceText(ms: number): string {
  const unit = UNITS.find(([, length]) => Math.abs(ms) >= length);
  if (unit === undefined) return ms < 0 ? "just now" : "in under a minute";
  const [name, length] = unit;
  const amount = plural(Math.floor(Math.abs(ms) / length), name);
  return ms < 0 ? `${amount} ago` : `in ${amount}`;
}
