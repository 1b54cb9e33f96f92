import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openGateway, type OpenGateway } from "./open-gateway.ts";
import { requestText, sendRaw } from "./raw-client.ts";

const folder = mkdtempSync(join(tmpdir(), "algokeys-bytes-"));
let open: OpenGateway;
let key: string;

beforeAll(async () => {
  open = await openGateway(folder);
  const token = await open.keyFor({
    algorithms: ["algo://*"],
    data: "readwrite",
    origins: { native: true, web: "any" },
  });
  key = `Simple ${token.reveal()}`;
});

afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  open.seen.length = 0;
});

/** A request with a key that may do everything: only its form can be what refuses it. */
function request(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[] = [],
  body = "",
): string {
  return requestText(method, target, [["Authorization", key], ...headers], body);
}

function text(lines: readonly string[], body = ""): string {
  return `${[...lines, `Authorization: ${key}`, "Connection: close"].join("\r\n")}\r\n\r\n${body}`;
}

test("the same key and a well-formed request reach the upstream", async () => {
  expect((await sendRaw(open.port, request("POST", "/v1/algo/demo/hello", [], "{}"))).status).toBe(200);
  expect(open.seen).toHaveLength(1);
});

describe("never reaches the upstream:", () => {
  const junk = Array.from({ length: 1010 }, (_, index) => [`X-${index}`, "1"] as const);

  test.each<[string, number, () => string]>([
    [
      "1,010 headers before Origin",
      431,
      () => request("POST", "/v1/algo/demo/hello", [...junk, ["Origin", "https://evil.example"]]),
    ],
    ["101 headers", 431, () => request("POST", "/v1/algo/demo/hello", junk.slice(0, 98))],
    ["17 KiB of headers", 431, () => request("POST", "/v1/algo/demo/hello", [["X-Big", "x".repeat(17 * 1024)]])],
    ["a URL over 4 KiB", 414, () => request("POST", `/v1/algo/demo/hello?${"x".repeat(4096)}`)],
    [
      "two Origin",
      400,
      () =>
        request("POST", "/v1/algo/demo/hello", [
          ["Origin", "https://a.example"],
          ["origin", "https://a.example"],
        ]),
    ],
    [
      "two Referer",
      400,
      () =>
        request("POST", "/v1/algo/demo/hello", [
          ["Referer", "https://a.example/"],
          ["Referer", "https://a.example/"],
        ]),
    ],
    [
      "two Host",
      400,
      () =>
        request("POST", "/v1/algo/demo/hello", [
          ["Host", "a"],
          ["HOST", "a"],
        ]),
    ],
    ["two Authorization", 400, () => request("POST", "/v1/algo/demo/hello", [["Authorization", key]])],
    [
      "two If-Match",
      400,
      () =>
        request("PUT", "/v1/data/acme/x", [
          ["If-Match", '"a"'],
          ["If-Match", '"a"'],
        ]),
    ],
    [
      "two Idempotency-Key",
      400,
      () =>
        request("POST", "/v1/algo/demo/hello", [
          ["Idempotency-Key", "a"],
          ["Idempotency-Key", "a"],
        ]),
    ],
    ["an absolute-form target", 400, () => request("POST", "http://api.example.com/v1/algo/demo/hello")],
    ["an absolute-form target of another host", 400, () => request("GET", "http://evil.example/v1/data/acme/x")],
    ["dots in an algorithm's path", 403, () => request("POST", "/v1/algo/demo/x/../hello")],
    ["dots at the end", 403, () => request("POST", "/v1/algo/demo/..")],
    ["%2f in an algorithm's path", 403, () => request("POST", "/v1/algo/demo%2fhello")],
    ["%2e%2e in an algorithm's path", 403, () => request("POST", "/v1/algo/demo/%2e%2e")],
    ["; in an algorithm's path", 403, () => request("POST", "/v1/algo/demo/hello;v=1")],
    ["a backslash in an algorithm's path", 403, () => request("POST", "/v1/algo/demo\\hello")],
    ["dots in a data path", 400, () => request("GET", "/v1/data/../algo/demo/hello")],
    ["encoded dots in a data path", 400, () => request("GET", "/v1/data/%2e%2e/algo/demo/hello")],
    ["encoded slashes around dots", 400, () => request("GET", "/v1/data/acme%2f..%2f..%2falgo")],
    ["dots encoded twice", 400, () => request("GET", "/v1/data/acme/%252e%252e/x")],
    ["; in a data path", 400, () => request("GET", "/v1/data/acme/..;/x")],
    ["%3b in a data path", 400, () => request("GET", "/v1/data/acme/x%3b")],
    ["a backslash in a data path", 400, () => request("GET", "/v1/data/acme\\..\\x")],
    ["%5c in a data path", 400, () => request("GET", "/v1/data/acme%5c..%5cx")],
    ["%00 in a data path", 400, () => request("GET", "/v1/data/acme/x%00.png")],
    ["line ends in a data path", 400, () => request("GET", "/v1/data/acme/x%0d%0aX-Evil:1")],
    ["two slashes in a data path", 400, () => request("GET", "/v1/data//acme")],
    ["bytes that are no UTF-8", 400, () => request("GET", "/v1/data/acme/%ff")],
    ["half a percent sign", 400, () => request("GET", "/v1/data/acme/%2")],
    ["X-HTTP-Method-Override", 400, () => request("POST", "/v1/data/acme/x", [["X-HTTP-Method-Override", "DELETE"]])],
    ["X-HTTP-Method", 400, () => request("POST", "/v1/data/acme/x", [["X-HTTP-Method", "DELETE"]])],
    ["X-Method-Override", 400, () => request("POST", "/v1/data/acme/x", [["X-Method-Override", "DELETE"]])],
    ["?_method=", 400, () => request("POST", "/v1/data/acme/x?_method=DELETE")],
    ["?apiKey=", 400, () => request("POST", "/v1/algo/demo/hello?apiKey=simSECRET")],
    ["a GET with a body", 400, () => request("GET", "/v1/data/acme/x", [], "body")],
    ["Upgrade", 400, () => request("GET", "/v1/data/acme/x", [["Upgrade", "websocket"]])],
    [
      "a length beside chunks",
      400,
      () => request("POST", "/v1/algo/demo/hello", [["Transfer-Encoding", "chunked"]], "0\r\n\r\n"),
    ],
    [
      "chunks of another coding",
      400,
      () => request("POST", "/v1/algo/demo/hello", [["Transfer-Encoding", "xchunked"]]),
    ],
    [
      "chunked with a tail",
      400,
      () => request("POST", "/v1/algo/demo/hello", [["Transfer-Encoding", "chunked, identity"]]),
    ],
    [
      "two lengths",
      400,
      () =>
        request(
          "POST",
          "/v1/algo/demo/hello",
          [
            ["Content-Length", "1"],
            ["Content-Length", "2"],
          ],
          "",
        ),
    ],
    [
      "a space before the colon",
      400,
      () => text(["POST /v1/algo/demo/hello HTTP/1.1", "Host: a", "Content-Length : 0"]),
    ],
    [
      "a folded header",
      400,
      () => text(["POST /v1/algo/demo/hello HTTP/1.1", "Host: a", "Origin: https://a", " .example"]),
    ],
    [
      "a bare line feed in a header",
      400,
      () => text(["POST /v1/algo/demo/hello HTTP/1.1", "Host: a\nOrigin: https://a.example"]),
    ],
    ["no Host", 400, () => text(["POST /v1/algo/demo/hello HTTP/1.1"])],
    ["HTTP/2.0", 400, () => text(["POST /v1/algo/demo/hello HTTP/2.0", "Host: a"])],
  ])("%s", async (_name, status, bytes) => {
    const answer = await sendRaw(open.port, bytes());
    expect(answer.status).toBe(status);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(open.seen).toEqual([]);
  });

  test.each(["TRACE", "COPY", "PROPFIND", "QUERY", "GET", "DELETE"])("%s of an algorithm", async (method) => {
    const answer = await sendRaw(open.port, request(method, "/v1/algo/demo/hello"));
    expect([400, 405]).toContain(answer.status);
    expect(open.seen).toEqual([]);
  });

  test("CONNECT", async () => {
    const answer = await sendRaw(open.port, request("CONNECT", "127.0.0.1:80"));
    expect(answer.status).toBe(400);
    expect(open.seen).toEqual([]);
  });
});
