import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Secret } from "../../../src/core/secret.ts";
import type { KeySpec } from "../../../src/core/key-spec.ts";
import { makeToken, tokenDigest, tokenMask } from "../../../src/core/token.ts";
import { adminAuthenticator, adminKeys } from "../../../src/platform/admin-keys.ts";
import type { EmbeddedPlatform } from "../../../src/platform/embedded.ts";
import { gateway, type GatewayParts } from "../../../src/platform/gateway/gateway.ts";
import { httpListener } from "../../../src/platform/http/listener.ts";
import type { RequestRecord } from "../../../src/platform/http/request-record.ts";
import { pepperOf } from "../../../src/platform/pepper.ts";
import { openSqlite } from "../../../src/platform/store/sqlite-driver.ts";
import type { CallUse } from "../../../src/platform/usage/call-use.ts";
import { creation, drawCredential, drawId, sampleChangeSet, sampleSpec } from "../../contract/samples.ts";
import { openPlatform } from "../open.ts";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The gateway's own origin in these tests; the vectors know it. */
export const OWN_ORIGIN = "https://gw.acme.dev";

/** A request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A gateway on a real socket, before a real upstream, over a real platform with the account `acme`. */
export interface OpenGateway {
  readonly port: number;
  readonly platform: EmbeddedPlatform;
  /** What the upstream saw, in order. */
  readonly seen: SeenRequest[];
  /** What was told of requests that ended. */
  readonly records: RequestRecord[];
  /** What was counted. */
  readonly uses: CallUse[];
  /** What was told of answers that were our own or the database's fault. */
  readonly failures: unknown[];
  /** Makes a key of that spec; equal specs share one. */
  readonly keyFor: (spec?: Partial<KeySpec>, account?: string) => Promise<Secret>;
  /** Makes an admin key. */
  readonly adminKey: (role: "reader" | "writer" | "admin", account?: string) => Promise<Secret>;
  readonly close: () => Promise<void>;
}

/** Listens on a free port of the loopback. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends a server with all its connections. */
export async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Opens a gateway. `upstream` answers what is forwarded; absent, every call is answered `200 {"result":"ok"}`. */
export async function openGateway(
  folder: string,
  options: { readonly upstream?: RequestListener; readonly parts?: Partial<GatewayParts> } = {},
): Promise<OpenGateway> {
  const file = join(folder, "platform.db");
  const platform = await openPlatform(file);
  await platform.api.createAccount({ name: "acme", defaultKey: "none" });
  const driver = await openSqlite({ file, create: false });
  const pepper = pepperOf(Buffer.from(readFileSync(`${file}.pepper`, "utf8").trim(), "hex"));

  const seen: SeenRequest[] = [];
  const upstream = createServer((request, response) => {
    if (options.upstream !== undefined) {
      options.upstream(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", rawHeaders, headers } = request;
      seen.push({ method, url, rawHeaders, headers, body: Buffer.concat(chunks).toString() });
      response.setHeader("Content-Type", "application/json");
      response.end('{"result":"ok"}');
    });
  });
  const upstreamPort = await listen(upstream);

  const uses: CallUse[] = [];
  const failures: unknown[] = [];
  const records: RequestRecord[] = [];
  const served = gateway({
    verify: platform.verify,
    upstream: { url: new URL(`http://127.0.0.1:${upstreamPort}`) },
    identitySecret: undefined,
    ownOrigin: OWN_ORIGIN,
    usage: { record: (use) => uses.push(use) },
    authenticate: adminAuthenticator({ driver, pepper, clock: Date.now }),
    failed: (error) => failures.push(error),
    clock: Date.now,
    ...options.parts,
  });
  const server = httpListener({
    app: { fetch: () => Promise.resolve(new Response("not the gateway", { status: 404 })) },
    gateway: served,
    record: (record) => records.push(record),
    requestId: () => randomBytes(8).toString("hex"),
    closing: () => false,
  });
  const port = await listen(server);

  const keys = new Map<string, Secret>();
  return {
    port,
    platform,
    seen,
    records,
    uses,
    failures,
    keyFor: async (spec = {}, account = "acme") => {
      const name = account + JSON.stringify(spec);
      const known = keys.get(name);
      if (known !== undefined) return known;
      const { token, credential } = drawCredential();
      const change = creation(`key-${keys.size}`, { spec: sampleSpec(spec), credential });
      await platform.api.commit(account, sampleChangeSet([change]));
      keys.set(name, token);
      return token;
    },
    adminKey: async (role, account) => {
      const token = makeToken("admin", randomBytes);
      const digest = tokenDigest(token, (text) => createHash("sha256").update(text).digest("hex"));
      const caller = { actor: "tester", role: "admin", account: null, keyId: null } as const;
      const keys = adminKeys({ driver, pepper, clock: Date.now, randomId: drawId }, caller);
      const facts = { name: drawId(), role, account: account ?? null, expires: null };
      await keys.create({ ...facts, digest, mask: tokenMask(token) });
      return token;
    },
    close: async () => {
      await served.close();
      await shut(server);
      await shut(upstream);
      await driver.close();
      await platform.close();
    },
  };
}
