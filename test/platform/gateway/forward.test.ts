import { once } from "node:events";
import http, { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { verifiedIdentity } from "../../../src/platform/gateway/identity.ts";
import { tempFolders } from "../open.ts";
import { listen, openGateway, shut, type OpenGateway } from "./open-gateway.ts";
import { parseAnswer, requestText, sendRaw } from "./raw-client.ts";

const folder = tempFolders();
const opened: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function open(options: Parameters<typeof openGateway>[1] = {}): Promise<OpenGateway & { readonly key: string }> {
  const gateway = await openGateway(folder(), options);
  opened.push(gateway);
  const token = await gateway.keyFor({
    algorithms: ["algo://demo/*"],
    data: "readwrite",
    origins: { native: true, web: "any" },
  });
  return { ...gateway, key: token.reveal() };
}

function namesOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
}

async function answerOf(
  request: http.ClientRequest,
): Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  request.on("error", () => undefined); // the answer tells it too
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers };
}

describe("what reaches the upstream", () => {
  test("is the method, the path with its query, the body and the client's own headers", async () => {
    const { port, key, seen } = await open();
    const headers = [
      ["Authorization", `Simple ${key}`],
      ["Content-Type", "text/plain"],
      ["X-Own", "1"],
      ["X-Own", "2"],
    ] as const;
    const answer = await sendRaw(
      port,
      requestText("POST", "/v1/algo/demo/Hello/1.0.0?timeout=10&stdout=true", headers, "Grüße"),
    );
    expect([answer.status, answer.body]).toEqual([200, '{"result":"ok"}']);
    expect(seen[0]).toMatchObject({
      method: "POST",
      url: "/v1/algo/demo/Hello/1.0.0?timeout=10&stdout=true",
      body: "Grüße",
    });
    expect(seen[0]?.headers).toMatchObject({ "content-type": "text/plain", "x-own": "1, 2" });
  });

  test.each([
    ["Simple", (key: string) => `Simple ${key}`],
    ["simple, as some write it", (key: string) => `simple  ${key}`],
    ["Bearer", (key: string) => `Bearer ${key}`],
    ["no scheme", (key: string) => key],
  ])("never bears the key, which may come with %s", async (_name, authorization) => {
    const { port, key, seen } = await open();
    const answer = await sendRaw(
      port,
      requestText("POST", "/v1/algo/demo/hello", [["Authorization", authorization(key)]]),
    );
    expect(answer.status).toBe(200);
    expect(JSON.stringify(seen)).not.toContain(key);
  });

  test("is the path that the original's Node client means when it sends the whole URI", async () => {
    const { port, key, seen } = await open();
    const header = [["Authorization", `Simple ${key}`]] as const;
    expect((await sendRaw(port, requestText("POST", "/v1/algo/algo://demo/Hello?timeout=5", header))).status).toBe(200);
    expect(seen[0]?.url).toBe("/v1/algo/demo/Hello?timeout=5");
    for (const wrong of [
      "algo://algo://demo/Hello",
      "ALGO://demo/Hello",
      "algo:/demo/Hello",
      "algo:%2F%2Fdemo/Hello",
    ]) {
      expect((await sendRaw(port, requestText("POST", `/v1/algo/${wrong}`, header))).status).toBe(403);
    }
    expect(seen).toHaveLength(1);
  });

  test("is one spelling of a data path, however the client encodes it", async () => {
    const { port, key, seen } = await open();
    const header = [["Authorization", key]] as const;
    const spellings: readonly (readonly [string, string])[] = [
      ["/v1/data", "/v1/data"],
      ["/v1/data/", "/v1/data/"],
      ["/v1/data?marker=a%2Fb", "/v1/data?marker=a%2Fb"],
      ["/v1/data/.my/photos/cat.jpg", "/v1/data/.my/photos/cat.jpg"],
      ["/v1/data/.my%2Fphotos%2Fcat.jpg", "/v1/data/.my/photos/cat.jpg"],
      ["/v1/data/%2emy/%70hotos/", "/v1/data/.my/photos/"],
      ["/v1/data/acme/a%20b%3Fc%23d%25e.txt", "/v1/data/acme/a%20b%3Fc%23d%25e.txt"],
      ["/v1/data/acme/%e2%82%ac", "/v1/data/acme/%E2%82%AC"],
      ["/v1/connector/s3+label/a,b:c@d=e&f$g", "/v1/connector/s3+label/a,b:c@d=e&f$g"],
      ["/v1/connector/s3%2Blabel%2Fx", "/v1/connector/s3+label/x"],
    ];
    for (const [sent] of spellings) expect((await sendRaw(port, requestText("GET", sent, header))).status).toBe(200);
    expect(seen.map(({ url }) => url)).toEqual(spellings.map(([, reached]) => reached));
  });

  test("bears no header of the connection, nor one that the connection names, nor one that passes for the gateway's", async () => {
    const { port, key, seen } = await open();
    const forged = [
      ["TE", "trailers"],
      ["Keep-Alive", "timeout=99"],
      ["Proxy-Authorization", "x"],
      ["Proxy-Connection", "x"],
      ["X-Secret-Hop", "x"],
      ["Forwarded", "for=1.1.1.1"],
      ["X-Real-IP", "1.1.1.1"],
      ["X-Forwarded-For", "1.1.1.1"],
      ["X-Forwarded-Anything", "1.1.1.1"],
      ["X-Algokeys-Account", "victim"],
      ["x-algokeys-key-id", "victim"],
      ["X_Algokeys_Key_Name", "victim"],
      ["X-Algokeys_Signature", "victim"],
      ["X_Forwarded_For", "victim"],
      ["X-Original-URL", "/victim"],
      ["X_Rewrite_Url", "/victim"],
    ] as const;
    const request = requestText("POST", "/v1/algo/demo/hello", [["Authorization", key], ...forged], "{}").replace(
      "Connection: close",
      "Connection: close, X-Secret-Hop, X-Algokeys-Account, Content-Length, X-Forwarded-For",
    );
    expect((await sendRaw(port, request)).status).toBe(200);
    const { rawHeaders = [], headers, body } = seen[0] ?? {};
    expect(JSON.stringify(rawHeaders)).not.toMatch(/victim|1\.1\.1\.1|secret-hop|trailers|timeout=99/i);
    const { "x-forwarded-for": from, "x-forwarded-proto": scheme, "x-forwarded-host": host } = headers ?? {};
    expect([from, scheme, host, body]).toEqual(["127.0.0.1", "https", "api.example.com", "{}"]);
    expect(headers?.["x-algokeys-account"]).toBe("acme");
    expect(new Set(namesOf(rawHeaders)).size).toBe(rawHeaders.length / 2);
  });

  test("says whose call it is, signed so that the upstream can check it", async () => {
    const identitySecret = new Secret("between gateway and upstream");
    const { port, key, seen, platform } = await open({ parts: { identitySecret } });
    const answer = await sendRaw(port, requestText("POST", "/v1/algo/demo/hello?a=b", [["Authorization", key]]));
    const { keys } = await platform.api.listKeys("acme", { limit: 10 });
    const { method, url, headers } = seen[0] ?? { method: "", url: "", headers: {} };
    const identity = verifiedIdentity(headers, { method, path: url }, identitySecret, Date.now());
    expect(identity).toEqual({
      account: "acme",
      keyId: keys[0]?.id,
      keyName: keys[0]?.name,
      requestId: answer.headers["x-request-id"],
    });
    expect(verifiedIdentity(headers, { method, path: `${url}c` }, identitySecret, Date.now())).toBeUndefined();
  });

  test("is framed as it came: by a length, in chunks, or without a body", async () => {
    const { port, key, seen } = await open();
    const header = [["Authorization", key]] as const;
    await sendRaw(port, requestText("PUT", "/v1/data/acme/a", header, "12345"));
    const chunked = requestText("DELETE", "/v1/data/acme/a", [...header, ["Transfer-Encoding", "chunked"]]);
    await sendRaw(port, `${chunked}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n`);
    await sendRaw(port, requestText("POST", "/v1/data/acme/a", header));
    await sendRaw(port, requestText("DELETE", "/v1/data/acme/a", header));
    await sendRaw(port, requestText("GET", "/v1/data/acme/a", header));
    const framing = seen.map(({ headers, body }) => [headers["content-length"], headers["transfer-encoding"], body]);
    expect(framing).toEqual([
      ["5", undefined, "12345"],
      [undefined, "chunked", "abcde"],
      ["0", undefined, ""],
      [undefined, undefined, ""],
      [undefined, undefined, ""],
    ]);
  });
});

describe("what comes back", () => {
  test("is the upstream's status, headers and body, without those of its connection and its own word on pages", async () => {
    const { port, key } = await open({
      upstream: (_request, response) => {
        response.writeHead(418, [
          "X-Data-Type",
          "file",
          "Set-Cookie",
          "a=1",
          "Set-Cookie",
          "b=2",
          "Vary",
          "Accept",
          "Access-Control-Allow-Origin",
          "*",
          "X-Algokeys-Reason",
          "forged",
          "Connection",
          "close, X-Hop",
          "X-Hop",
          "1",
        ]);
        response.end("teapot");
      },
    });
    const headers = [
      ["Authorization", key],
      ["Origin", "https://shop.example.com"],
    ] as const;
    const answer = await sendRaw(port, requestText("POST", "/v1/web/algo/demo/hello", headers));
    expect([answer.status, answer.body]).toEqual([418, "teapot"]);
    expect(answer.headers).toMatchObject({ "x-data-type": "file", "set-cookie": "a=1, b=2", vary: "Accept, Origin" });
    expect(answer.headers["access-control-allow-origin"]).toBe("https://shop.example.com");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    expect([answer.headers["x-hop"], answer.headers["x-algokeys-reason"]]).toEqual([undefined, undefined]);
  });

  test("of no content has no length", async () => {
    const { port, key } = await open({
      upstream: (request) => request.socket.end("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
    });
    const answer = await sendRaw(port, requestText("DELETE", "/v1/data/acme/x", [["Authorization", key]]));
    expect([answer.status, answer.headers["content-length"]]).toEqual([204, undefined]);
  });

  test("allows no page where no page called", async () => {
    const { port, key } = await open();
    const answer = await sendRaw(port, requestText("POST", "/v1/algo/demo/hello", [["Authorization", key]]));
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(answer.headers["vary"]).toBe("Origin");
  });

  test("of a HEAD has the upstream's headers and no body", async () => {
    const { port, key } = await open({
      upstream: (_request, response) => {
        response.writeHead(404, { "X-Error-Message": "no such file", "Content-Length": "99" });
        response.end();
      },
    });
    const answer = await sendRaw(port, requestText("HEAD", "/v1/data/acme/x", [["Authorization", key]]));
    expect([answer.status, answer.headers["x-error-message"], answer.body]).toEqual([404, "no such file", ""]);
  });

  test("streams as it comes: the head before the body, a piece before the next", async () => {
    const steps: (() => void)[] = [];
    const { port, key } = await open({
      upstream: (_request, response) => {
        response.writeHead(200);
        response.flushHeaders();
        steps.push(
          () => response.write("one"),
          () => response.end("two"),
        );
      },
    });
    const request = http
      .request({ port, host: "127.0.0.1", path: "/v1/data/acme/x", headers: { authorization: key } })
      .end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const pieces: string[] = [];
    response.on("data", (piece: Buffer) => pieces.push(piece.toString()));
    steps[0]?.();
    await once(response, "data");
    expect(pieces).toEqual(["one"]);
    steps[1]?.();
    await once(response, "end");
    expect(pieces.join("")).toBe("onetwo");
  });
});

describe("bodies go at the pace of the slower side:", () => {
  const MIB = 1024 * 1024;
  const SIZE = 64 * MIB;

  test("an upload waits for the upstream", async () => {
    let release = (): void => undefined;
    const { port, key } = await open({
      upstream: (request, response) => {
        release = () => {
          let size = 0;
          request.on("data", (chunk: Buffer) => (size += chunk.length));
          request.on("end", () => response.end(String(size)));
        };
      },
    });
    const headers = { authorization: key, "content-length": SIZE };
    const request = http.request({ port, host: "127.0.0.1", method: "PUT", path: "/v1/data/acme/x", headers });
    let sent = 0;
    const piece = Buffer.alloc(MIB);
    const pump = (): void => {
      while (sent < SIZE) {
        sent += MIB;
        if (!request.write(piece)) {
          request.once("drain", pump);
          return;
        }
      }
      request.end();
    };
    pump();
    await sleep(500);
    expect(sent).toBeLessThan(SIZE / 2);
    release();
    expect((await answerOf(request)).body).toBe(String(SIZE));
  });

  test("a download waits for the client", async () => {
    let sent = 0;
    const { port, key } = await open({
      upstream: (_request, response) => {
        const piece = Buffer.alloc(MIB);
        const pump = (): void => {
          while (sent < SIZE) {
            sent += MIB;
            if (!response.write(piece)) {
              response.once("drain", pump);
              return;
            }
          }
          response.end();
        };
        pump();
      },
    });
    const request = http
      .request({ port, host: "127.0.0.1", path: "/v1/data/acme/x", headers: { authorization: key } })
      .end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await sleep(500);
    expect(sent).toBeLessThan(SIZE / 2);
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect(size).toBe(SIZE);
  });
});

describe("a client that asks first (Expect: 100-continue)", () => {
  const EXPECT = [
    ["Expect", "100-continue"],
    ["Content-Length", "4"],
  ] as const;

  test("is told to go on once the call is allowed, and its body arrives", async () => {
    const { port, key, seen } = await open();
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write(requestText("POST", "/v1/algo/demo/hello", [["Authorization", key], ...EXPECT]));
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    expect(seen).toEqual([]);
    socket.write("body");
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen[0]).toMatchObject({ body: "body" });
    expect(seen[0]?.headers.expect).toBeUndefined();
    socket.destroy();
  });

  test("is refused without sending its body, and the connection ends", async () => {
    const { port } = await open();
    const answer = await sendRaw(
      port,
      requestText("POST", "/v1/algo/demo/hello", EXPECT).replace("Connection: close\r\n", ""),
    );
    expect(answer.status).toBe(401);
    expect(answer.bytes.toString()).not.toContain("100 Continue");
  });
});

describe("when something breaks", () => {
  test("an upstream that is not there is 502, in the original's form, and a page may read it", async () => {
    const gone = createServer();
    const port = await listen(gone);
    await shut(gone);
    const gateway = await open({ parts: { upstream: { url: new URL(`http://127.0.0.1:${port}`) } } });
    const headers = [
      ["Authorization", gateway.key],
      ["Origin", "https://a.example"],
    ] as const;
    const answer = await sendRaw(gateway.port, requestText("POST", "/v1/algo/demo/hello", headers, "{}"));
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { reason: "upstream_unreachable" } });
    expect(answer.headers["access-control-allow-origin"]).toBe("https://a.example");
    expect(gateway.records[0]).toMatchObject({ status: 502, reason: "upstream_unreachable", account: "acme" });
  });

  test("an upstream that stands still is 504, and its connection ends", async () => {
    let closed = false;
    const slow = createServer((request) => {
      request.socket.on("close", () => (closed = true));
    });
    opened.push({ close: () => shut(slow) });
    const url = new URL(`http://127.0.0.1:${await listen(slow)}`);
    const gateway = await open({ parts: { upstream: { url, idleMilliseconds: 100 } } });
    const answer = await sendRaw(
      gateway.port,
      requestText("POST", "/v1/algo/demo/hello", [["Authorization", gateway.key]]),
    );
    expect([answer.status, answer.headers["x-algokeys-reason"]]).toEqual([504, "upstream_timeout"]);
    await vi.waitUntil(() => closed);
  });

  test.each([
    ["by length", { "Content-Length": "100" }],
    ["in chunks", {}],
  ])("an answer that the upstream cuts (%s) never looks whole", async (_name, headers) => {
    const { port, key } = await open({
      upstream: (request, response) => {
        response.writeHead(200, headers);
        response.write("half", () => request.socket.destroy());
      },
    });
    const request = http
      .request({ port, host: "127.0.0.1", path: "/v1/data/acme/x", headers: { authorization: key } })
      .end();
    await expect(answerOf(request)).rejects.toThrow(/aborted|ECONNRESET/);
  });

  test("not even for a client of HTTP/1.0, to which an end is an end: the connection is reset", async () => {
    const { port, key } = await open({
      upstream: (request, response) => {
        response.writeHead(200);
        response.write("half", () => setTimeout(() => request.socket.destroy(), 50));
      },
    });
    const answer = await sendRaw(port, `GET /v1/data/acme/x HTTP/1.0\r\nHost: a\r\nAuthorization: ${key}\r\n\r\n`);
    expect(answer.reset).toBe(true);
  });

  test("an answer that stands still halfway is cut too", async () => {
    const slow = createServer((_request, response) => {
      response.write("half");
    });
    opened.push({ close: () => shut(slow) });
    const url = new URL(`http://127.0.0.1:${await listen(slow)}`);
    const gateway = await open({ parts: { upstream: { url, idleMilliseconds: 100 } } });
    const path = "/v1/data/acme/x";
    const request = http
      .request({ port: gateway.port, host: "127.0.0.1", path, headers: { authorization: gateway.key } })
      .end();
    await expect(answerOf(request)).rejects.toThrow(/aborted|ECONNRESET/);
  });

  test("a client that goes takes its call along", async () => {
    let cut = false;
    let began = false;
    const { port, key } = await open({
      upstream: (request) => {
        began = true;
        request.resume();
        request.socket.on("close", () => (cut = true));
      },
    });
    const headers = { authorization: key, "content-length": 100 };
    const request = http.request({ port, host: "127.0.0.1", method: "PUT", path: "/v1/data/acme/x", headers });
    request.on("error", () => undefined);
    request.write("half");
    await vi.waitUntil(() => began);
    request.destroy();
    await vi.waitUntil(() => cut);
  });

  test("a connection to the upstream serves one call after the other, but none after an error", async () => {
    const sockets: unknown[] = [];
    const { port, key } = await open({
      upstream: (request, response) => {
        if (!sockets.includes(request.socket)) sockets.push(request.socket);
        if (request.url === "/v1/data/acme/bad") {
          response.writeHead(200, { "Content-Length": "9" });
          response.write("half", () => setTimeout(() => request.socket.destroy(), 20));
        } else response.end("ok");
      },
    });
    const get = (path: string): Promise<unknown> => sendRaw(port, requestText("GET", path, [["Authorization", key]]));
    await get("/v1/data/acme/a");
    await get("/v1/data/acme/b");
    expect(sockets).toHaveLength(1);
    await get("/v1/data/acme/bad");
    await get("/v1/data/acme/c");
    expect(sockets).toHaveLength(2);
  });

  test("an upstream that answers before the body has come is heard, and the next call works", async () => {
    const { port, key } = await open({
      upstream: (request, response) => {
        if (request.method !== "PUT") response.end("ok");
        else {
          response.writeHead(413, { Connection: "close" });
          response.end("too large");
        }
      },
    });
    const headers = { authorization: key, "content-length": 1000 };
    const request = http.request({ port, host: "127.0.0.1", method: "PUT", path: "/v1/data/acme/x", headers });
    request.on("error", () => undefined);
    request.write("begin");
    expect(await answerOf(request)).toMatchObject({ status: 413, body: "too large" });
    expect((await sendRaw(port, requestText("GET", "/v1/data/acme/x", [["Authorization", key]]))).body).toBe("ok");
  });

  test("an answer that is no HTTP, and a switch of protocols that nobody asked for, are 502", async () => {
    const answers = [
      "nonsense\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ];
    for (const bytes of answers) {
      const odd = createServer();
      odd.removeAllListeners("request");
      odd.on("connection", (socket) => {
        socket.once("data", () => socket.end(bytes));
      });
      const url = new URL(`http://127.0.0.1:${await listen(odd)}`);
      const gateway = await open({ parts: { upstream: { url } } });
      const answer = await sendRaw(
        gateway.port,
        requestText("GET", "/v1/data/acme/x", [["Authorization", gateway.key]]),
      );
      expect(answer.status).toBe(502);
      await shut(odd);
    }
  });
});

test("many calls at once over kept connections each get their own answer", async () => {
  const { port, key } = await open({
    upstream: (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        setTimeout(() => response.end(`${request.url ?? ""} ${Buffer.concat(chunks).toString()}`), Math.random() * 5),
      );
    },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const call = async (index: number): Promise<void> => {
    const path = `/v1/algo/demo/hello?n=${index}`;
    const request = http.request({
      port,
      host: "127.0.0.1",
      agent,
      method: "POST",
      path,
      headers: { authorization: key },
    });
    request.end(`body ${index}`);
    expect((await answerOf(request)).body).toBe(`${path} body ${index}`);
  };
  await Promise.all(Array.from({ length: 200 }, (_, index) => call(index)));
  agent.destroy();
});

test("an upstream below a path, and over IPv6, is found", async () => {
  const seen: string[] = [];
  const upstream = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.end("ok");
  });
  await new Promise<void>((resolve) => upstream.listen(0, "::1", resolve));
  opened.push({ close: () => shut(upstream) });
  const address = upstream.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { port: own, key } = await open({ parts: { upstream: { url: new URL(`http://[::1]:${port}/base/`) } } });
  expect((await sendRaw(own, requestText("GET", "/v1/data/acme/x?y", [["Authorization", key]]))).status).toBe(200);
  expect(seen).toEqual(["/base/v1/data/acme/x?y"]);
});

test("parseAnswer joins chunks, so that the tests above compare whole bodies", () => {
  const bytes = Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  expect(parseAnswer(bytes).body).toBe("abcd");
});
