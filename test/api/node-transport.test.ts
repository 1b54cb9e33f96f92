import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { nodeTransport, type NodeTransport, type NodeTransportOptions } from "../../src/api/node-transport.ts";
import type { WireRequest } from "../../src/api/transport.ts";
import { failure } from "../contract/expectations.ts";
import { tempFolders } from "../platform/open.ts";
import { testServers } from "./misbehaving-server.ts";

const servers = testServers();
const folder = tempFolders();
const open: NodeTransport[] = [];
afterEach(() => {
  for (const transport of open.splice(0)) transport.close();
});

const GET: WireRequest = { method: "GET", path: "/v2/platform", headers: { accept: "application/json" } };

function transportTo(url: string, options: Partial<NodeTransportOptions> = {}): NodeTransport {
  const transport = nodeTransport({ url, ...options });
  open.push(transport);
  return transport;
}

describe("a platform's address", () => {
  test.each([
    ["keys.example.com", "It looks like https://keys.example.com."],
    ["", "It looks like https://"],
    ["ftp://keys.example.com", "must begin with https://"],
    ["file:platform.db", "must begin with https://"],
    ["https://me:hunter2@keys.example.com", "must not hold a user or a password"],
    ["https://keys.example.com/?token=hunter2", "no query"],
    ["https://keys.example.com/#hunter2", "no fragment"],
    ["http://keys.example.com:8080/api", "Use https://keys.example.com:8080/api instead."],
    ["http://127.0.0.1.example.com", "Use https://127.0.0.1.example.com instead."],
    ["http://192.168.0.7", "Use https://192.168.0.7 instead."],
  ])("%j is refused, with what to write instead", (url, advice) => {
    expect(() => nodeTransport({ url })).toThrow(advice);
    expect(() => nodeTransport({ url })).not.toThrow("hunter2");
  });

  test.each(["http://localhost:8080", "http://127.0.0.1", "http://[::1]:80", "https://keys.example.com/prefix/"])(
    "%s is taken",
    (url) => {
      expect(() => nodeTransport({ url })).not.toThrow();
    },
  );

  test("may be http:// beyond this machine for those who say so", () => {
    expect(() => nodeTransport({ url: "http://keys.example.com", insecure: true })).not.toThrow();
  });
});

describe("an exchange", () => {
  test("carries method, path below the prefix, headers and body, and brings status, headers and body", async () => {
    const { url, requests } = await servers.http((request, response) => {
      request.on("data", (chunk) => response.write(String(chunk).toUpperCase()));
      request.on("end", () => response.end("é両方"));
      response.writeHead(418, { "X-One": "1", "set-cookie": ["a", "b"] });
    });
    const body = '{"name":"é"}';
    const answer = await transportTo(`${url}/prefix/`).send({
      method: "POST",
      path: "/v2/accounts?x=1",
      headers: { "content-type": "application/json", "idempotency-key": "abc" },
      body,
    });
    expect(answer).toMatchObject({ status: 418, body: `${body.toUpperCase()}é両方` });
    expect(answer.headers).toMatchObject({ "x-one": "1", "set-cookie": "a,b" });
    expect(requests[0]).toMatchObject({ method: "POST", url: "/prefix/v2/accounts?x=1" });
    expect(requests[0]?.headers).toMatchObject({ "idempotency-key": "abc", "content-length": "13" });
  });

  test("keeps its connection for the next one", async () => {
    const ports = new Set<number | undefined>();
    const { url } = await servers.http((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("{}");
    });
    const transport = transportTo(url);
    for (let count = 0; count < 5; count++) await transport.send(GET);
    expect(ports.size).toBe(1);
  });

  test("follows no redirect", async () => {
    const { url, requests } = await servers.http((_, response) => {
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect((await transportTo(url).send(GET)).status).toBe(307);
    expect(requests).toHaveLength(1);
  });

  test("asks for no packing on this machine, and unpacks what is packed all the same", async () => {
    const { url, requests } = await servers.http((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}"));
    });
    expect((await transportTo(url).send(GET)).body).toBe("{}");
    expect(requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("asks for packing where the answer goes over a network", async () => {
    const { url, requests } = await servers.http((_, response) => response.end("{}"));
    await transportTo(url.replace("127.0.0.1", "0.0.0.0"), { insecure: true }).send(GET);
    expect(requests[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  test("that is aborted ends with the signal's reason, before and during it", async () => {
    const { url, requests } = await servers.http((_, response) => response.write("{"));
    const transport = transportTo(url);
    const reason = new Error("stop");
    await expect(transport.send({ ...GET, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = transport.send({ ...GET, signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(requests).toHaveLength(0);
    const later = new AbortController();
    const slow = transport.send({ ...GET, signal: later.signal });
    setTimeout(() => {
      later.abort(reason);
    }, 50);
    await expect(slow).rejects.toBe(reason);
    expect(requests).toHaveLength(1);
  });

  test("after the end of the transport is refused", async () => {
    const { url } = await servers.http((_, response) => response.end("{}"));
    const transport = nodeTransport({ url });
    await transport.send(GET);
    transport.close();
    expect((await failure(transport.send(GET))).message).toBe("The connection was closed.");
  });
});

describe("an exchange that fails is unavailable", () => {
  const waits = { connect: 2000, idle: 150, whole: 600 };

  test("if nothing listens there", async () => {
    const error = await failure(transportTo("http://127.0.0.1:1").send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.message).toContain("Nothing answers at 127.0.0.1:1. Is the platform running");
  });

  test.each([
    ["before its answer", ""],
    ["within its head", "HTTP/1.1 200 OK\r\nContent-Le"],
    ["within a body of stated length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"],
    ["within a chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\r\n"],
  ])("if the connection is cut %s", async (_, bytes) => {
    const { url } = await servers.raw((socket) => {
      socket.once("data", () => socket.end(bytes));
    });
    const error = await failure(transportTo(url).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.message).toMatch(/^The connection to 127\.0\.0\.1:\d+ was cut \(/);
  });

  test.each([
    ["nothing at all", ""],
    ["half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"],
  ])("if there is silence after %s", async (_, bytes) => {
    const { url } = await servers.raw((socket) => {
      socket.once("data", () => socket.write(bytes));
    });
    const error = await failure(transportTo(url, { waits }).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.message).toContain("fell silent: nothing came from it for 0.15 s");
  });

  test("if no connection comes about in time", async () => {
    const { url } = await servers.raw(() => undefined); // TLS is never answered
    const short = { connect: 150, idle: 5000, whole: 5000 };
    const error = await failure(transportTo(url.replace("http:", "https:"), { waits: short }).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.message).toMatch(/^No connection to 127\.0\.0\.1:\d+ within 0\.15 s\. Is the address right/);
  });

  test("if the answer drips", async () => {
    const { url } = await servers.raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 30);
      socket.on("close", () => {
        clearInterval(drip);
      });
    });
    const error = await failure(transportTo(url, { waits }).send(GET));
    expect(error.message).toContain("did not send its whole answer within 0.6 s");
  });

  test("and need not be tried again, if it is not HTTP that is spoken", async () => {
    const { url } = await servers.raw((socket) => socket.end("220 mail.example.com ESMTP\r\n"));
    const error = await failure(transportTo(url).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: false });
    expect(error.message).toContain("does not speak HTTP/1.1. Check the platform's address");
  });

  test("and need not be tried again, if there is no such host", async () => {
    const error = await failure(transportTo("https://no-such-host.invalid").send(GET));
    expect(error.code).toBe("unavailable");
    // A machine without a resolver says that it could not ask, which may pass.
    expect(error.message).toMatch(/There is no host no-such-host\.invalid\. Check|could not be looked up just now/);
  });

  test.each([
    ["as it comes", false],
    ["unpacked", true],
  ])("if the answer is too large %s", async (_, packed) => {
    const text = "x".repeat(1_000_000);
    const { url } = await servers.http((_request, response) => {
      if (packed) response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text));
      else response.end(text);
    });
    const error = await failure(transportTo(url, { maxBytes: 100_000 }).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: false });
    expect(error.message).toContain("larger than the 100000 bytes");
  });

  test.each([
    ["no gzip where it says so", { "content-encoding": "gzip" }, Buffer.from("{}"), true],
    ["half a gzip", { "content-encoding": "gzip" }, gzipSync("{}".repeat(100)).subarray(0, 12), true],
    ["no UTF-8", {}, Buffer.from([0x22, 0xff, 0x22]), true],
    ["packed in another way", { "content-encoding": "br" }, Buffer.from("x"), false],
  ])("if the answer is %s", async (_, headers, body, retryable) => {
    const { url } = await servers.http((_request, response) => response.writeHead(200, headers).end(body));
    expect(await failure(transportTo(url).send(GET))).toMatchObject({ code: "unavailable", retryable });
  });
});

describe("over https", () => {
  async function secureServer(): Promise<{ readonly url: string; readonly ca: string; readonly close: () => void }> {
    const home = folder();
    const [key, cert] = [join(home, "key.pem"), join(home, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
    const making = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", ...subject];
    // Debian's package `openssl`; Node itself makes no certificates.
    execFileSync("openssl", [...making, "-keyout", key, "-out", cert], { stdio: "pipe" });
    const ca = readFileSync(cert, "utf8");
    const server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify(request.headers["accept-encoding"])));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;
    return { url, ca, close: () => server.close() };
  }

  test("a certificate that is trusted is, any other is not, and plain http is told from it", async () => {
    const { url, ca, close } = await secureServer();
    try {
      expect((await transportTo(url, { ca }).send(GET)).status).toBe(200);
      const untrusted = await failure(transportTo(url).send(GET));
      expect(untrusted).toMatchObject({ code: "unavailable", retryable: false });
      expect(untrusted.message).toContain("name its file in the variable NODE_EXTRA_CA_CERTS");
      const elsewhere = await failure(transportTo(url.replace("localhost", "127.0.0.1"), { ca }).send(GET));
      expect(elsewhere.message).toContain("The certificate of 127.0.0.1:");
    } finally {
      close();
    }
    const plain = await servers.http((_, response) => response.end("{}"));
    const error = await failure(transportTo(plain.url.replace("http:", "https:")).send(GET));
    expect(error).toMatchObject({ code: "unavailable", retryable: false });
    expect(error.message).toContain("does not speak TLS here");
  });
});
