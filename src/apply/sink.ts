import type { Delivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";

/** A secret and the place where it goes. */
export interface PlacedSecret<Place extends Delivery = Delivery> {
  readonly delivery: Place;
  readonly secret: Secret;
  /** What {@link Sink.look} saw there before the secret was issued; a guarded sink writes only if it still sees that. */
  readonly seen?: string | null | undefined;
}

/**
 * Somewhere that secrets can be put. A sink never throws for what the world does: a failure is a sentence for the author,
 * without the secret, so that one sink's failure never stops another. What each kind guarantees is data:
 * `guaranteesOf` in `core/delivery-guarantees.ts`.
 */
export interface Sink<Place extends Delivery = Delivery> {
  /**
   * Puts all of them into one place (`placeOf`) at once; gives what failed, by delivery. Those that fail leave the others
   * untouched.
   */
  deliver(secrets: readonly PlacedSecret<Place>[]): Promise<ReadonlyMap<Place, string>>;
  /** The fingerprint of the secret that stands there; null if it holds none, undefined if it cannot be read. */
  readBack(delivery: Place): Promise<string | null | undefined>;
  /**
   * Why nothing can be put there now, as the end of a sentence; null if it may work. Asked before a secret is drawn, of
   * sinks that cannot tell afterwards what they hold.
   */
  unready?(delivery: Place): Promise<string | null>;
  /** A mark of what stands there, which changes with it; null for nothing. Only guarded sinks can tell. */
  look?(delivery: Place): Promise<string | null>;
}

/** One sink for each kind of delivery. */
export type Sinks = Readonly<Record<Delivery["to"], Sink>>;
