import type { KeyId } from "../core/api-key.ts";
import { authorizationOf, type HttpClientOptions } from "./http-client.ts";
import { answerOf } from "./http-answer.ts";
import type { CallOptions } from "./key-api.ts";
import { withRetry } from "./retry.ts";
import { usagePath } from "./routes.ts";
import { MalformedAnswer } from "./wire-answers.ts";

/** Tells when a key was last let in, RFC 3339; null if it never was. Throws {@link KeyApiError}. */
export type ReadLastUse = (account: string, id: KeyId, call?: CallOptions) => Promise<string | null>;

/** Asks a server when a key was last let in. A server counts the calls of its own gateway and of `/v2/verify`. */
export function httpLastUse({ transport, token, random, sleep }: HttpClientOptions): ReadLastUse {
  const headers = { accept: "application/json", authorization: authorizationOf(token) };
  return async (account, id, { signal } = {}) =>
    await withRetry(
      async () => {
        signal?.throwIfAborted();
        const path = usagePath(account, id);
        return answerOf(await transport({ method: "GET", path, headers, signal }), lastUsedAt);
      },
      { random, sleep, signal },
    );
}

/** The one field of a usage answer that is needed here. */
function lastUsedAt(value: unknown): string | null {
  const at = typeof value === "object" && value !== null && "lastUsedAt" in value ? value.lastUsedAt : undefined;
  if (at === null || (typeof at === "string" && !Number.isNaN(Date.parse(at)))) return at;
  throw new MalformedAnswer("lastUsedAt is no moment");
}
