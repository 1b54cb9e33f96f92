import { KeyApiError } from "../api/errors.ts";
import { MAX_PAGE, type Account, type Caller, type CallOptions, type KeyApi } from "../api/key-api.ts";
import type { ApiKey } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { LiveState } from "../plan/live-state.ts";

/** How to read a platform. */
export interface RefreshOptions extends CallOptions {
  /** What the author calls the platform; it goes into the plan. */
  readonly url: string;
  /** Told after each page how many keys are read, and of how many. */
  readonly onProgress?: (read: number, total: number) => void;
}

/** How often a listing is begun because the account changed meanwhile. */
const MAX_LISTINGS = 3;

/**
 * Reads an account's live keys completely or throws {@link KeyApiError}: absence is proved only by a whole listing
 * (design decision 6), so a failed, short or repeated page ends the run rather than looking like deleted keys. An account
 * that the platform does not know is no failure: it has no keys. One that the caller may not see is: it would look alike.
 */
export async function refresh(api: KeyApi, account: string, options: RefreshOptions): Promise<LiveState> {
  const { url, signal } = options;
  const { instance } = await api.platform({ signal });
  const caller = await api.whoami({ signal });
  requireBoundAccount(caller, account);
  const found = await findAccount(api, account, { signal });
  const platform = { url, instance };
  if (found === undefined) {
    return { platform, account: { name: account, exists: false, revision: 0 }, callerKey: caller.keyId, keys: [] };
  }
  const { keys, revision } = await listWhole(api, found.name, options);
  return { platform, account: { name: found.name, exists: true, revision }, callerKey: caller.keyId, keys };
}

/** Whoever is bound to one account is told of every other that it is not there, and nothing may be planned from that. */
function requireBoundAccount(caller: Caller, account: string): void {
  if (caller.account === null || nameKey(caller.account) === nameKey(account)) return;
  throw new KeyApiError(
    "forbidden",
    `${caller.actor} is bound to the account ${caller.account}, and the declaration is for ${account}. ` +
      `Use an admin key of ${account}, or one that is bound to no account.`,
  );
}

async function findAccount(api: KeyApi, name: string, options: CallOptions): Promise<Account | undefined> {
  try {
    return await api.getAccount(name, options);
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "not-found") return undefined;
    throw error;
  }
}

interface Listing {
  readonly keys: readonly ApiKey[];
  readonly revision: number;
}

async function listWhole(api: KeyApi, account: string, options: RefreshOptions): Promise<Listing> {
  for (let attempt = 0; attempt < MAX_LISTINGS; attempt++) {
    const listing = await listOnce(api, account, options);
    if (listing !== undefined) return listing;
  }
  throw new KeyApiError(
    "unavailable",
    `The keys of ${account} changed each of ${String(MAX_LISTINGS)} times while they were being read. Try again.`,
  );
}

/** One walk through the listing; undefined if the account changed between two pages. */
async function listOnce(api: KeyApi, account: string, options: RefreshOptions): Promise<Listing | undefined> {
  const { signal, onProgress } = options;
  const keys = new Map<string, ApiKey>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  let revision: number | undefined;
  for (;;) {
    const page = await api.listKeys(account, { limit: MAX_PAGE, cursor, state: "live" }, { signal });
    signal?.throwIfAborted();
    revision ??= page.revision;
    if (page.revision !== revision) return undefined;
    for (const key of page.keys) keys.set(key.id, key);
    onProgress?.(keys.size, page.total);
    if (page.nextCursor === null) {
      if (keys.size === page.total) return { keys: [...keys.values()], revision };
      throw incomplete(account, `it has ${String(page.total)} keys, but only ${String(keys.size)} came`);
    }
    if (cursors.has(page.nextCursor) || keys.size > page.total) {
      throw incomplete(account, "the same page came twice");
    }
    cursors.add(page.nextCursor);
    cursor = page.nextCursor;
  }
}

function incomplete(account: string, why: string): KeyApiError {
  return new KeyApiError("unavailable", `The listing of ${account} is not complete: ${why}. Nothing was planned.`);
}
