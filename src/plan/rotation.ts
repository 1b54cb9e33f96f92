import { durationMs } from "../core/duration.ts";
import type { Rotation } from "../core/key-spec.ts";

/** The two moments of a rotation, in milliseconds since 1970. */
export interface RotationMoments {
  /** From then on an apply renews the credential. */
  readonly dueFrom: number;
  /** When the credential is as old as `every` allows. */
  readonly end: number;
}

/**
 * When a credential that was made at `createdAt` (RFC 3339) is to be replaced. The renewal window before the end is a tenth
 * of `every`, and at least the overlap, so that an apply within it ends with no credential that works past `every`; but never
 * more than half of `every`, or an overlap as long as `every` would renew at each apply. All of it is plain time in UTC: leap
 * days and summer time move nothing. Undefined if the durations or the moment cannot be read.
 */
export function rotationMoments(rotation: Rotation, createdAt: string): RotationMoments | undefined {
  const [every, overlap, made] = [durationMs(rotation.every), durationMs(rotation.overlap), Date.parse(createdAt)];
  if (every === undefined || overlap === undefined || every === 0 || Number.isNaN(made)) return undefined;
  const window = Math.min(Math.max(every / 10, overlap), every / 2);
  return { dueFrom: made + every - window, end: made + every };
}
