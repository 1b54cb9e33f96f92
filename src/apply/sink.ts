import type { Delivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";

/** A secret and the name under which it goes into a file. */
export interface NamedSecret {
  readonly name: string;
  readonly secret: Secret;
}

/**
 * Somewhere that secrets can be put. A sink never throws for what the world does: a failure is a sentence for the author,
 * without the secret, so that one sink's failure never stops another.
 */
export interface Sink {
  /** Writes all of them into a file at once; gives what failed, by name. Those that fail leave the others untouched. */
  deliver(file: string, secrets: readonly NamedSecret[]): Promise<ReadonlyMap<string, string>>;
  /** The fingerprint of what the file holds under that name; null if it holds nothing there, undefined if it cannot be read. */
  readBack(file: string, name: string): Promise<string | null | undefined>;
}

/** One sink for each kind of delivery. */
export type Sinks = Readonly<Record<Delivery["to"], Sink>>;
