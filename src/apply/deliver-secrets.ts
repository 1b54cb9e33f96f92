import { guaranteesOf } from "../core/delivery-guarantees.ts";
import { formatDelivery, placeOf, type Delivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";
import type { PlanAction } from "../plan/plan.ts";
import type { ApplyEvent, SecretReport } from "./events.ts";
import type { IssuedSecret } from "./issued-secret.ts";
import type { PlacedSecret, Sinks } from "./sink.ts";

/** Shows a secret on the terminal that asked for it; `action` tells what it was issued for. Rejects if it could not. */
export type Reveal = (key: string, secret: Secret, action: PlanAction) => Promise<void>;

/** Where secrets go. */
export interface DeliveryPorts {
  readonly sinks: Sinks;
  /** Absent if this run may show no secrets. */
  readonly reveal?: Reveal | undefined;
}

/** What stood at guarded places before anything was issued; see `Sink.look`. */
export type SeenPlaces = ReadonlyMap<Delivery, string | null>;

/** Looks at every guarded place, before the commit: a run that is overtaken after it then leaves what another wrote. */
export async function lookAtPlaces(secrets: readonly IssuedSecret[], sinks: Sinks): Promise<SeenPlaces> {
  const seen = new Map<Delivery, string | null>();
  for (const delivery of secrets.flatMap(({ deliver }) => deliver)) {
    const mark = await sinks[delivery.to].look?.(delivery);
    if (mark !== undefined) seen.set(delivery, mark);
  }
  return seen;
}

/** What became of one secret at one place. */
interface Arrival {
  readonly issued: IssuedSecret;
  readonly delivery: Delivery | null;
  readonly error: string | null;
}

/**
 * Puts every secret where it goes, one file after the other, and reads each back. A failure stops nothing: it stands in
 * the report, which has one entry for each secret and place.
 */
export async function deliverSecrets(
  secrets: readonly IssuedSecret[],
  ports: DeliveryPorts,
  tell: (event: ApplyEvent) => void,
  seen: SeenPlaces = new Map(),
): Promise<readonly SecretReport[]> {
  const reports: SecretReport[] = [];
  const report = (arrival: Arrival): void => {
    tell(eventOf(arrival));
    reports.push(reportOf(arrival));
  };
  for (const wanted of byPlace(secrets).values())
    for (const arrival of await deliverTo(wanted, ports.sinks, seen)) report(arrival);
  for (const issued of secrets) {
    if (issued.deliver.length > 0) continue;
    const error = await reveal(issued, ports.reveal);
    report({ issued, delivery: null, error });
  }
  return reports;
}

/** A secret and one of the places where it goes. */
interface Wanted {
  readonly issued: IssuedSecret;
  readonly delivery: Delivery;
}

function byPlace(secrets: readonly IssuedSecret[]): ReadonlyMap<string, readonly Wanted[]> {
  const places = new Map<string, Wanted[]>();
  for (const issued of secrets) {
    for (const delivery of issued.deliver) {
      const place = placeOf(delivery);
      places.set(place, [...(places.get(place) ?? []), { issued, delivery }]);
    }
  }
  return places;
}

async function deliverTo(wanted: readonly Wanted[], sinks: Sinks, seen: SeenPlaces): Promise<readonly Arrival[]> {
  const [first] = wanted;
  if (first === undefined) return [];
  const sink = sinks[first.delivery.to];
  const secrets: PlacedSecret[] = wanted.map(({ issued: { secret }, delivery }) => ({
    delivery,
    secret,
    seen: seen.get(delivery),
  }));
  try {
    const failures = await sink.deliver(secrets);
    const arrivals: Arrival[] = [];
    for (const { issued, delivery } of wanted) {
      const failure = failures.get(delivery);
      const arrived =
        failure === undefined &&
        (!guaranteesOf(delivery).readBack || (await sink.readBack(delivery)) === issued.fingerprint);
      const error =
        failure ?? (arrived ? null : `${formatDelivery(delivery)} does not hold the secret after it was written`);
      arrivals.push({ issued, delivery, error });
    }
    return arrivals;
  } catch {
    // A sink's own bug must not lose the secrets of the other places. Its text is not passed on: it may hold anything.
    return wanted.map(({ issued, delivery }) => {
      return { issued, delivery, error: `writing to ${formatDelivery(delivery)} failed inside algokeys` };
    });
  }
}

async function reveal(issued: IssuedSecret, show: Reveal | undefined): Promise<string | null> {
  if (show === undefined) return "this run may show no secrets";
  try {
    await show(issued.key, issued.secret, issued.action);
    return null;
  } catch {
    return "the terminal did not take the secret"; // its error is not passed on: it may hold what was to be shown
  }
}

function eventOf({ issued: { key, fingerprint }, delivery, error }: Arrival): ApplyEvent {
  if (error !== null) return { type: "delivery-failed", key, delivery, error };
  return delivery === null
    ? { type: "secret-revealed", key, fingerprint }
    : { type: "secret-delivered", key, delivery, fingerprint };
}

function reportOf({ issued: { key, fingerprint }, delivery, error }: Arrival): SecretReport {
  return { key, delivery, fingerprint, status: error === null ? "delivered" : "failed", error };
}
