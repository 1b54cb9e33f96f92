const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** The longest duration that may be declared: ten years. */
const MAX_MS = 3650 * UNIT_MS.d;

/** Milliseconds of a declared duration such as `90d`, `24h`, `30m`; undefined if it is none or over ten years. */
export function durationMs(text: string): number | undefined {
  const form = /^(0|[1-9]\d{0,8})([smhdw])$/.exec(text);
  if (form === null) return undefined;
  const ms = Number(form[1]) * UNIT_MS[form[2] as Unit];
  return ms <= MAX_MS ? ms : undefined;
}

/** The comparison form: the largest unit that states it exactly, so `48h` and `2d` are equal. */
export function formatDuration(ms: number): string {
  const units = Object.keys(UNIT_MS).reverse() as Unit[];
  const unit = ms === 0 ? "s" : units.find((candidate) => ms % UNIT_MS[candidate] === 0 && candidate !== "w");
  return `${String(ms / UNIT_MS[unit ?? "s"])}${unit ?? "s"}`;
}
