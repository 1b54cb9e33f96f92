import type { Server } from "node:http";
import type { Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { KeyApiError } from "../api/errors.ts";
import { hasAdminKey } from "./admin-keys.ts";
import { jsonLog, type JsonLog } from "./http/json-log.ts";
import { httpListener } from "./http/listener.ts";
import { serverMetrics } from "./http/metrics.ts";
import { requestRecorder } from "./http/request-record.ts";
import { sealedApp } from "./http/sealed-app.ts";
import type { Pepper } from "./pepper.ts";
import { composeServer, type ServerPartsOptions } from "./server-parts.ts";
import { openStore } from "./store/open-store.ts";
import type { SqlDriver } from "./store/sql-driver.ts";
import { unseal, type UnsealOptions } from "./unseal.ts";

/** What a server serves, and where. */
export interface ServerOptions extends ServerPartsOptions, Pick<UnsealOptions, "pepperFile" | "pepperText"> {
  /** The store's address: `file:PATH` or `postgres://...`. Its password is never shown. */
  readonly store: string;
  /** True if a store that is empty or not there is made. */
  readonly create: boolean;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Gets one line of JSON for each request, and for what befalls the server. */
  readonly log: Writable;
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** True if the pepper is missing or wrong, and every answer but that to `/v2/health/live` is 503. */
  readonly sealed: boolean;
  /**
   * Takes no further connections, finishes what is in flight within `milliseconds` (10,000 unless stated), writes what is
   * counted and logged, and closes the store.
   */
  close(milliseconds?: number): Promise<void>;
}

/**
 * Starts the platform as a server: opens its store, unseals it, and listens. Throws {@link KeyApiError} if the store cannot
 * be opened or the address cannot be listened on; a missing or wrong pepper starts it sealed instead.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { store, version } = options;
  const log = jsonLog(options.log, options.clock);
  const driver = await openStore(store, { create: options.create });
  const closers = [() => driver.close()];
  let closing = false;
  let deadline = DRAIN_MS;

  async function closeAll(): Promise<void> {
    for (const close of closers.toReversed()) await close();
  }

  try {
    const metrics = serverMetrics(version);
    const requestId = requestIds(options);
    const randomId = (): string => drawId(options);
    const pepper = await pepperOrSeal(driver, { ...options, randomId });
    const isSealed = pepper instanceof KeyApiError;
    const composed = isSealed
      ? { app: sealedApp(pepper, requestId), gateway: undefined, close: () => Promise.resolve() }
      : composeServer({ ...options, driver, pepper, metrics, log, randomId, closing: () => closing });
    closers.push(composed.close);
    const { app, gateway } = composed;
    const record = requestRecorder(log, metrics);
    const server = httpListener({ app, gateway, record, requestId, closing: () => closing });
    const url = await listen(server, options);
    closers.push(() => drain(server, deadline));

    log.write("listening", { url, store: storeName(store), version });
    if (isSealed) log.write("sealed", { message: pepper.message });
    else await adviseOnAdminKeys(driver, options, log);
    await log.flush();
    return {
      url,
      sealed: isSealed,
      close: async (milliseconds = DRAIN_MS) => {
        closing = true;
        deadline = milliseconds;
        log.write("draining", {});
        await closeAll();
        log.write("closed", {});
        await log.flush();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const DRAIN_MS = 10_000;

/** The pepper, or why the platform is sealed. A store that fails for a moment is neither: then nothing starts. */
async function pepperOrSeal(driver: SqlDriver, options: UnsealOptions): Promise<Pepper | KeyApiError> {
  try {
    return await unseal(driver, options);
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "unavailable" && !error.retryable) return error;
    throw error;
  }
}

async function adviseOnAdminKeys(driver: SqlDriver, options: ServerOptions, log: JsonLog): Promise<void> {
  if (await hasAdminKey(driver)) return;
  const { store, pepperFile, pepperText } = options;
  // A pepper that a variable holds is there for the command too; a file's own needs no word.
  const stated = pepperText !== undefined || store === `file:${pepperFile.replace(/\.pepper$/, "")}`;
  const pepper = stated ? "" : ` --pepper-file ${shellWord(pepperFile)}`;
  const command = `algokeys admin create-key NAME --role admin --store ${shellWord(storeName(store))}${pepper}`;
  const message = `Nobody can use the management API yet. Make the first admin key where the store is: ${command}`;
  log.write("no-admin-key", { message });
}

/** A word as shells read it. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function listen(server: Server, { host, port }: ServerOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: Error & { readonly code?: unknown }) => {
      const message = `The server cannot listen on ${host}:${port} (${String(error.code)}). State another --listen address.`;
      reject(new KeyApiError("unavailable", message, { retryable: false, cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`);
    });
  });
}

/** Ends connections as their answers end, and at the deadline those that are left. */
async function drain(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise<"closed">((resolve) => {
    server.close(() => {
      resolve("closed");
    });
  });
  for (let waited = 0; waited < milliseconds; waited += PAUSE_MS) {
    server.closeIdleConnections();
    if ((await Promise.race([closed, setTimeout(PAUSE_MS)])) === "closed") return;
  }
  server.closeAllConnections();
  await closed;
}

const PAUSE_MS = 20;

/** The store's address without its password. */
function storeName(store: string): string {
  if (store.startsWith("file:")) return store;
  try {
    const url = new URL(store);
    url.password = "";
    for (const name of ["password", "sslpassword"]) url.searchParams.delete(name);
    return url.href;
  } catch {
    return "postgres://..."; // an address that only its own library can read
  }
}

/** 96 random bits: ids are drawn without asking, so they must never meet. */
function drawId({ random }: Pick<ServerOptions, "random">): string {
  return Buffer.from(random(12)).toString("hex");
}

/** Names requests: which process, and which of its requests. Drawn once, because each request would pay for more. */
function requestIds({ random }: Pick<ServerOptions, "random">): () => string {
  const prefix = Buffer.from(random(6)).toString("hex");
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}
