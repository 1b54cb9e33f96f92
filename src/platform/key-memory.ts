import type { SqlDriver } from "./store/sql-driver.ts";

/** What was read of a database, kept only as long as it holds there. */
export interface KeyMemory<Found> {
  /** What `digest` stands for: at once if it is remembered, else as `read` finds it. Rejects with `unavailable` only. */
  find(digest: string): Found | Promise<Found | undefined>;
}

/** How many entries are remembered before the oldest give way: some 300 MiB at most. */
const CAPACITY = 200_000;

/**
 * Remembers what `read` finds under a digest while the driver's generation stands still, and reads once for all who ask
 * at once. What is not found is never remembered: a key that is made must work at once.
 */
export function keyMemory<Found extends object>(
  driver: Pick<SqlDriver, "generation">,
  read: (digest: string) => Promise<Found | undefined>,
  capacity: number = CAPACITY,
): KeyMemory<Found> {
  const found = new Map<string, Found>();
  const reading = new Map<string, Promise<Found | undefined>>();
  let held = -1;

  function findWithin(generation: number, digest: string): Found | Promise<Found | undefined> {
    if (generation !== held) {
      found.clear();
      reading.clear();
      held = generation;
    }
    return found.get(digest) ?? reading.get(digest) ?? readWithin(generation, digest);
  }

  function readWithin(generation: number, digest: string): Promise<Found | undefined> {
    const result = readOnce(generation, digest).finally(() => {
      if (reading.get(digest) === result) reading.delete(digest);
    });
    reading.set(digest, result);
    return result;
  }

  async function readOnce(generation: number, digest: string): Promise<Found | undefined> {
    const result = await read(digest);
    // What a read saw that began before the generation moved on may be what the move is about.
    if (result !== undefined && generation === held) remember(digest, result);
    return result;
  }

  function remember(digest: string, result: Found): void {
    if (found.size >= capacity) {
      for (const oldest of found.keys()) {
        found.delete(oldest);
        break;
      }
    }
    found.set(digest, result);
  }

  return {
    find: (digest) => {
      const generation = driver.generation();
      if (typeof generation === "number") return findWithin(generation, digest);
      return generation.then((number) => findWithin(number, digest));
    },
  };
}
