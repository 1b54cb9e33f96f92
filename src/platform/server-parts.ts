import { KeyApiError } from "../api/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { RandomBytes } from "../core/token.ts";
import { adminAuthenticator, adminKeys } from "./admin-keys.ts";
import { gateway, type Gateway } from "./gateway/gateway.ts";
import type { UpstreamOptions } from "./gateway/upstream.ts";
import type { KeyApiApp } from "./http/app-context.ts";
import { keyApiApp } from "./http/app.ts";
import { headerAuthenticator } from "./http/authentication.ts";
import type { JsonLog } from "./http/json-log.ts";
import type { Metrics } from "./http/metrics.ts";
import { drainingError } from "./http/operation-routes.ts";
import type { Pepper } from "./pepper.ts";
import { keyService } from "./service.ts";
import type { SqlDriver } from "./store/sql-driver.ts";
import { usageRecorder } from "./usage/usage-recorder.ts";
import { usageOf } from "./usage/usage-store.ts";
import { tokenVerifier } from "./verify.ts";

/** What can be chosen of a server's parts. */
export interface ServerPartsOptions {
  /** Where the gateway forwards calls; undefined if it is none. */
  readonly upstream: UpstreamOptions | undefined;
  /** What identity headers for the upstream are signed with. */
  readonly identitySecret: Secret | undefined;
  /** The gateway's own origin as browsers see it; undefined if it serves no pages. */
  readonly ownOrigin: string | undefined;
  /** The version of this program. */
  readonly version: string;
  /** The text of `schemas/key-api.openapi.json`. */
  readonly description: string;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
}

/** What the parts stand on, once the platform is unsealed. */
export interface ServerGround extends ServerPartsOptions {
  readonly driver: SqlDriver;
  readonly pepper: Pepper;
  readonly metrics: Metrics;
  readonly log: JsonLog;
  readonly randomId: () => string;
  /** True once the server is about to end. */
  readonly closing: () => boolean;
}

/** The parts behind a listener. */
export interface ServerParts {
  readonly app: KeyApiApp;
  readonly gateway: Gateway;
  /** Ends the gateway's connections and writes what is counted. The store stays open. */
  readonly close: () => Promise<void>;
}

/** Puts the platform's parts together: the service for each caller, the management API, the gateway, the counts. */
export function composeServer(ground: ServerGround): ServerParts {
  const { driver, pepper, metrics, log, clock, random, randomId, closing } = ground;
  const stored = { driver, pepper, clock, randomId };
  const authenticate = adminAuthenticator(stored);
  const usage = usageRecorder({
    driver,
    failed: (error) => {
      log.write("usage-not-written", described(error));
    },
  });
  const failed = (error: unknown, requestId: string | undefined): void => {
    log.write(error instanceof KeyApiError ? "unavailable" : "bug", { request: requestId, ...described(error) });
  };
  const calls = gateway({
    verify: tokenVerifier(stored),
    upstream: ground.upstream,
    identitySecret: ground.identitySecret,
    ownOrigin: ground.ownOrigin,
    usage,
    authenticate,
    failed,
    clock,
  });
  const app = keyApiApp({
    service: (caller, address) => keyService({ ...stored, caller, address, kind: "server" }),
    adminKeys: (caller) => adminKeys(stored, caller),
    authenticate: headerAuthenticator(authenticate),
    readUsage: (key, since) => driver.read((sql) => usageOf(sql, key, { since })),
    ready: async () => {
      if (closing()) throw drainingError();
      await driver.read((sql) => sql.get("SELECT 1"));
    },
    gauges: () => {
      const { pending, dropped } = usage.stats();
      return { algokeys_usage_pending: pending, algokeys_usage_dropped: dropped };
    },
    failed,
    metrics,
    description: ground.description,
    clock,
    random,
    randomId,
  });
  return {
    app,
    gateway: calls,
    close: async () => {
      await calls.close();
      await usage.close();
    },
  };
}

/** What the log says of an error. A bug has its stack; what the world refused has its cause. */
function described(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: "something that is no error was thrown" };
  if (!(error instanceof KeyApiError)) return { message: error.message, stack: error.stack };
  return { message: error.message, cause: error.cause instanceof Error ? error.cause.message : undefined };
}
