import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Caller } from "../../../src/api/key-api.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { makeToken, tokenDigest, tokenMask } from "../../../src/core/token.ts";
import { adminKeys, type AdminKey, type NewAdminKey } from "../../../src/platform/admin-keys.ts";
import { startServer, type RunningServer, type ServerOptions } from "../../../src/platform/server.ts";
import { openStore } from "../../../src/platform/store/open-store.ts";
import { unseal } from "../../../src/platform/unseal.ts";
import { drawId } from "../../contract/samples.ts";

/** The description that servers under test give, as text. */
export const DESCRIPTION: string = readFileSync(
  fileURLToPath(new URL("../../../schemas/key-api.openapi.json", import.meta.url)),
  "utf8",
);

/** A server on loopback over its own store, and what a test asks of it. */
export interface Serving {
  readonly server: RunningServer;
  readonly url: string;
  readonly folder: string;
  /** Everything that was logged so far. */
  readonly log: () => string;
  /** The lines of the log, parsed. */
  readonly lines: (event: string) => readonly Readonly<Record<string, unknown>>[];
  /** Makes an admin key in the store itself, as its owner does, and gives its token. */
  readonly adminToken: (fields?: Partial<NewAdminKey>) => Promise<Secret>;
  /** Sends a request with a token, and a body as JSON. */
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Received>;
  /** Closes the server; its store stays until {@link Serving.end}. */
  readonly end: () => Promise<void>;
}

/** What goes along with a request. */
export interface SendOptions {
  readonly token?: Secret | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, read. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if there is none, or it is none. */
  readonly json: unknown;
}

/** Draws an admin key as its maker does. */
export function drawAdminKey(fields: Partial<NewAdminKey> = {}): { readonly token: Secret; readonly key: NewAdminKey } {
  const token = makeToken("admin", randomBytes);
  const digest = tokenDigest(token, (text) => createHash("sha256").update(text).digest("hex"));
  const name = `key-${randomBytes(4).toString("hex")}`;
  const key = { name, role: "admin", account: null, expires: null, digest, mask: tokenMask(token), ...fields } as const;
  return { token, key };
}

/** Starts a server over a store of its own. */
export async function serve(options: Partial<ServerOptions> = {}): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-"));
  const store = options.store ?? `file:${join(folder, "platform.db")}`;
  const pepperFile = options.pepperFile ?? join(folder, "platform.db.pepper");
  const chunks: string[] = [];
  const server = await startServer({
    store,
    pepperFile,
    create: true,
    host: "127.0.0.1",
    port: 0,
    upstream: undefined,
    identitySecret: undefined,
    ownOrigin: undefined,
    log: memoryStream(chunks),
    version: "0.0.0-test",
    description: DESCRIPTION,
    clock: Date.now,
    random: randomBytes,
    ...options,
  });
  const log = (): string => chunks.join("");
  return {
    server,
    url: server.url,
    folder,
    log,
    lines: (event) =>
      log()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line["event"] === event),
    adminToken: async (fields) => {
      const { token, key } = drawAdminKey(fields);
      await makeAdminKey(store, pepperFile, key);
      return token;
    },
    send: (method, path, { token, body, headers = {} } = {}) =>
      receive(fetch(`${server.url}${path}`, requestOptions(method, token, body, headers))),
    end: async () => {
      await server.close(1_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The options of a request with a token and JSON. */
export function requestOptions(
  method: string,
  token: Secret | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): RequestInit {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const content = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  return { method, headers: { ...authorization, ...type, ...headers }, ...content };
}

/** Reads a whole answer. */
export async function receive(answer: Promise<Response>): Promise<Received> {
  const response = await answer;
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** Makes an admin key in a store, in the name of its owner. */
export async function makeAdminKey(store: string, pepperFile: string, key: NewAdminKey): Promise<AdminKey> {
  const driver = await openStore(store, { create: true });
  try {
    const pepper = await unseal(driver, { pepperFile, random: randomBytes, randomId: drawId });
    // One that has expired was made before.
    const clock = (): number => (key.expires === null ? Date.now() : Math.min(Date.now(), Date.parse(key.expires) - 1));
    return await adminKeys({ driver, pepper, clock, randomId: drawId }, OWNER).create(key);
  } finally {
    await driver.close();
  }
}

/** Whoever has the store itself. */
export const OWNER: Caller = { actor: "owner", role: "admin", account: null, keyId: null };

function memoryStream(chunks: string[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
}
