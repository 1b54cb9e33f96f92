import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { httpKeyApi } from "../../src/api/http-client.ts";
import type { Caller, KeyApi } from "../../src/api/key-api.ts";
import { nodeTransport } from "../../src/api/node-transport.ts";
import type { Transport } from "../../src/api/transport.ts";
import { adminKeys } from "../../src/platform/admin-keys.ts";
import type { KeyApiApp } from "../../src/platform/http/app-context.ts";
import { jsonLog } from "../../src/platform/http/json-log.ts";
import { serverMetrics } from "../../src/platform/http/metrics.ts";
import { composeServer } from "../../src/platform/server-parts.ts";
import { openStore } from "../../src/platform/store/open-store.ts";
import { unseal } from "../../src/platform/unseal.ts";
import { describeKeyApi, type OpenPlatform } from "../contract/key-api.ts";
import { drawId } from "../contract/samples.ts";
import { tempFolders } from "../platform/open.ts";
import { DESCRIPTION, drawAdminKey, makeAdminKey, OWNER, serve } from "../platform/http/serving.ts";

const folder = tempFolders();

/** Carries requests into the app itself, as a server would, without a socket. */
function appTransport(app: KeyApiApp): Transport {
  return async ({ method, path, headers, body, signal }) => {
    const more = { ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) };
    const response = await app.fetch(new Request(`http://localhost${path}`, { method, headers, ...more }));
    const text = await response.text();
    signal?.throwIfAborted();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
  };
}

/** A client for each caller, each with an admin key of its own, which `register` makes before its first request. */
function clients(
  transport: Transport,
  register: (key: ReturnType<typeof drawAdminKey>["key"]) => Promise<unknown>,
): (caller: Pick<Caller, "actor" | "role" | "account">) => KeyApi {
  return ({ actor, role, account }) => {
    const { token, key } = drawAdminKey({ name: actor, role, account });
    let registered: Promise<unknown> | undefined;
    const ready: Transport = async (request) => {
      await (registered ??= register(key));
      return await transport(request);
    };
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });
    return httpKeyApi({ transport: ready, token, random: randomBytes, sleep });
  };
}

const TESTER = { actor: "tester", role: "admin", account: null } as const;

describeKeyApi("the client of an app without a socket", async (clock): Promise<OpenPlatform> => {
  const file = join(folder(), "platform.db");
  const driver = await openStore(`file:${file}`, { create: true });
  const pepper = await unseal(driver, { pepperFile: `${file}.pepper`, random: randomBytes, randomId: drawId });
  const stored = { driver, pepper, clock, randomId: drawId };
  const logged = new PassThrough();
  const lines: string[] = [];
  logged.on("data", (line) => lines.push(String(line)));
  const parts = composeServer({
    ...stored,
    metrics: serverMetrics("test"),
    log: jsonLog(logged, clock),
    description: DESCRIPTION,
    version: "test",
    random: randomBytes,
    closing: () => false,
    upstream: undefined,
    identitySecret: undefined,
    ownOrigin: undefined,
  });
  const as = clients(appTransport(parts.app), (key) => adminKeys(stored, OWNER).create(key));
  return {
    api: as(TESTER),
    as,
    close: async () => {
      await parts.close();
      await driver.close();
      expect(lines.filter((line) => line.includes('"bug"'))).toEqual([]); // not even where a client gives up
    },
  };
});

describeKeyApi("the client of a server on loopback", async (clock): Promise<OpenPlatform> => {
  const file = join(folder(), "platform.db");
  const [store, pepperFile] = [`file:${file}`, `${file}.pepper`];
  const serving = await serve({ store, pepperFile, clock });
  const transport = nodeTransport({ url: serving.url });
  const as = clients(transport.send, (key) => makeAdminKey(store, pepperFile, key));
  return {
    api: as(TESTER),
    as,
    close: async () => {
      transport.close();
      await serving.end();
      expect(serving.lines("bug")).toEqual([]);
    },
  };
});
