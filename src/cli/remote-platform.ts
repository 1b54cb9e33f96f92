import { setTimeout as wait } from "node:timers/promises";
import { httpLastUse } from "../api/last-use.ts";
import { httpKeyApi } from "../api/http-client.ts";
import type { KeyId } from "../core/api-key.ts";
import type { KeyApi } from "../api/key-api.ts";
import { nodeTransport } from "../api/node-transport.ts";
import type { Authenticate } from "../platform/admin-keys.ts";
import type { LastUse } from "../report/revocation-text.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { readSecret } from "./read-secret.ts";

/** A platform that is open for a run. */
export interface OpenPlatform {
  readonly api: KeyApi;
  /** When a key was last let in, as far as this platform knows. */
  readonly lastUse: (account: string, id: KeyId) => Promise<LastUse>;
  /** Tells whose admin key a token is that stands somewhere; throws `unauthenticated` if the platform refuses it. */
  readonly authenticate: Authenticate;
  readonly close: () => Promise<void>;
}

/** Opens a server's platform with the admin key that a variable or a file holds: arguments are for everyone to see. */
export function openRemotePlatform(url: string, context: Context): OpenPlatform {
  const token = readSecret({ file: context.tokenFile, option: "--token-file", variable: "ALGOKEYS_TOKEN" }, context);
  if (token === undefined) {
    throw new CommandFailure(EXIT.notAllowed, `no admin key is given for ${url}`, {
      fix: "Set ALGOKEYS_TOKEN, or name a file that holds it with --token-file.",
    });
  }
  const transport = nodeTransport({ url });
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  };
  const options = { transport: transport.send, token, random: context.random, sleep };
  return {
    api: httpKeyApi(options),
    lastUse: async (account, id) => {
      return { at: await httpLastUse(options)(account, id, { signal: context.signal }), isCounted: true };
    },
    authenticate: (shown) => httpKeyApi({ ...options, token: shown }).whoami({ signal: context.signal }),
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}
