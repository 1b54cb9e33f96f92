import { KeyApiError } from "../../api/errors.ts";
import type { KeyApi } from "../../api/key-api.ts";
import { refresh } from "../../apply/refresh.ts";
import type { ApiKey, KeyId } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import type { LiveState } from "../../plan/live-state.ts";

/** What is live, read for many who ask one by one: Terraform refreshes each resource by itself. */
export interface LiveKeys {
  /** A key, live or deleted; undefined if there is none of that id. */
  byId(account: string, id: KeyId): Promise<ApiKey | undefined>;
  /** A whole listing; `fresh`: read now, whatever was read before. */
  list(account: string, fresh?: "fresh"): Promise<LiveState>;
  /** What was read of an account no longer holds: something was written. */
  forget(account: string): void;
}

/** So many keys of an account are asked for one by one; then one listing answers for all. */
const SINGLE_READS = 3;

/** How long a listing answers. A refresh of thousands takes seconds; a later change is caught by its revision. */
const LISTING_MS = 30_000;

interface Listing {
  readonly state: Promise<LiveState>;
  readonly byId: Promise<ReadonlyMap<KeyId, ApiKey>>;
  readonly readAt: number;
}

/** Makes {@link LiveKeys}. Listings are whole, or they throw: absence is proved only by a whole one (design decision 6). */
export function liveKeys(api: KeyApi, url: string, now: () => number): LiveKeys {
  const listings = new Map<string, Listing>();
  const singles = new Map<string, number>();

  const listing = (account: string, fresh?: "fresh"): Listing => {
    const kept = listings.get(nameKey(account));
    if (fresh === undefined && kept !== undefined && now() - kept.readAt < LISTING_MS) return kept;
    const state = refresh(api, account, { url });
    const byId = state.then(({ keys }) => new Map(keys.map((key) => [key.id, key])));
    const read = { state, byId, readAt: now() };
    listings.set(nameKey(account), read);
    byId.catch(() => {
      if (listings.get(nameKey(account)) === read) listings.delete(nameKey(account));
    });
    return read;
  };

  return {
    list: (account, fresh) => listing(account, fresh).state,
    byId: async (account, id) => {
      const asked = (singles.get(nameKey(account)) ?? 0) + 1;
      singles.set(nameKey(account), asked);
      if (asked > SINGLE_READS) {
        const key = (await listing(account).byId).get(id);
        if (key !== undefined) return key;
      }
      try {
        return await api.getKey(account, id);
      } catch (error) {
        if (error instanceof KeyApiError && error.code === "not-found") return undefined;
        throw error;
      }
    },
    forget: (account) => {
      listings.delete(nameKey(account));
    },
  };
}
