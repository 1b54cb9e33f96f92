import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGateway, type OpenGateway } from "./open-gateway.ts";
import { parseAnswer, requestText, sendRaw, type RawAnswer } from "./raw-client.ts";

const folder = mkdtempSync(join(tmpdir(), "algokeys-last-"));
let open: OpenGateway;
let key: string;

beforeAll(async () => {
  open = await openGateway(folder);
  key = (await open.keyFor({ algorithms: ["algo://demo/*"], data: "readwrite" })).reveal();
});

afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  open.seen.length = 0;
  open.records.length = 0;
});

/** A call that is allowed, on a connection that is kept. */
function kept(headers: readonly (readonly [string, string])[] = [], body = ""): string {
  const text = requestText("POST", "/v1/algo/demo/hello", [["Authorization", key], ...headers], body);
  return text.replace("Connection: close\r\n", "");
}

function statusesOf({ bytes }: RawAnswer): readonly string[] {
  return bytes.toString().match(/HTTP\/1\.1 \d{3}/g) ?? [];
}

describe("one answer, which says that the connection ends, and its end:", () => {
  const keyless = kept([], "12345").replace(/Authorization: .*\r\n/, "");
  const chunked = kept([["Transfer-Encoding", "chunked"]]);

  test.each<[string, string, () => string]>([
    ["bodies of an unknown coding", "400", () => kept([["Transfer-Encoding", "xchunked"]]) + "0\r\n\r\n"],
    ["a length beside chunks", "400", () => kept([["Transfer-Encoding", "chunked"]], "5\r\nab")],
    ["two Origins", "400", () => kept([["Origin", "https://a.example"], ["Origin", "https://b.example"]])], // prettier-ignore
    ["a target that is none", "400", () => kept().replace("/v1/algo", "http://a.example/v1/algo")],
    ["another expectation", "417", () => kept([["Expect", "200-ok"]])],
    ["a refused call with a body", "401", () => keyless],
    ["a refused call whose body ends badly", "401", () => chunked.replace(/Authorization: .*\r\n/, "") + "zz\r\n"],
    ["a preflight with a body", "204", () => kept([], "12345").replace("POST", "OPTIONS")],
    [
      "a question of a proxy with a body",
      "400",
      () => kept([], "12345").replace("/v1/algo/demo/hello", "/v2/verify?x"),
    ],
    ["no HTTP", "400", () => "nonsense\r\n\r\n"],
    ["no Host", "400", () => kept().replace(/Host: .*\r\n/, "")],
    ["a tunnel", "400", () => kept().replace("POST /v1/algo/demo/hello", "CONNECT a.example:443")],
  ])("%s: %s, whatever follows", async (_name, status, bytes) => {
    for (const after of ["", kept(), `${kept()}nonsense\r\n\r\n`]) {
      const answer = await sendRaw(open.port, bytes() + after);
      expect([statusesOf(answer), answer.headers["connection"]]).toEqual([[`HTTP/1.1 ${status}`], "close"]);
    }
    expect(open.seen).toEqual([]);
    expect(open.records.map((record) => [record.status, record.cut])).toEqual(
      [1, 2, 3].map(() => [Number(status), false]),
    );
  });

  test("a request hidden in the body of a refused one is never answered as a request", async () => {
    const outer = kept([], kept()).replace(/Authorization: .*\r\n/, "");
    expect(statusesOf(await sendRaw(open.port, outer + kept()))).toEqual(["HTTP/1.1 401"]);
    expect(open.seen).toEqual([]);
  });

  test("who sends a large body that nobody wants reads the whole answer all the same", async () => {
    const socket = connect({ port: open.port, host: "127.0.0.1" });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
    socket.write(keyless.replace("Content-Length: 5", `Content-Length: ${1 << 30}`));
    const piece = Buffer.alloc(64 * 1024);
    while (chunks.length === 0) {
      socket.write(piece);
      await sleep(1);
    }
    for (let more = 0; more < 50; more += 1) socket.write(piece);
    await once(socket, "close");
    const answer = parseAnswer(Buffer.concat(chunks));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([401, { error: { reason: "missing_key" } }]);
  });
});

describe("what stands behind a good request", () => {
  test("is refused after that one's own answer, be it there already or not", async () => {
    expect(statusesOf(await sendRaw(open.port, `${kept()}nonsense\r\n\r\n`))).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    const question = kept().replace("POST /v1/algo", "GET /v2/verify/v1/data");
    const answer = await sendRaw(open.port, `${question}nonsense\r\n\r\n`);
    expect(statusesOf(answer)).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    const tunnel = kept().replace("POST /v1/algo/demo/hello", "CONNECT a.example:443");
    expect(statusesOf(await sendRaw(open.port, kept() + tunnel))).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    const reasons = open.records.map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(["bad_request", "bad_request", "bad_request", "data", "owner", "owner"]);
  });

  test("in a body that ends badly ends its call, which has no other answer", async () => {
    const answer = await sendRaw(open.port, `${kept([["Transfer-Encoding", "chunked"]])}zz\r\n`);
    expect(statusesOf(answer)).toEqual(["HTTP/1.1 400"]);
    expect(open.seen).toEqual([]);
  });
});
