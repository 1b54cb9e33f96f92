import { formatDelivery, type Delivery } from "../core/delivery.ts";
import type { Secret } from "../core/secret.ts";
import type { PlanAction } from "../plan/plan.ts";
import type { ApplyEvent, SecretReport } from "./events.ts";
import type { IssuedSecret } from "./issued-secret.ts";
import type { NamedSecret, Sinks } from "./sink.ts";

/** Shows a secret on the terminal that asked for it; `action` tells what it was issued for. Rejects if it could not. */
export type Reveal = (key: string, secret: Secret, action: PlanAction) => Promise<void>;

/** Where secrets go. */
export interface DeliveryPorts {
  readonly sinks: Sinks;
  /** Absent if this run may show no secrets. */
  readonly reveal?: Reveal | undefined;
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
): Promise<readonly SecretReport[]> {
  const reports: SecretReport[] = [];
  const report = (arrival: Arrival): void => {
    tell(eventOf(arrival));
    reports.push(reportOf(arrival));
  };
  for (const [file, wanted] of byFile(secrets))
    for (const arrival of await deliverFile(file, wanted, ports.sinks)) report(arrival);
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

function byFile(secrets: readonly IssuedSecret[]): ReadonlyMap<string, readonly Wanted[]> {
  const files = new Map<string, Wanted[]>();
  for (const issued of secrets) {
    for (const delivery of issued.deliver) {
      const file = `${delivery.to} ${delivery.file}`;
      files.set(file, [...(files.get(file) ?? []), { issued, delivery }]);
    }
  }
  return files;
}

async function deliverFile(shown: string, wanted: readonly Wanted[], sinks: Sinks): Promise<readonly Arrival[]> {
  const [first] = wanted;
  if (first === undefined) return [];
  const { to, file } = first.delivery;
  const secrets: NamedSecret[] = wanted.map(({ issued, delivery }) => ({ name: delivery.name, secret: issued.secret }));
  try {
    const failures = await sinks[to].deliver(file, secrets);
    const arrivals: Arrival[] = [];
    for (const { issued, delivery } of wanted) {
      const failure = failures.get(delivery.name);
      const arrived = failure === undefined && (await sinks[to].readBack(file, delivery.name)) === issued.fingerprint;
      const error =
        failure ?? (arrived ? null : `${formatDelivery(delivery)} does not hold the secret after it was written`);
      arrivals.push({ issued, delivery, error });
    }
    return arrivals;
  } catch {
    // A sink's own bug must not lose the secrets of the other files. Its text is not passed on: it may hold anything.
    const error = `writing to ${shown} failed inside algokeys`;
    return wanted.map(({ issued, delivery }) => ({ issued, delivery, error }));
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
