import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { framingProblem, MAX_HEADERS, MAX_URL, toldProblem } from "../../../src/platform/http/framing.ts";

type Headers = readonly (readonly [string, string])[];

function codeOf(
  method: string,
  url: string,
  headers: Headers = [],
  httpVersion = "1.1",
): readonly [number, string] | undefined {
  const host = headers.some(([name]) => name.toLowerCase() === "host") ? [] : ["Host", "api.example.com"];
  const found = framingProblem({ method, url, rawHeaders: [...host, ...headers.flat()], httpVersion });
  return found && [found.status, found.code];
}

function many(count: number): Headers {
  return Array.from({ length: count }, (_, index) => [`X-${index}`, "1"] as const);
}

describe("a well-framed request", () => {
  test.each<[string, string, Headers]>([
    ["GET", "/v1/data/acme/x?acl=true", [["Host", "a"]]],
    ["GET", "/", [["Content-Length", "0"]]],
    ["POST", "/v1/algo/a/b?timeout=10&stdout=true", [["Content-Length", "12"]]],
    ["POST", "/v1/algo/algo://a/b", [["Transfer-Encoding", "chunked"]]],
    ["DELETE", "/v1/data/acme/x%2Fy", [["transfer-encoding", "chunked"]]],
    ["GET", "/x", many(MAX_HEADERS - 1)],
    ["GET", `/${"x".repeat(MAX_URL - 1)}`, []],
    ["GET", "/x?key=apiKey&method=_method", []],
    ["GET", "/x?%zz", []],
    ["GET", "/x", [["Host", "my_service.internal:8080"]]],
    ["GET", "/x", [["Host", "[2001:db8::1]:8080"]]],
    ["POST", "/x", [["Expect", "100-Continue"]]],
    ["GET", "/x", [["Accept", "a"], ["Accept", "b"], ["Cookie", "c"], ["Cookie", "d"]]], // prettier-ignore
  ])("may be looked at further: %s %s", (method, url, headers) => {
    expect(codeOf(method, url, headers)).toBeUndefined();
  });
});

describe("a badly framed request is refused", () => {
  test.each<[string, string, Headers, number, string]>([
    ["GET", "/", many(MAX_HEADERS), 431, "too_many_headers"],
    ["GET", `/${"x".repeat(MAX_URL)}`, [], 414, "url_too_long"],
    ["GET", "http://evil.example/v1/algo/a/b", [], 400, "bad_target"],
    ["CONNECT", "evil.example:443", [], 400, "bad_target"],
    ["OPTIONS", "*", [], 400, "bad_target"],
    ["GET", "", [], 400, "bad_target"],
    ["GET", "/a#b", [], 400, "bad_target"],
    ["GET", "/a\tb", [], 400, "bad_target"],
    ["GET", "/a\x7fb", [], 400, "bad_target"],
    ["GET", "/\u00e4", [], 400, "bad_target"],
    ["GET", "/x?apiKey=1", [], 400, "key_in_url"],
    ["GET", "/x?a=1&API_KEY", [], 400, "key_in_url"],
    ["GET", "/x?a=1;api-key=2", [], 400, "key_in_url"],
    ["GET", "/x?%61pi%4bey=2", [], 400, "key_in_url"],
    ["GET", "/x?access_token=2", [], 400, "key_in_url"],
    ["POST", "/x?_method=DELETE", [], 400, "method_override"],
    ["POST", "/x?a&%5fMethod=DELETE", [], 400, "method_override"],
    ["POST", "/x", [["X-HTTP-Method-Override", "PUT"]], 400, "method_override"],
    ["POST", "/x", [["x-http-method", "PUT"]], 400, "method_override"],
    ["POST", "/x", [["X-Method-Override", ""]], 400, "method_override"],
    ["POST", "/x", [["X_HTTP_METHOD_OVERRIDE", "PUT"]], 400, "method_override"],
    ["POST", "/x", [["Content_Length", "3"], ["Content-Length", "4"]], 400, "bad_framing"], // prettier-ignore
    ["GET", "/x?token=simAbCdEfGhIjKlMnOpQrStUvWx1", [], 400, "key_in_url"],
    ["GET", "/x?a=b&next=%2Fy%3Fk%3Dsim%41bCdEfGhIjKlMnOpQrStUvWx1", [], 400, "key_in_url"],
    ["GET", "/x?apiKey[]=%zz%73im%41bCdEfGhIjKlMnOpQrStUvWx1", [], 400, "key_in_url"],
    ["GET", "/x?admAbCdEfGhIjKlMnOpQrStUvWx1", [], 400, "key_in_url"],
    ["POST", "/x", [["Transfer-Encoding", "gzip, chunked"]], 400, "bad_framing"],
    ["POST", "/x", [["Transfer-Encoding", "Chunked"]], 400, "bad_framing"],
    ["POST", "/x", [["Transfer-Encoding", "identity"]], 400, "bad_framing"],
    ["POST", "/x", [["Transfer-Encoding", ""]], 400, "bad_framing"],
    ["POST", "/x", [["Transfer-Encoding", "chunked"], ["transfer-encoding", "chunked"]], 400, "bad_framing"], // prettier-ignore
    ["POST", "/x", [["Transfer-Encoding", "chunked"], ["Content-Length", "3"]], 400, "bad_framing"], // prettier-ignore
    ["POST", "/x", [["Content-Length", "3"], ["Content-Length", "3"]], 400, "bad_framing"], // prettier-ignore
    ["POST", "/x", [["Content-Length", "+3"]], 400, "bad_framing"],
    ["POST", "/x", [["Content-Length", "3, 3"]], 400, "bad_framing"],
    ["GET", "/x", [["Content-Length", "3"]], 400, "body_not_allowed"],
    ["HEAD", "/x", [["Transfer-Encoding", "chunked"]], 400, "body_not_allowed"],
    ["GET", "/x", [["Upgrade", "websocket"]], 400, "upgrade_refused"],
    ["POST", "/x", [["upgrade", "h2c"]], 400, "upgrade_refused"],
    ["POST", "/x", [["Expect", "200-ok"]], 417, "bad_expectation"],
    ["POST", "/x", [["Expect", "100-continue, 100-continue"]], 417, "bad_expectation"],
  ])("%s %s %j: %i %s", (method, url, headers, status, code) => {
    expect(codeOf(method, url, headers)).toEqual([status, code]);
  });

  test.each([
    ...[
      "",
      "a b",
      "user@a.example",
      "user:word@a.example",
      "a.example/x",
      "a.example?x",
      "a.example#x",
      "a.example,b.example",
    ],
    ...[
      "a.example:",
      "a.example:http",
      "a.example:123456",
      "a\u0000b",
      "\u00e4.example",
      "[::1",
      "::1",
      "[::1]x",
      "[g::]",
    ],
  ])("with %j for its Host", (host) => {
    expect(codeOf("GET", "/", [["Host", host]])).toEqual([400, "bad_host"]);
  });

  test("without a Host in HTTP/1.1", () => {
    const bare = { method: "GET", url: "/", rawHeaders: [] };
    expect(framingProblem({ ...bare, httpVersion: "1.1" })).toEqual({ status: 400, code: "bad_host" });
    expect(framingProblem({ ...bare, httpVersion: "1.0" })).toBeUndefined();
  });

  test("of another version than HTTP/1.0 and 1.1, or chunked in 1.0", () => {
    for (const version of ["0.9", "2.0", ""]) expect(codeOf("GET", "/", [], version)).toEqual([400, "bad_framing"]);
    expect(codeOf("POST", "/", [["Transfer-Encoding", "chunked"]], "1.0")).toEqual([400, "bad_framing"]);
    expect(codeOf("GET", "/", [], "1.0")).toBeUndefined();
  });

  test.each([
    ...["Origin", "Referer", "Host", "Authorization", "Sec-Fetch-Site"],
    ...["If-Match", "Idempotency-Key", "Content-Type", "Content-Encoding"],
  ])("with two of %s, however spelled and wherever they stand", (name) => {
    const twice: Headers = [[name, "a"], ...many(3), [name.toUpperCase(), "a"]];
    expect(codeOf("GET", "/", twice)).toEqual([400, "duplicate_header"]);
  });
});

describe("a request that is told of", () => {
  test("need not say its Host, and is refused for all else that a request is refused for", () => {
    const told = { method: "POST", url: "/x", rawHeaders: [] };
    expect(toldProblem(told)).toBeUndefined();
    const refused = [
      { ...told, method: "FOO" },
      { ...told, method: "post" },
      { ...told, method: "CONNECT" },
      { ...told, rawHeaders: ["Host", "a b"] },
      { ...told, rawHeaders: many(MAX_HEADERS + 1).flat() },
    ].map((request) => toldProblem(request)?.code);
    expect(refused).toEqual(["bad_request", "bad_request", "bad_request", "bad_host", "too_many_headers"]);
  });

  test("is judged as it would be by itself, whatever it is", () => {
    const header = fc.tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }));
    const url = fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.webPath());
    fc.assert(
      fc.property(fc.constantFrom("GET", "POST"), url, fc.array(header), (method, target, headers) => {
        const request = { method, url: target, rawHeaders: ["Host", "a", ...headers.flat()] };
        expect(toldProblem(request)).toEqual(framingProblem({ ...request, httpVersion: "1.1" }));
      }),
    );
  });
});
