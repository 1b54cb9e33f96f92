import { resolve } from "node:path";
import { MAX_PAGE, type KeyPage, type ListQuery } from "../api/key-api.ts";
import { refresh } from "../apply/refresh.ts";
import type { ApiKey } from "../core/api-key.ts";
import { NO_PLATFORM, type LiveState } from "../plan/live-state.ts";
import type { Plan } from "../plan/plan.ts";
import { embeddedPlatformExists, openEmbeddedPlatform, type EmbeddedPlatform } from "../platform/embedded.ts";
import { inCi, type Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";
import { progressOn } from "./output.ts";

const DEFAULT_URL = "file:.algokeys/platform.db";

/**
 * The URL of the platform to talk to: `--platform`, else `ALGOKEYS_PLATFORM`, else the embedded default; in CI it must
 * be stated, because a default that a job throws away would look like success.
 */
export function platformUrl(options: Pick<GlobalOptions, "platform">, context: Context): string {
  const stated = options.platform ?? "";
  if (stated === "" && inCi(context)) {
    throw new CommandFailure(EXIT.usage, "no platform is stated, and this is a CI job", {
      detail: "Without one, the keys would go to a file that ends with the job.",
      fix: "Add --platform or set ALGOKEYS_PLATFORM; for the embedded platform write --platform file:.algokeys/platform.db.",
    });
  }
  const url = stated === "" ? DEFAULT_URL : stated;
  if (!/^file:.+/.test(url)) {
    throw new CommandFailure(EXIT.usage, `--platform ${url} is no platform that this version knows`, {
      fix: "Write file:PATH, such as file:.algokeys/platform.db.",
    });
  }
  return url;
}

/** Runs `work` with the platform open, made if need be, and closes it in any case. */
export async function withPlatform<T>(
  url: string,
  context: Context,
  work: (platform: EmbeddedPlatform) => Promise<T>,
): Promise<T> {
  return await useEmbedded(url, true, context, work);
}

/** Like {@link withPlatform}, but never makes a platform: without one it ends the command. */
export async function withExistingPlatform<T>(
  url: string,
  context: Context,
  work: (platform: EmbeddedPlatform) => Promise<T>,
): Promise<T> {
  if (!embeddedPlatformExists(fileOf(url, context))) {
    throw new CommandFailure(EXIT.error, `there is no platform at ${url} yet`, {
      fix: "Run `algokeys apply` or `algokeys account create` to make it, or state another with --platform.",
    });
  }
  return await useEmbedded(url, false, context, work);
}

/** The live state of an account. Reading makes nothing: a platform that is not there yet has no account and no keys. */
export async function readLiveState(url: string, account: string, context: Context): Promise<LiveState> {
  if (!embeddedPlatformExists(fileOf(url, context))) {
    return {
      platform: { url, instance: NO_PLATFORM },
      account: { name: account, exists: false, revision: 0 },
      callerKey: null,
      keys: [],
    };
  }
  return await useEmbedded(url, false, context, async (platform) => {
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
    }
  });
}

async function useEmbedded<T>(
  url: string,
  create: boolean,
  context: Context,
  work: (platform: EmbeddedPlatform) => Promise<T>,
): Promise<T> {
  const platform = await openEmbeddedPlatform({
    file: fileOf(url, context),
    create,
    actor: context.user,
    clock: context.now,
    random: context.random,
  });
  try {
    return await work(platform);
  } finally {
    await platform.close();
  }
}

/** Ends the command if a planned secret would be written into the platform's own files. */
export function refuseDeliveryIntoPlatform(plan: Plan, url: string, context: Context): void {
  const file = fileOf(url, context);
  const own = ["", "-wal", "-shm", "-journal", ".pepper"].map((ending) => file + ending);
  for (const change of plan.changes) {
    const deliver = change.action === "delete" ? [] : (change.credential?.deliver ?? []);
    const bad = deliver.find((delivery) => own.includes(resolve(context.cwd, delivery.file)));
    if (bad === undefined) continue;
    throw new CommandFailure(
      EXIT.usage,
      `key ${change.name} delivers its secret into the platform's own file ${bad.file}`,
      {
        detail: "That would destroy the platform. Nothing was written.",
        fix: "Declare another file under `deliver`.",
      },
    );
  }
}

function fileOf(url: string, context: Context): string {
  return resolve(context.cwd, url.slice("file:".length));
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
