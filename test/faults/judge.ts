import type { ChangeSet, KeyChange } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";
import type { ApiKey, Credential } from "../../src/core/api-key.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { isWorking } from "../../src/plan/credential-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { fingerprintOf, placeOf, type Places } from "./places.ts";
import type { VirtualPlatform } from "./platform.ts";

/** A promise was broken. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Looks at the platform and the sinks, past all faults, and throws {@link Violation} for what must never be. */
export interface Judge {
  /** Of a change set that is about to be committed: what it must find, and where its new secrets are to go. */
  readonly committing: (changeSet: ChangeSet, plan: Plan | undefined) => Promise<(replayed: boolean) => void>;
  /** After any step. */
  readonly always: () => Promise<void>;
  /** After a clean run: every declared secret stands where it went, and opens its own key. A place that was added waits. */
  readonly delivered: (declared: readonly ManifestKey[]) => Promise<void>;
  /** Once the overlap of a clean run has passed: nothing works that nobody holds. */
  readonly nothingLost: () => Promise<void>;
}

/** What a judge looks at. `everyStep`: what a sink holds must be accepted at every moment, not only after a clean run. */
export interface JudgeOptions {
  readonly account: string;
  readonly platform: VirtualPlatform;
  readonly places: Places;
  readonly everyStep: boolean;
}

/** Makes the judge of one schedule. */
export function judge({ account, platform, places, everyStep }: JudgeOptions): Judge {
  const goesTo = new Map<string, readonly string[]>();
  const confirmed = new Set<string>();
  const works = (credential: Credential): boolean => isWorking(credential, new Date(platform.now()).toISOString());

  /** Where a key's last confirmed secret went: what a declaration no longer names goes stale by its author's own will. */
  const placesOf = (key: ApiKey): ReadonlySet<string> =>
    new Set(goesTo.get(key.credentials.findLast((one) => one.acknowledgedAt !== null)?.id ?? "") ?? []);

  async function always(): Promise<void> {
    const keys = await liveKeys(platform.api, account);
    const names = new Set(keys.map(({ name }) => name.toLowerCase()));
    if (names.size !== keys.length) throw new Violation("two live keys have one name");
    for (const key of keys) {
      for (const credential of key.credentials) {
        if (credential.acknowledgedAt === null) continue;
        confirmed.add(key.id);
        const missing = (goesTo.get(credential.id) ?? []).find((at) => !places.everHeld(at, credential.fingerprint));
        if (missing !== undefined)
          throw new Violation(`a secret of ${key.name} is acknowledged and never got to ${missing}`);
      }
      if (confirmed.has(key.id) && !key.credentials.some(works))
        throw new Violation(`nothing opens ${key.name} any more`);
    }
    if (!everyStep) return;
    for (const [place, token] of places.all()) {
      const key = keyOf(keys, token);
      if (key !== undefined && placesOf(key).has(place) && (await platform.opens(token)) === null)
        throw new Violation(`${place} holds a secret of ${key.name} that is refused`);
    }
  }

  return {
    always,
    committing: async (changeSet, plan) => {
      const planned = new Map(plan?.changes.map((change) => [change.name.toLowerCase(), change]) ?? []);
      const before = await liveKeys(platform.api, account);
      const revisions = new Map(before.map(({ id, revision }) => [id, revision]));
      const names = new Map(before.map(({ id, name }) => [id, name]));
      const seen = new Map(
        plan?.changes.flatMap((one) => (one.action === "create" ? [] : [[one.id, one] as const])) ?? [],
      );
      for (const change of changeSet.changes) {
        const credential = credentialOf(change);
        if (credential === null) continue;
        // Who confirms what an earlier run issued has looked into the places of its own declaration.
        const name = change.action === "create" ? change.name : (names.get(change.id) ?? "");
        const from = planned.get(name.toLowerCase()) ?? ("id" in change ? seen.get(change.id) : undefined);
        if (from === undefined && goesTo.has(credential)) continue; // renamed since by another run
        const deliver = from === undefined || from.action === "delete" ? [] : (from.credential?.deliver ?? []);
        goesTo.set(credential, deliver.map(placeOf));
      }
      const touched = changeSet.changes.flatMap((change) => ("revision" in change ? [change.id] : []));
      return (replayed) => {
        if (replayed) return;
        const moved = touched.find((id) => seen.has(id) && seen.get(id)?.revision !== revisions.get(id));
        if (moved !== undefined)
          throw new Violation(
            `a change to ${names.get(moved) ?? moved} was committed over one that its plan had not seen`,
          );
      };
    },
    delivered: async (declared) => {
      const keys = new Map((await liveKeys(platform.api, account)).map((key) => [key.name, key]));
      for (const { name, deliver } of declared) {
        const key = keys.get(name);
        if (key === undefined) throw new Violation(`after a clean run there is no ${name}`);
        const filled = placesOf(key);
        if (deliver.length > 0 && filled.size === 0)
          throw new Violation(`after a clean run nothing of ${name} is confirmed`);
        for (const place of deliver.map(placeOf).filter((one) => filled.has(one))) {
          const token = places.holds(place);
          const opened = token === undefined ? undefined : await platform.opens(token);
          if (opened?.name !== name) throw new Violation(`after a clean run ${place} does not open ${name}`);
        }
      }
    },
    nothingLost: async () => {
      const held = new Set([...places.all().values()].map(fingerprintOf));
      for (const key of await liveKeys(platform.api, account)) {
        if (key.credentials.some((credential) => works(credential) && !held.has(credential.fingerprint)))
          throw new Violation(`a secret of ${key.name} works, and nobody holds it`);
      }
    },
  };
}

/** The live keys as the platform has them; none of an account that is not there. */
export async function liveKeys(api: KeyApi, account: string): Promise<readonly ApiKey[]> {
  try {
    return (await api.listKeys(account, { limit: MAX_PAGE, state: "live" })).keys;
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "not-found") return [];
    throw error;
  }
}

/** The credential that a change issues or confirms; null for all others. */
function credentialOf(change: KeyChange): string | null {
  if (change.action === "acknowledge") return change.credential;
  return change.action === "create" || change.action === "add-credential" ? (change.credential?.id ?? null) : null;
}

function keyOf(keys: readonly ApiKey[], token: string): ApiKey | undefined {
  const fingerprint = fingerprintOf(token);
  return keys.find(({ credentials }) => credentials.some((one) => one.fingerprint === fingerprint));
}
