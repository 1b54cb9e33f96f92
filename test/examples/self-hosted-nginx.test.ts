import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PREFLIGHT } from "../../src/platform/gateway/cors.ts";
import { freePort, startNginx, type Nginx } from "../support/nginx.ts";
import { makeFolder, startSelfHosted, type SelfHosted } from "./self-hosted-world.ts";

const CONFIGURATION = fileURLToPath(new URL("../../examples/self-hosted/nginx.conf", import.meta.url));

const folder = makeFolder();
let world: SelfHosted;
let nginx: Nginx;
let port: number;
/** Between nginx and the upstream: sees every request as nginx sends it. */
let watch: Server;
let seen: IncomingMessage[];

beforeAll(async () => {
  world = await startSelfHosted(folder.path, { gateway: false });
  watch = createServer((incoming, outgoing) => {
    seen.push(incoming);
    const { method, url: path, rawHeaders: headers } = incoming;
    const { hostname: host, port: upstreamPort } = world.upstream;
    const forwarded = httpRequest({ host, port: upstreamPort, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => watch.listen(0, "127.0.0.1", resolve));
  port = await freePort();
  nginx = await startNginx(
    folder.path,
    withPorts({
      8080: Number(new URL(world.serving.url).port),
      8081: (watch.address() as AddressInfo).port,
      8088: port,
    }),
    port,
  );
});

afterAll(async () => {
  await nginx.stop();
  watch.closeAllConnections();
  watch.close();
  await world.end();
  folder.remove();
});

/** The example's own file, with the ports of this test in the places of its own; each stands in it exactly once. */
function withPorts(ports: Readonly<Record<number, number>>): string {
  return Object.entries(ports).reduce(
    (text, [before, after]) => {
      const parts = text.split(`127.0.0.1:${before};`);
      if (parts.length !== 2) throw new Error(`nginx.conf names port ${before} ${String(parts.length - 1)} times`);
      return parts.join(`127.0.0.1:${String(after)};`);
    },
    readFileSync(CONFIGURATION, "utf8"),
  );
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly json: unknown;
}

/** Sends a request to nginx, its target and headers byte for byte; `key` names a variable of the delivered secrets. */
function send(
  method: string,
  path: string,
  options: { readonly key?: string; readonly headers?: readonly string[]; readonly body?: string } = {},
): Promise<Answer> {
  const { key, headers = [], body = "" } = options;
  const authorization = key === undefined ? [] : ["Authorization", `Simple ${world.secrets[key] ?? ""}`];
  const length = body === "" ? [] : ["Content-Type", "application/json", "Content-Length", String(body.length)];
  const all = ["Host", "api.example.com", ...authorization, ...length, ...headers];
  seen = [];
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, method, path, headers: all, agent: false });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => {
        const isJson = response.headers["content-type"] === "application/json";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          json: isJson && text !== "" ? JSON.parse(text) : undefined,
        });
      });
    });
    outgoing.end(body);
  });
}

const HELLO = "/v1/algo/demo/Hello";

describe("behind Debian's nginx with the example's configuration", () => {
  test("an allowed call reaches the upstream, which learns whose key it is and never the key", async () => {
    const answer = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"' });
    expect(answer).toMatchObject({ status: 200, json: { result: "Hello HAL" } });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).toMatchObject({
      "x-algokeys-account": "acme",
      "x-algokeys-key-name": "greeter",
      "x-algokeys-signature": expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/) as string,
    });
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toContain(world.secrets["GREETER_KEY"]);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("identity headers that a client sends are replaced, in every spelling", async () => {
    const forged = ["X-Algokeys-Account", "globex", "X-Algokeys-Key-Name", "root", "X_Algokeys_Account", "globex"];
    const answer = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"', headers: forged });
    expect(answer.status).toBe(200);
    expect(seen[0]?.headers["x-algokeys-account"]).toBe("acme");
    expect(seen[0]?.headers["x-algokeys-key-name"]).toBe("greeter");
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toContain("globex");
  });

  test("nothing goes on that a client could say in another's name", async () => {
    const said = ["X-Algokeys-Anything", "X-Forwarded-For", "X-Forwarded-Anything", "X-Real-IP", "Forwarded", "Proxy-Authorization", "X-Original-URL", "X-Rewrite-Url", "X-Hop", "Cookie"]; // prettier-ignore
    const headers = ["Connection", "keep-alive, X-Hop", ...said.flatMap((name) => [name, "forged"])];
    const answer = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"', headers });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toContain("forged");
    expect(seen[0]?.headers).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
  });

  test("long queries go through to the limit, and past it the refusal says which", async () => {
    const ask = (length: number): Promise<Answer> =>
      send("POST", `${HELLO}?${"q".repeat(length)}`, { key: "GREETER_KEY", body: '"HAL"' });
    expect((await ask(4_000)).status).toBe(200);
    expect(await ask(5_000)).toMatchObject({ status: 403, json: { error: { reason: "url_too_long" } } });
    expect((await ask(9_000)).status).toBe(414);
    const many = Array.from({ length: 99 }, (_, index) => [`X-${index}`, "1"]).flat();
    expect(await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"', headers: many })).toMatchObject({
      status: 403,
      json: { error: { reason: "too_many_headers" } },
    });
    const large = ["X-A", "a".repeat(5_000), "X-B", "b".repeat(5_000)];
    const accepted = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"', headers: large });
    expect(accepted.status).toBe(200);
  });

  test("what a client says of its request as a proxy would is not believed", async () => {
    const claims = [
      "X-Original-URI",
      HELLO,
      "X-Original-Method",
      "POST",
      "X-Forwarded-Uri",
      HELLO,
      "X-Forwarded-Method",
      "POST",
    ];
    const answer = await send("POST", "/v1/algo/demos/sentiment_analysis", {
      key: "GREETER_KEY",
      body: '"HAL"',
      headers: claims,
    });
    expect(answer).toMatchObject({ status: 403, json: { error: { reason: "not_in_list" } } });
    expect(seen).toEqual([]);
  });

  test.each([
    ["no key", {}, HELLO, 401, "missing_key"],
    ["an unknown key", { headers: ["Authorization", "Simple simAAAA"] }, HELLO, 401, "invalid_key"],
    ["another algorithm", { key: "GREETER_KEY" }, "/v1/algo/demos/sentiment_analysis", 403, "not_in_list"],
    [
      "a key for pages only",
      { key: "STOREFRONT_WEB_KEY" },
      "/v1/algo/demos/sentiment_analysis",
      403,
      "native_not_allowed",
    ],
    ["data that the key may not use", { key: "GREETER_KEY" }, "/v1/data/.my/scores", 403, "data_not_allowed"],
    ["dot segments", { key: "GREETER_KEY" }, "/v1/algo/demo/x/../Hello", 403, "bad_segment"],
    ["an encoded slash", { key: "GREETER_KEY" }, "/v1/algo/demo%2fHello", 403, "bad_path_char"],
    ["a key in the URL", { key: "GREETER_KEY" }, `${HELLO}?apiKey=simAAAA`, 403, "key_in_url"],
    [
      "a second Origin",
      { key: "GREETER_KEY", headers: ["Origin", "https://a.dev", "Origin", "https://b.dev"] },
      HELLO,
      403,
      "duplicate_header",
    ],
    [
      "an override of the method",
      { key: "GREETER_KEY", headers: ["X-HTTP-Method-Override", "GET"] },
      HELLO,
      403,
      "method_override",
    ],
  ] as const)(
    "%s is refused with its reason and never reaches the upstream",
    async (_, options, path, status, reason) => {
      const answer = await send("POST", path, { ...options, body: '"HAL"' });
      expect([answer.status, answer.headers["x-algokeys-reason"]]).toEqual([status, reason]);
      expect(answer.json).toMatchObject({ error: { reason, message: expect.stringContaining(reason) as string } });
      expect(seen).toEqual([]);
    },
  );

  test("the upstream gets the path that was judged, also where clients write it otherwise", async () => {
    const answer = await send("POST", "/v1/algo/algo://demo/Hello?timeout=10", { key: "GREETER_KEY", body: '"HAL"' });
    expect(answer.status).toBe(200);
    expect(seen[0]?.url).toBe("/v1/algo/demo/Hello?timeout=10");
  });

  test("data is written and read, within what the key may do", async () => {
    const made = await send("POST", "/v1/data/.my", { key: "NIGHTLY_BATCH_KEY", body: '{"name":"behind nginx"}' });
    expect(made).toMatchObject({ status: 200, json: { result: "data://acme/behind nginx" } });
    const path = "/v1/data/acme/behind%20nginx/a%20b.json";
    expect(await send("PUT", path, { key: "NIGHTLY_BATCH_KEY", body: '{"score":1}' })).toMatchObject({ status: 200 });
    const read = await send("GET", path, { key: "DASHBOARD_KEY", headers: ["Accept", "application/json"] });
    expect(read).toMatchObject({ status: 200, json: { score: 1 } });
    expect(await send("DELETE", path, { key: "DASHBOARD_KEY" })).toMatchObject({ status: 403 });
    expect(await send("GET", "/v1/data/acme/nothing", { key: "DASHBOARD_KEY" })).toMatchObject({
      status: 404,
      json: { error: { message: "data://acme/nothing not found" } },
    });
  });

  test("pages of allowed sites may read their answers, those of others may not, and a preflight bears no key", async () => {
    const path = "/v1/web/algo/demos/sentiment_analysis";
    const preflight = await send("OPTIONS", path, {
      headers: ["Origin", "https://shop.example.com", "Access-Control-Request-Method", "POST"],
    });
    expect(preflight).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "*" } });
    expect(preflight.headers["access-control-allow-headers"]).toBe(PREFLIGHT[PREFLIGHT.indexOf("Access-Control-Allow-Headers") + 1]); // prettier-ignore
    expect(seen).toEqual([]);
    const from = (origin: string): Promise<Answer> =>
      send("POST", path, { key: "STOREFRONT_WEB_KEY", body: '"I love it"', headers: ["Origin", origin] });
    const allowed = await from("https://shop.example.com");
    expect(allowed.status).toBe(200);
    expect(allowed.headers["access-control-allow-origin"]).toBe("https://shop.example.com");
    expect(allowed.headers.vary).toContain("Origin");
    expect(allowed.headers["x-request-id"]).toBeDefined();
    const foreign = await from("https://evil.example.net");
    expect(foreign).toMatchObject({ status: 403, json: { error: { reason: "no_match" } } });
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    const other = await send("POST", "/v1/web/algo/demo/Hello", {
      key: "STOREFRONT_WEB_KEY",
      body: '"HAL"',
      headers: ["Origin", "https://shop.example.com"],
    });
    expect(other).toMatchObject({ status: 403, json: { error: { reason: "not_in_list" } } });
    expect(other.headers["access-control-allow-origin"]).toBe("https://shop.example.com");
    expect(other.headers["access-control-expose-headers"]).toContain("X-Algokeys-Reason");
    const native = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"' });
    expect(native.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("the management API is reached, and the question about calls is not", async () => {
    expect((await send("GET", "/v2/health/live")).status).toBe(200);
    expect(await send("GET", "/v1/users/acme/keys")).toMatchObject({ status: 401, json: { error: { code: 2002 } } });
    expect((await send("GET", "/v2/verify")).status).toBe(404);
    expect((await send("GET", "/algokeys-verify")).status).toBe(404);
    expect((await send("GET", "/elsewhere")).status).toBe(404);
  });
});

test("while algokeys is away, nothing is let through", async () => {
  await world.serving.server.close(1_000);
  const answer = await send("POST", HELLO, { key: "GREETER_KEY", body: '"HAL"' });
  expect(answer).toMatchObject({ status: 503, json: { error: { reason: "unavailable" } } });
  expect(answer.headers["retry-after"]).toBe("1");
  expect(seen).toEqual([]);
});
