import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyApi } from "../../src/api/key-api.ts";
import { Secret } from "../../src/core/secret.ts";
import type { VerifiedKey } from "../../src/platform/verify.ts";
import { openPlatform } from "../platform/open.ts";
import { draws } from "./draws.ts";

/** A real platform over a file, whose time and chance are the schedule's. Schedules use accounts of their own in it. */
export interface VirtualPlatform {
  readonly api: KeyApi;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly advance: (ms: number) => void;
  /** Begins a schedule: ids that the platform draws follow from the seed. */
  readonly begin: (seed: number) => void;
  /** The key that a token opens now; null if it is refused. */
  readonly opens: (token: string) => Promise<VerifiedKey | null>;
  readonly close: () => Promise<void>;
}

/** In memory where the system has such a folder: thousands of commits wait for a disk otherwise. */
const HOME = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const BEGINNING = Date.parse("2026-03-28T23:00:00Z");

/** Opens a platform of its own. */
export async function virtualPlatform(): Promise<VirtualPlatform> {
  const folder = mkdtempSync(join(HOME, "algokeys-faults-"));
  let now = BEGINNING;
  let chance = draws(0);
  const { api, verify, close } = await openPlatform(join(folder, "platform.db"), {
    clock: () => now,
    random: (count) => chance.bytes(count),
  });
  return {
    api,
    now: () => now,
    advance: (ms) => void (now += ms),
    begin: (seed) => {
      now = BEGINNING;
      chance = draws(seed ^ 0x5bd1e995);
    },
    opens: async (token) => {
      const request = { headers: [], target: { type: "algorithm" as const, call: "acme/x" }, now };
      const { decision, key } = await verify({ type: "token", token: new Secret(token) }, request);
      return decision.effect === "allow" ? key : null;
    },
    close: async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
