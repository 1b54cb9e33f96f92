import type { Delivery } from "./delivery.ts";

/** What a place promises about a secret that is put there. */
export interface DeliveryGuarantees {
  /** The place holds what it held or the new secret, never half of it, whatever dies when. */
  readonly atomic: boolean;
  /** What the place holds is read again and compared before the secret counts as delivered. */
  readonly readBack: boolean;
  /** A run that was overtaken by another one notices, and leaves what the other wrote. */
  readonly guarded: boolean;
}

const GUARANTEES: Readonly<Record<Delivery["to"], DeliveryGuarantees>> = {
  dotenv: { atomic: true, readBack: true, guarded: true },
  json: { atomic: true, readBack: true, guarded: true },
  age: { atomic: true, readBack: false, guarded: true },
  command: { atomic: false, readBack: false, guarded: false },
  "github-env": { atomic: false, readBack: true, guarded: false },
  "github-output": { atomic: false, readBack: true, guarded: false },
};

/** The guarantees of one delivery: a command that states how to `read` is read back. */
export function guaranteesOf(delivery: Delivery): DeliveryGuarantees {
  const guarantees = GUARANTEES[delivery.to];
  return delivery.to === "command" && delivery.read !== undefined ? { ...guarantees, readBack: true } : guarantees;
}

/** What to know of a place that cannot be read back, as the end of a sentence; empty for all others. */
export function guaranteeNote(delivery: Delivery): string {
  if (guaranteesOf(delivery).readBack) return "";
  return delivery.to === "command" ? "which counts as done when it exits with 0" : "which cannot be read back";
}
