import { afterEach, beforeEach, describe } from "vitest";
import type { Caller, KeyApi } from "../../src/api/key-api.ts";
import { describeAccounts } from "./accounts.ts";
import { describeChangeSets } from "./change-sets.ts";
import { describeCredentials } from "./credentials.ts";
import { describeLeases } from "./leases.ts";
import { describeListings } from "./listings.ts";
import { describeRefusals } from "./refusals.ts";

/** A fresh platform under test. */
export interface OpenPlatform {
  /** For an admin called `tester`. */
  readonly api: KeyApi;
  /** The same platform for another caller. */
  readonly as: (caller: Caller) => KeyApi;
  readonly close: () => Promise<void>;
}

/** What the parts of the suite work with: a fresh platform for each test, with the account `acme` without keys. */
export interface Stage {
  readonly api: () => KeyApi;
  readonly as: (caller: Caller) => KeyApi;
  /** The platform's clock, in milliseconds; a test may move it. */
  readonly clock: { now: number };
}

/**
 * The contract of the port `KeyApi`: one suite for every implementation. `open` makes a fresh platform that reads the
 * clock it is given.
 */
export function describeKeyApi(name: string, open: (clock: () => number) => Promise<OpenPlatform>): void {
  describe(`${name} as a KeyApi`, () => {
    const clock = { now: 0 };
    let platform: OpenPlatform | undefined;

    function opened(): OpenPlatform {
      if (platform === undefined) throw new Error("no platform is open");
      return platform;
    }

    beforeEach(async () => {
      clock.now = Date.parse("2026-03-01T12:00:00.000Z");
      platform = await open(() => clock.now);
      await platform.api.createAccount({ name: "acme", defaultKey: "none" });
    });

    afterEach(async () => {
      await platform?.close();
    });

    const stage: Stage = { api: () => opened().api, as: (caller) => opened().as(caller), clock };
    describeAccounts(stage);
    describeChangeSets(stage);
    describeRefusals(stage);
    describeCredentials(stage);
    describeListings(stage);
    describeLeases(stage);
  });
}
