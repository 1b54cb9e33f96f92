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

/** Makes empty places. With `lying`, reading back says that whatever was last to be written is there. */
export function memoryPlaces(lying: boolean): Places {
  const held = new Map<string, string>();
  const ever = new Set<string>();
  const asked = new Map<string, string>();

  function sinkFor(runner: Runner): Sink {
    return {
      deliver: (secrets) => {
        const entries = secrets.map(({ delivery, secret }) => [placeOf(delivery), secret.reveal()] as const);
        for (const [place, token] of entries) asked.set(place, token);
        const write = (): ReadonlyMap<Delivery, string> => {
          for (const [place, token] of entries) {
            held.set(place, token);
            ever.add(`${place} ${fingerprintOf(token)}`);
          }
          return new Map();
        };
        const refused = (): ReadonlyMap<Delivery, string> =>
          new Map(secrets.map(({ delivery }) => [delivery, "the disk is full"]));
        return runner.step(`write ${entries.map(([place]) => place).join(", ")}`, write, {
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
