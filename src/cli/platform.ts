import { resolve } from "node:path";
import { committedFrom } from "../api/committed-from.ts";
import { KeyApiError } from "../api/errors.ts";
import { MAX_PAGE, type KeyPage, type ListQuery } from "../api/key-api.ts";
import { refresh } from "../apply/refresh.ts";
import type { ApiKey } from "../core/api-key.ts";
import { NO_PLATFORM, type LiveState } from "../plan/live-state.ts";
import type { Plan } from "../plan/plan.ts";
import { embeddedPlatformExists, openEmbeddedPlatform } from "../platform/embedded.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { progressOn } from "./output.ts";
import { embeddedFile } from "./platform-url.ts";
import { openRemotePlatform, type OpenPlatform } from "./remote-platform.ts";
import { runPlace } from "./run-place.ts";

/** Runs `work` with the platform open, made if need be, and closes it in any case. */
export async function withPlatform<T>(
  url: string,
  context: Context,
  work: (platform: OpenPlatform) => Promise<T>,
): Promise<T> {
  return await usePlatform(url, true, context, work);
}

/** Like {@link withPlatform}, but never makes a platform: without one it ends the command. */
export async function withExistingPlatform<T>(
  url: string,
  context: Context,
  work: (platform: OpenPlatform) => Promise<T>,
): Promise<T> {
  if (!platformExists(url, context)) {
    throw new CommandFailure(EXIT.error, `there is no platform at ${url} yet`, {
      fix: "Run `algokeys apply` or `algokeys account create` to make it, or state another with --platform.",
    });
  }
  return await usePlatform(url, false, context, work);
}

/** The live state of an account. Reading makes nothing: a platform that is not there yet has no account and no keys. */
export async function readLiveState(url: string, account: string, context: Context): Promise<LiveState> {
  const platform = platformExists(url, context) ? await openIfMade(url, context) : undefined;
  if (platform === undefined) {
    return {
      platform: { url, instance: NO_PLATFORM },
      account: { name: account, exists: false, revision: 0 },
      callerKey: null,
      keys: [],
    };
  }
  const progress = progressOn(context);
  try {
    return await refresh(platform.api, account, {
      url,
      signal: context.signal,
      onProgress: (read, total) => {
        progress.say(`Reading live keys: ${read} of ${total}`);
      },
    });
  } finally {
    progress.end();
    await platform.close();
  }
}

/** Undefined for an embedded platform whose maker died before it held anything: there is a file, and nothing in it. */
async function openIfMade(url: string, context: Context): Promise<OpenPlatform | undefined> {
  try {
    return await openPlatform(url, false, context);
  } catch (error) {
    const isUnmade = error instanceof KeyApiError && error.code === "not-found";
    if (isUnmade && embeddedFile(url, context) !== undefined) return undefined;
    throw error;
  }
}

async function usePlatform<T>(
  url: string,
  create: boolean,
  context: Context,
  work: (platform: OpenPlatform) => Promise<T>,
): Promise<T> {
  const platform = await openPlatform(url, create, context);
  try {
    return await work(platform);
  } finally {
    await platform.close();
  }
}

/** Opens a platform that its caller closes. `create`: an embedded one that is not there is made. */
export async function openPlatform(url: string, create: boolean, context: Context): Promise<OpenPlatform> {
  const file = embeddedFile(url, context);
  const from = runPlace(context);
  if (file === undefined) {
    const remote = openRemotePlatform(url, context);
    return { ...remote, api: committedFrom(remote.api, from) };
  }
  const { user, now, random } = context;
  const embedded = await openEmbeddedPlatform({ file, create, actor: user, clock: now, random });
  return {
    ...embedded,
    api: committedFrom(embedded.api, from),
    // A server over the same file may have counted; this process counts nothing.
    lastUse: async (_, id) => ({ at: await embedded.lastUse(id), isCounted: false }),
  };
}

/** False for an embedded platform that has not been made; whether a server is there shows when it is asked. */
function platformExists(url: string, context: Context): boolean {
  const file = embeddedFile(url, context);
  return file === undefined || embeddedPlatformExists(file);
}

/** Ends the command if a planned secret would be written into the platform's own files. */
export function refuseDeliveryIntoPlatform(plan: Plan, url: string, context: Context): void {
  const file = embeddedFile(url, context);
  if (file === undefined) return;
  const own = ["", "-wal", "-shm", "-journal", ".pepper"].map((ending) => file + ending);
  for (const change of plan.changes) {
    const deliver = change.action === "delete" ? [] : (change.credential?.deliver ?? []);
    const files = deliver.flatMap((delivery) => ("file" in delivery ? [delivery.file] : []));
    const bad = files.find((file) => own.includes(resolve(context.cwd, file)));
    if (bad === undefined) continue;
    throw new CommandFailure(EXIT.usage, `key ${change.name} delivers its secret into the platform's own file ${bad}`, {
      detail: "That would destroy the platform. Nothing was written.",
      fix: "Declare another file under `deliver`.",
    });
  }
}

/** The account's deleted keys that can still be restored. */
export async function listDeletedKeys(url: string, account: string, context: Context): Promise<readonly ApiKey[]> {
  return await withExistingPlatform(url, context, async ({ api }) => {
    const keys: ApiKey[] = [];
    let cursor: string | null = null;
    do {
      const query: ListQuery = { limit: MAX_PAGE, state: "deleted", cursor: cursor ?? undefined };
      const page: KeyPage = await api.listKeys(account, query, { signal: context.signal });
      keys.push(...page.keys);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return keys;
  });
}
