import { ACCOUNT_PATTERN } from "../core/key-name.ts";
import type { Secret } from "../core/secret.ts";
import type { RandomBytes } from "../core/token.ts";
import { CLIENT_ID_PATTERN } from "./change-set.ts";
import { KeyApiError } from "./errors.ts";
import { answerOf } from "./http-answer.ts";
import type { CallOptions, KeyApi } from "./key-api.ts";
import { withRetry } from "./retry.ts";
import {
  accountPath,
  changePagePath,
  changeSetPagePath,
  changeSetsPath,
  KEY_ID_PATTERN,
  keyPagePath,
  keyPath,
  leasesPath,
  releaseLeasePath,
  renewLeasePath,
  ROUTES,
} from "./routes.ts";
import type { Transport, WireRequest } from "./transport.ts";
import {
  readAccount,
  readApiKey,
  readCaller,
  readChangePage,
  readChangeSetPage,
  readCommitResult,
  readKeyPage,
  readLease,
  readLeaseAnswer,
  readPlatformInfo,
  readReleased,
  type ReadAnswer,
} from "./wire-answers.ts";
import { wireChangeSet } from "./wire.ts";

/** What the client is made of; everything from outside is an argument. */
export interface HttpClientOptions {
  readonly transport: Transport;
  /** An admin key. It goes into the Authorization header and nowhere else. */
  readonly token: Secret;
  /** For the length of waits. */
  readonly random: RandomBytes;
  /** Resolves after that many milliseconds, or rejects with the signal's reason. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * The key API over the wire. Reading is repeated while the platform may answer later. Writing is not: whoever commits
 * knows what a repetition under the same id means to it, and repeats by itself ({@link withRetry}). Throws
 * `unauthenticated` for a token that no header can carry.
 */
export function httpKeyApi(options: HttpClientOptions): KeyApi {
  const { transport, random, sleep } = options;
  const authorization = authorizationOf(options.token);

  async function send<T>(method: WireRequest["method"], path: string, sent: Sent<T>): Promise<T> {
    const { read: readAnswer, body, signal } = sent;
    signal?.throwIfAborted();
    const json = body === undefined ? undefined : JSON.stringify(body);
    const headers = { accept: "application/json", authorization };
    const request = {
      method,
      path,
      headers: json === undefined ? headers : { ...headers, "content-type": "application/json" },
      body: json,
      signal,
    };
    return answerOf(await transport(request), readAnswer);
  }

  function read<T>(path: string, sent: Sent<T>): Promise<T> {
    return withRetry(() => send("GET", path, sent), { random, sleep, signal: sent.signal });
  }

  return {
    platform: (call) => read(ROUTES.platform, { read: readPlatformInfo, ...call }),
    whoami: (call) => read(ROUTES.whoami, { read: readCaller, ...call }),
    createAccount: (account, call) => send("POST", ROUTES.accounts, { read: readAccount, body: account, ...call }),
    getAccount: async (name, call) => await read(accountPath(checkedName(name)), { read: readAccount, ...call }),
    listKeys: async (account, query, call) =>
      await read(keyPagePath(checkedName(account), query), { read: readKeyPage, ...call }),
    getKey: async (account, id, call) => {
      const name = checkedName(account);
      if (!KEY_ID_PATTERN.test(id)) throw new KeyApiError("not-found", `${name} has no key ${id.slice(0, 64)}.`);
      return await read(keyPath(name, id), { read: readApiKey, ...call });
    },
    commit: async (account, changeSet, call) => {
      const body = wireChangeSet(changeSet);
      return await send("POST", changeSetsPath(checkedName(account)), { read: readCommitResult, body, ...call });
    },
    listChangeSets: async (account, query, call) =>
      await read(changeSetPagePath(checkedName(account), query), { read: readChangeSetPage, ...call }),
    listChanges: async (account, changeSet, query, call) => {
      const name = checkedName(account);
      if (!CLIENT_ID_PATTERN.test(changeSet)) {
        throw new KeyApiError("not-found", `${name} has no change set ${changeSet.slice(0, 64)}.`);
      }
      return await read(changePagePath(name, changeSet, query), { read: readChangePage, ...call });
    },
    takeLease: async (account, request, call) =>
      await send("POST", leasesPath(checkedName(account)), { read: readLeaseAnswer, body: request, ...call }),
    renewLease: async (account, { project, runner }, call) =>
      await send("POST", renewLeasePath(checkedName(account)), { read: readLease, body: { project, runner }, ...call }),
    releaseLease: async (account, { project, runner }, call) =>
      await send("POST", releaseLeasePath(checkedName(account)), {
        read: readReleased,
        body: { project, runner },
        ...call,
      }),
  };
}

/** One call: how its answer is read, its body before it is JSON, and how it is called. */
interface Sent<T> extends CallOptions {
  readonly read: ReadAnswer<T>;
  readonly body?: unknown;
}

/** What is no name would be another path (`..`), so it is not asked for. */
function checkedName(account: string): string {
  if (ACCOUNT_PATTERN.test(account)) return account;
  throw new KeyApiError("not-found", `There is no account ${account.slice(0, 64)}.`);
}

/** The header that carries an admin key. Throws `unauthenticated` for one that no header can carry. */
export function authorizationOf(token: Secret): string {
  const text = token.reveal();
  if (/^[\x21-\x7e]+$/.test(text)) return `Bearer ${text}`;
  const message = "The platform's token is empty, or has white space or other characters in it that no token has.";
  throw new KeyApiError("unauthenticated", message);
}
