import type { Delivery } from "../../src/core/delivery.ts";
import { tokenFingerprint } from "../../src/core/token.ts";
import type { Sink, Sinks } from "../../src/apply/sink.ts";
import { sha256 } from "../apply/world.ts";
import type { Runner } from "./runner.ts";

/** The files that secrets go to, in memory: a write replaces a whole file at once, under its lock, as the real ones do. */
export interface Places {
  /** The token that stands at a place. */
  holds(place: string): string | undefined;
  /** True if that fingerprint ever stood there. */
  everHeld(place: string, fingerprint: string): boolean;
  readonly all: () => ReadonlyMap<string, string>;
  /** What a runner's apply is given as its sinks: every use of one is a step that the schedule decides about. */
  readonly sinksFor: (runner: Runner) => Sinks;
}

/** How a place is named; the schedules deliver to files by name alone. */
export function placeOf(delivery: Delivery): string {
  if (!("file" in delivery && "name" in delivery)) throw new Error(`no place for ${delivery.to}`);
  return `${delivery.file}#${delivery.name}`;
}

export const fingerprintOf = (token: string): string => tokenFingerprint(sha256(token));

/**
 * Makes empty places. `lying`: reading back says that whatever was last to be written is there. `guarded`: a run that was
 * overtaken leaves what another wrote.
 */
export function memoryPlaces({ lying, guarded }: { readonly lying: boolean; readonly guarded: boolean }): Places {
  const held = new Map<string, string>();
  const ever = new Set<string>();
  const asked = new Map<string, string>();

  const markOf = (place: string): string | null => {
    const token = held.get(place);
    return token === undefined ? null : fingerprintOf(token);
  };

  function sinkFor(runner: Runner): Sink {
    return {
      deliver: (secrets) => {
        const places = secrets.map(({ delivery }) => placeOf(delivery));
        for (const { delivery, secret } of secrets) asked.set(placeOf(delivery), secret.reveal());
        const write = (): ReadonlyMap<Delivery, string> => {
          const failures = new Map<Delivery, string>();
          for (const { delivery, secret, seen } of secrets) {
            const place = placeOf(delivery);
            if (guarded && seen !== undefined && seen !== markOf(place))
              failures.set(delivery, "another run wrote there");
            else {
              const token = secret.reveal();
              held.set(place, token);
              ever.add(`${place} ${fingerprintOf(token)}`);
            }
          }
          return failures;
        };
        const refused = (): ReadonlyMap<Delivery, string> =>
          new Map(secrets.map(({ delivery }) => [delivery, "the disk is full"]));
        return runner.step(`write ${places.join(", ")}`, write, {
          "is refused": refused,
          "goes nowhere": () => new Map(),
        });
      },
      readBack: (delivery) => {
        const place = placeOf(delivery);
        const read = (): string | null => {
          const token = (lying ? asked : held).get(place);
          return token === undefined ? null : fingerprintOf(token);
        };
        return runner.step<string | null | undefined>(`read ${place}`, read, { "cannot be read": () => undefined });
      },
      look: (delivery) => {
        const place = placeOf(delivery);
        return runner.step<string | null>(`look at ${place}`, () => markOf(place), { "cannot be read": () => null });
      },
    };
  }

  return {
    holds: (place) => held.get(place),
    everHeld: (place, fingerprint) => ever.has(`${place} ${fingerprint}`),
    all: () => held,
    sinksFor: (runner) => {
      const sink = sinkFor(runner);
      const kinds: readonly Delivery["to"][] = ["dotenv", "json", "age", "command", "github-env", "github-output"];
      return Object.fromEntries(kinds.map((kind) => [kind, sink])) as unknown as Sinks;
    },
  };
}
