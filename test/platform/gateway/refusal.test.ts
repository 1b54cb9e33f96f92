import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeToken } from "../../../src/core/token.ts";
import { openGateway, type OpenGateway } from "./open-gateway.ts";
import { requestText, sendRaw, type RawAnswer } from "./raw-client.ts";

type Headers = readonly (readonly [string, string])[];

const folder = mkdtempSync(join(tmpdir(), "algokeys-refusal-"));
const SHOP = "https://shop.example.com";
let open: OpenGateway;
let native: string;
let web: string;

beforeAll(async () => {
  open = await openGateway(folder);
  native = (await open.keyFor({ algorithms: ["algo://demo/hello"] })).reveal();
  const hosts = { hosts: ["shop.example.com"] } as const;
  web = (await open.keyFor({ algorithms: ["algo://demo/hello"], origins: { native: false, web: hosts } })).reveal();
});

afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  open.seen.length = 0;
  open.records.length = 0;
});

async function call(method: string, target: string, headers: Headers): Promise<RawAnswer> {
  return await sendRaw(open.port, requestText(method, target, headers));
}

function errorOf({ body }: RawAnswer): { readonly message: string; readonly reason: string } {
  return (JSON.parse(body) as { error: { message: string; reason: string } }).error;
}

describe("a denial in the original's form", () => {
  test("says authorization required where there is no key", async () => {
    for (const headers of [[], [["Authorization", ""]], [["Authorization", "   "]]] as const) {
      const answer = await call("POST", "/v1/algo/demo/hello", headers);
      expect([answer.status, errorOf(answer).reason]).toEqual([401, "missing_key"]);
      expect(errorOf(answer).message).toMatch(/^authorization required/);
      expect(answer.headers["www-authenticate"]).toBe('Simple realm="algokeys", Bearer realm="algokeys"');
    }
  });

  test("names the algorithm that is not allowed, never its version nor what is no name", async () => {
    const refused = await call("POST", "/v1/algo/Other/Thing/1.2.3", [["Authorization", native]]);
    expect([refused.status, refused.headers["x-algokeys-reason"]]).toEqual([403, "not_in_list"]);
    expect(errorOf(refused).message).toBe(
      "algorithm algo://other/thing not allowed: this key's algorithms do not hold it",
    );
    const odd = await call("POST", "/v1/algo/%3Cscript%3E/x", [["Authorization", native]]);
    expect([odd.status, errorOf(odd).reason, odd.body.includes("script")]).toEqual([403, "bad_path_char", false]);
  });

  test("answers every key that opens nothing alike, of whatever form", async () => {
    const wrong = [
      `${native}x`,
      native.toLowerCase(),
      `Basic ${native}`,
      `Simple ${native} x`,
      "Simple",
      "x".repeat(9000),
    ];
    const answers = await Promise.all(
      wrong.map((key) => call("POST", "/v1/algo/demo/hello", [["Authorization", key]])),
    );
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([401, answers[0]?.body]);
    expect(open.records.map(({ reason, keyId }) => [reason, keyId])).toEqual(
      wrong.map(() => ["invalid_key", undefined]),
    );
  });

  test("tells an admin key that it makes no calls", async () => {
    const admin = await open.adminKey("admin");
    const answer = await call("POST", "/v1/algo/demo/hello", [["Authorization", `Simple ${admin.reveal()}`]]);
    expect([answer.status, errorOf(answer).reason]).toEqual([403, "wrong_kind"]);
  });

  test("tells a token that is no admin key, whatever it begins with, no more than any other", async () => {
    const unknown = makeToken("admin", randomBytes).reveal();
    const tokens = [unknown, `${unknown.slice(0, -2)}00`, "admNope", "simNope"];
    const answers = await Promise.all(
      tokens.map((token) => call("POST", "/v1/algo/demo/hello", [["Authorization", token]])),
    );
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([401, answers[0]?.body]);
    expect(answers.map(({ headers }) => headers["x-algokeys-reason"])).toEqual(tokens.map(() => "invalid_key"));
  });

  test("of a HEAD is a header, because there is no body", async () => {
    const answer = await call("HEAD", "/v1/data/acme/x", [["Authorization", native]]);
    expect([answer.status, answer.body]).toEqual([403, ""]);
    expect(answer.headers["x-error-message"]).toBe("this API key's data access is not enough for that");
  });

  test("says which methods there are", async () => {
    const answer = await call("GET", "/v1/algo/demo/hello", [["Authorization", native]]);
    expect([answer.status, errorOf(answer).reason]).toEqual([405, "method_not_allowed"]);
    expect(answer.headers["allow"]).toBe("POST, OPTIONS");
    const data = await call("TRACE", "/v1/data/acme/x", [["Authorization", native]]);
    expect([data.status, data.headers["allow"]]).toEqual([405, "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS"]);
  });

  test("keeps the connection for the next call of the client, if there was no body to read", async () => {
    const first = requestText("POST", "/v1/algo/demo/nope", [["Authorization", native]]).replace(
      "Connection: close\r\n",
      "",
    );
    const second = requestText("POST", "/v1/algo/demo/hello", [["Authorization", native]], "{}");
    const { bytes } = await sendRaw(open.port, first + second);
    expect(bytes.toString().match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 403", "HTTP/1.1 200"]);
  });
});

describe("what a page may read", () => {
  test("a preflight gets one answer, with or without a key, known route or not, and nothing is forwarded", async () => {
    const asks: Headers = [["Origin", SHOP], ["Access-Control-Request-Method", "POST"], ["Access-Control-Request-Headers", "authorization"]]; // prettier-ignore
    const targets = [
      "/v1/algo/demo/hello",
      "/v1/web/algo/demo/hello",
      "/v1/algo/no/such",
      "/v1/data/acme/x",
      "/v1/connector/s3",
    ];
    const answers = await Promise.all([
      ...targets.map((target) => call("OPTIONS", target, asks)),
      call("OPTIONS", "/v1/algo/demo/hello", [["Authorization", native]]),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, body]).toEqual([204, ""]);
      expect(headers).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-max-age": "7200",
      });
      expect(headers["access-control-allow-headers"]).toMatch(/^Authorization, Content-Type, Accept, .*, \*$/);
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
    expect(open.seen).toEqual([]);
  });

  test("an answer allows exactly the origin that was allowed", async () => {
    const answer = await call("POST", "/v1/web/algo/demo/hello", [["Authorization", web], ["Origin", SHOP]]); // prettier-ignore
    expect([answer.status, answer.headers["access-control-allow-origin"], answer.headers["vary"]]).toEqual([
      200,
      SHOP,
      "Origin",
    ]);
  });

  test.each([
    ["https://a.example", "https://a.example"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["chrome-extension://abc", "chrome-extension://abc"],
    ["null", "null"],
    ["*", undefined],
    ["https://a.example, *", undefined],
    ["https://*", undefined],
    ["https://a.example/x", undefined],
    ["a.example", undefined],
  ])("a key for any site: Origin %s is told %s", async (origin, told) => {
    const any = await open.keyFor({ algorithms: ["algo://demo/hello"], origins: { native: false, web: "any" } });
    const answer = await call("POST", "/v1/algo/demo/hello", [["Authorization", any.reveal()], ["Origin", origin]]); // prettier-ignore
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, told]);
  });

  test("a page that the key allows may read why its call is refused", async () => {
    const answer = await call("POST", "/v1/web/algo/demo/other", [["Authorization", web], ["Origin", SHOP]]); // prettier-ignore
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([403, SHOP]);
    expect(answer.headers["access-control-expose-headers"]).toContain("X-Algokeys-Reason");
  });

  test.each<[string, Headers]>([
    ["a foreign page", [["Origin", "https://evil.example"]]],
    ["a page without an origin", [["Origin", "null"]]],
    [
      "a page that lies in one of two headers",
      [
        ["Origin", SHOP],
        ["Referer", "https://evil.example/"],
      ],
    ],
  ])("%s may read nothing", async (_name, headers) => {
    for (const key of [web, native, "simUnknown"]) {
      const answer = await call("POST", "/v1/web/algo/demo/hello", [["Authorization", key], ...headers]);
      expect([401, 403]).toContain(answer.status);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect(answer.headers["vary"]).toBe("Origin");
    }
    expect(open.seen).toEqual([]);
  });

  test("the route for pages takes no caller that is none", async () => {
    const answer = await call("POST", "/v1/web/algo/demo/hello", [["Authorization", native]]);
    expect([answer.status, errorOf(answer).reason]).toEqual([403, "web_not_allowed"]);
  });
});

test("no record of any request bears a token or a query", async () => {
  await call("POST", "/v1/algo/demo/hello?secret=query", [["Authorization", native]]);
  await call("POST", `/v1/algo/demo/hello?apiKey=${native}`, []);
  await call("POST", `/v1/algo/${native}/x`, [["Authorization", `Simple ${native}`]]);
  expect(open.records.map(({ route, reason }) => [route, reason])).toEqual([
    ["/v1/algo/{call}", "algo"],
    ["/v1/algo/{call}", "key_in_url"],
    ["/v1/algo/{call}", "not_in_list"],
  ]);
  expect(JSON.stringify(open.records)).not.toMatch(/sim[A-Za-z0-9]{25}|secret|query/);
});
