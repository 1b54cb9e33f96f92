import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Secret } from "../../../src/core/secret.ts";
import { schemaErrors } from "../../api/description.ts";
import { requestText, sendRaw, type RawAnswer } from "../gateway/raw-client.ts";
import { serve, type Serving } from "./serving.ts";

let serving: Serving;
let token: Secret;
let port = 0;

beforeAll(async () => {
  serving = await serve();
  token = await serving.adminToken();
  port = Number(new URL(serving.url).port);
});

afterAll(async () => {
  await serving.end();
});

/** A request that is served if nothing is wrong with its framing. */
function whoami(...headers: readonly (readonly [string, string])[]): string {
  return requestText("GET", "/v2/whoami", [["Authorization", `Bearer ${token.reveal()}`], ...headers]);
}

/** The same with other bytes in the place of some. */
function altered(from: string | RegExp, to: string): string {
  return whoami().replace(from, to);
}

function expectProblem(answer: RawAnswer, status: number): void {
  expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/problem+json"]);
  expect(schemaErrors("Problem", JSON.parse(answer.body))).toEqual([]);
  expect(answer.headers["connection"]).toBe("close");
}

const filler = (count: number): readonly (readonly [string, string])[] =>
  Array.from({ length: count }, (_, index) => [`X-Junk-${index}`, "1"] as const);

describe("the listener in front of the management API", () => {
  test("serves what is well framed, to the limits", async () => {
    expect((await sendRaw(port, whoami())).status).toBe(200);
    // Authorization, Host and Connection are three of the hundred.
    expect((await sendRaw(port, whoami(...filler(97)))).status).toBe(200);
    expect(
      (await sendRaw(port, whoami(["Origin", "https://example.com"], ["Referer", "https://example.com/"]))).status,
    ).toBe(200);
  });

  test.each<[string, () => string, number]>([
    ["a hundred and one headers", () => whoami(...filler(98)), 431],
    ["1,010 headers in front of an Origin", () => whoami(...filler(1_010), ["Origin", "https://evil.example"]), 431],
    ["headers of more than 16 KiB", () => whoami(["X-Long", "a".repeat(17_000)]), 431],
    ["a long URL", () => altered("/v2/whoami", `/v2/whoami?${"a".repeat(4_096)}`), 414],
    ["two Authorization headers", () => whoami(["authorization", "Bearer x"]), 400],
    ["two Host headers", () => whoami(["HOST", "localhost"], ["Host", "other"]), 400],
    ["two Origin headers", () => whoami(["Origin", "https://a.example"], ["origin", "https://b.example"]), 400],
    ["two Referer headers", () => whoami(["Referer", "https://a.example"], ["referer", "https://a.example"]), 400],
    ["two If-Match headers", () => whoami(["If-Match", '"a.1"'], ["If-Match", '"b.1"']), 400],
    [
      "two Idempotency-Key headers",
      () => whoami(["Idempotency-Key", "a".repeat(16)], ["Idempotency-Key", "a".repeat(16)]),
      400,
    ],
    ["an absolute URL", () => altered("/v2/whoami", "http://other.example/v2/whoami"), 400],
    ["an asterisk", () => altered("GET /v2/whoami", "OPTIONS *"), 400],
    ["a method override", () => whoami(["X-HTTP-Method-Override", "DELETE"]), 400],
    ["a key in its URL", () => altered("/v2/whoami", "/v2/whoami?apiKey=x"), 400],
    ["a body of GET", () => `${whoami(["Content-Length", "2"])}{}`, 400],
    [
      "both a length and chunks",
      () => `${whoami(["Content-Length", "5"], ["Transfer-Encoding", "chunked"])}0\r\n\r\n`,
      400,
    ],
    ["another coding", () => `${whoami(["Transfer-Encoding", "gzip, chunked"])}0\r\n\r\n`, 400],
    ["chunks in other words", () => `${whoami(["Transfer-Encoding", "Chunked "])}0\r\n\r\n`, 400],
    ["two lengths", () => `${whoami(["Content-Length", "0"], ["Content-Length", "2"])}{}`, 400],
    ["a folded header", () => whoami(["X-Folded", "a\r\n b"]), 400],
    ["a space before a colon", () => altered("Authorization:", "Authorization :"), 400],
    ["no Host", () => altered(/Host: .*\r\n/, ""), 400],
    ["a Host with a user", () => altered("api.example.com", "user@api.example.com"), 400],
    ["an expectation that nobody meets", () => whoami(["Expect", "miracles"]), 417],
    ["another protocol", () => altered("HTTP/1.1", "HTTP/2.0"), 400],
    ["no protocol at all", () => "hello\r\n\r\n", 400],
    ["a tunnel to elsewhere", () => altered("GET /v2/whoami", "CONNECT other.example:443"), 400],
  ])("refuses %s", async (_, bytes, status) => {
    const answer = await sendRaw(port, bytes());
    expectProblem(answer, status);
    expect(JSON.parse(answer.body)).toMatchObject({ requestId: answer.headers["x-request-id"] });
    expect(answer.body).not.toContain("actor");
  });

  test.each([
    "/v2/accounts/acme/../other/keys",
    "/v2/accounts/acme/./keys",
    "/v2/accounts/acme%2f..%2fother/keys",
    "/v2/accounts/%61cme",
    "/v2/accounts/acme;x=1",
    "/v2//accounts/acme",
    "//v2/whoami",
    "/v2\\whoami",
    "/v2/whoami/..",
    "/v2/accounts/\u00e4",
  ])("has no route %s, which others could read otherwise", async (path) => {
    const answer = await sendRaw(port, altered("/v2/whoami", path));
    expect(answer.status === 404 || answer.status === 400).toBe(true);
    expectProblem(answer, answer.status);
  });

  test("goes on serving a connection, request after request, each under a name of its own", async () => {
    const keepAlive = whoami().replace("Connection: close", "Connection: keep-alive");
    const { bytes } = await sendRaw(port, keepAlive + keepAlive + whoami());
    const names = [...bytes.toString().matchAll(/x-request-id: (\S+)/gi)].map(([, name]) => name);
    expect(new Set(names).size).toBe(3);
    expect(bytes.toString().match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  test("sends 100 Continue to who waits for it", async () => {
    const body = JSON.stringify({ name: "patient", defaultKey: "none" });
    const head = requestText("POST", "/v2/accounts", [
      ["Authorization", `Bearer ${token.reveal()}`],
      ["Content-Type", "application/json"],
      ["Content-Length", String(body.length)],
      ["Expect", "100-continue"],
    ]);
    const socket = connect(port, "127.0.0.1");
    socket.write(head);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(body);
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 201 /);
    socket.destroy();
  });

  test("asks for no body before it knows who sends it", async () => {
    const head = requestText("POST", "/v2/accounts", [
      ["Authorization", "Bearer admNobody"],
      ["Content-Type", "application/json"],
      ["Content-Length", "100"],
      ["Expect", "100-continue"],
    ]);
    const answer = await sendRaw(port, head);
    expectProblem(answer, 401);
    expect(answer.bytes.toString()).not.toContain("100 Continue");
  });

  test("lets a client that sends too much read why, and that one is not asked again", async () => {
    const route = requestText("POST", "/v2/accounts", [
      ["Authorization", `Bearer ${token.reveal()}`],
      ["Content-Type", "application/json"],
      ["Transfer-Encoding", "chunked"],
    ]).replace("Connection: close\r\n", "");
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    const answer = await sendRaw(port, route + chunk.repeat(40));
    expect(answer.reset).toBe(false);
    expectProblem(answer, 413);
    expect(answer.bytes.toString().match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test("logs and counts also what is no request at all, under the name that its answer bears", async () => {
    const before = serving.lines("request").length;
    const { headers } = await sendRaw(port, "nonsense\r\n\r\n");
    await vi.waitUntil(() => serving.lines("request").length > before);
    expect(serving.lines("request").at(-1)).toMatchObject({
      request: headers["x-request-id"],
      route: "unreadable",
      status: 400,
      reason: "bad_request",
    });
    const metrics = await serving.send("GET", "/metrics");
    expect(metrics.text).toMatch(/algokeys_requests_total\{route="unreadable",status="400"\} \d+\n/);
  });

  test("outlives a client that goes away in the middle of anything", async () => {
    const { length } = whoami();
    for (let cut = 1; cut < length; cut += 7) {
      const socket = connect(port, "127.0.0.1");
      socket.write(whoami().slice(0, cut), () => {
        socket.resetAndDestroy();
      });
      await once(socket, "close");
    }
    expect((await sendRaw(port, whoami())).status).toBe(200);
  });
});

describe.concurrent("the listener's patience", () => {
  test("ends after 10 seconds for headers that do not come", async ({ expect }) => {
    const began = Date.now();
    const answer = await sendRaw(port, "GET /v2/whoami HTTP/1.1\r\nHost: localhost\r\n");
    expectProblem(answer, 408);
    expect(Date.now() - began).toBeGreaterThan(9_000);
  });

  test("ends after 30 seconds for a body that stands still", { timeout: 60_000 }, async () => {
    const head = [
      "POST /v2/accounts HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      "Content-Length: 9",
    ];
    const answer = await sendRaw(port, `${head.join("\r\n")}\r\nAuthorization: Bearer ${token.reveal()}\r\n\r\n{`);
    expectProblem(answer, 408);
  });
});
