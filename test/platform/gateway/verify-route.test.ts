import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KeyApiError } from "../../../src/api/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { verifiedIdentity } from "../../../src/platform/gateway/identity.ts";
import { openGateway, type OpenGateway } from "./open-gateway.ts";
import { requestText, sendRaw, type RawAnswer } from "./raw-client.ts";

type Headers = readonly (readonly [string, string])[];

const folder = mkdtempSync(join(tmpdir(), "algokeys-verify-"));
const identitySecret = new Secret("between gateway and upstream");
let open: OpenGateway;
let key: string;

beforeAll(async () => {
  open = await openGateway(folder, { parts: { identitySecret, upstream: undefined } });
  await open.platform.api.createAccount({ name: "other", defaultKey: "none" });
  key = (await open.keyFor({ algorithms: ["algo://demo/*"], data: "read" })).reveal();
});

afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  open.uses.length = 0;
  open.records.length = 0;
});

function nginx(method: string, uri: string): Headers {
  return [["X-Original-Method", method], ["X-Original-URI", uri]]; // prettier-ignore
}

function traefik(method: string, uri: string): Headers {
  return [["X-Forwarded-Method", method], ["X-Forwarded-Uri", uri]]; // prettier-ignore
}

async function ask(target: string, headers: Headers, token = key, method = "GET"): Promise<RawAnswer> {
  return await sendRaw(open.port, requestText(method, target, [["Authorization", token], ...headers]));
}

function outcome({ status, headers }: RawAnswer): readonly unknown[] {
  return [status, headers["x-algokeys-reason"]];
}

describe("an allowed request", () => {
  test("is 200 with headers that say whose key it is, signed for the request that goes on", async () => {
    const answer = await ask("/v2/verify", nginx("POST", "/v1/algo/demo/hello?a=b"));
    expect(outcome(answer)).toEqual([200, "owner"]);
    expect(answer.headers["x-algokeys-path"]).toBe("/v1/algo/demo/hello?a=b");
    const { keys } = await open.platform.api.listKeys("acme", { limit: 10 });
    const [{ id, name } = { id: "", name: "" }] = keys;
    expect([answer.headers["content-length"], answer.body]).toEqual(["0", ""]);
    const signed = { method: "POST", path: "/v1/algo/demo/hello?a=b" };
    const requestId = answer.headers["x-request-id"];
    expect(verifiedIdentity(answer.headers, signed, identitySecret, Date.now())).toEqual({
      account: "acme",
      keyId: id,
      keyName: name,
      requestId,
    });
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(open.records[0]).toMatchObject({ route: "/v2/verify", account: "acme", keyId: id, reason: "owner" });
  });

  test("tells the one spelling to forward, and which page may read the answer", async () => {
    const algorithm = await ask("/v2/verify", traefik("POST", "/v1/algo/algo://demo/hello"));
    expect(algorithm.headers["x-algokeys-path"]).toBe("/v1/algo/demo/hello");
    const data = await ask("/v2/verify/v1/data/acme%2Fphotos", []);
    expect(data.headers["x-algokeys-path"]).toBe("/v1/data/acme/photos");
    const web = (await open.keyFor({ algorithms: ["algo://demo/*"], origins: { native: false, web: "any" } })).reveal();
    const page = await ask(
      "/v2/verify",
      [...nginx("POST", "/v1/web/algo/demo/hello"), ["Origin", "https://a.example"]],
      web,
    );
    expect(page.headers["x-algokeys-allow-origin"]).toBe("https://a.example");
    const elsewhere: Headers = [...nginx("POST", "/v1/web/algo/no/such"), ["Origin", "https://a.example"]];
    const refused = await ask("/v2/verify", elsewhere, web);
    expect([refused.status, refused.headers["x-algokeys-allow-origin"]]).toEqual([403, "https://a.example"]);
  });

  test("is counted for its key, as a refused one is", async () => {
    await ask("/v2/verify", nginx("POST", "/v1/algo/Demo/Hello/1.0.0"));
    await ask("/v2/verify", nginx("PUT", "/v1/connector/s3/x"));
    await ask("/v2/verify", nginx("POST", "/v1/algo/foo//bar"), key);
    await ask("/v2/verify", nginx("POST", "/v1/algo/demo/hello"), "simUnknown");
    expect(open.uses.map(({ target, origin, allowed }) => [target, origin, allowed])).toEqual([
      ["algo://demo/hello", "native", true],
      ["connector:write", "native", false],
      ["other", "native", false],
    ]);
  });
});

describe("a refused request has the status that its client gets", () => {
  test.each<[string, Headers, number, string]>([
    ["no such permission", traefik("PUT", "/v1/data/acme/x"), 403, "data_not_allowed"],
    ["no such method", traefik("TRACE", "/v1/data/acme/x"), 405, "method_not_allowed"],
    ["a path with dots", traefik("GET", "/v1/data/acme/../x"), 400, "bad_path"],
    ["a key in its URL", traefik("GET", "/v1/data/acme/x?apiKey=simX"), 400, "key_in_url"],
    ["an override in its URL", traefik("GET", "/v1/data/acme/x?_method=PUT"), 400, "method_override"],
    ["an absolute target", traefik("GET", "http://evil.example/v1/data/acme/x"), 400, "bad_target"],
    ["a target that is none", traefik("GET", ""), 400, "bad_target"],
    ["a route that is none of ours", traefik("GET", "/v2/accounts"), 404, "no_route"],
    ["the check itself", traefik("GET", "/v2/verify"), 404, "no_route"],
    ["a preflight, because success would forward it", traefik("OPTIONS", "/v1/algo/demo/hello"), 403, "preflight"],
  ])("%s", async (_name, headers, status, reason) => {
    expect(outcome(await ask("/v2/verify", headers))).toEqual([status, reason]);
    const [method = "", uri = ""] = headers.map(([, value]) => value);
    const folded = await ask("/v2/verify", nginx(method, uri));
    expect(outcome(folded)).toEqual([403, reason]);
    expect(outcome(await ask("/v2/verify?deny=403", headers))).toEqual([403, reason]);
  });

  test("401 stays 401 for every proxy, and says how to authenticate", async () => {
    for (const headers of [nginx("POST", "/v1/algo/demo/hello"), traefik("POST", "/v1/algo/demo/hello")]) {
      const answer = await sendRaw(open.port, requestText("GET", "/v2/verify", headers));
      expect(outcome(answer)).toEqual([401, "missing_key"]);
      expect(answer.headers["www-authenticate"]).toMatch(/^Simple /);
    }
  });

  test("bad framing is 403 for nginx, which takes other statuses for a fault of the check", async () => {
    const twice: Headers = [["Origin", "https://a.example"], ["Origin", "https://b.example"]]; // prettier-ignore
    expect(outcome(await ask("/v2/verify", [...nginx("POST", "/v1/algo/demo/hello"), ...twice]))).toEqual([
      403,
      "duplicate_header",
    ]);
    expect(outcome(await ask("/v2/verify", [...traefik("POST", "/v1/algo/demo/hello"), ...twice]))).toEqual([
      400,
      "duplicate_header",
    ]);
  });
});

describe("a question with two meanings is refused:", () => {
  const uri = "/v1/data/acme/x";

  test.each<[string, string, Headers]>([
    ["no original request at all", "/v2/verify", []],
    ["headers of both kinds", "/v2/verify", [...traefik("GET", uri), ...nginx("GET", uri)]],
    ["a path and headers", `/v2/verify${uri}`, traefik("GET", uri)],
    ["a method without a URI", "/v2/verify", [["X-Forwarded-Method", "GET"]]],
    ["a URI without a method", "/v2/verify", [["X-Forwarded-Uri", uri]]],
    [
      "a method of one kind, a URI of the other",
      "/v2/verify",
      [
        ["X-Forwarded-Method", "GET"],
        ["X-Original-URI", uri],
      ],
    ],
    ["two methods", "/v2/verify", [...traefik("GET", uri), ["x-forwarded-method", "GET"]]],
    ["two URIs", "/v2/verify", [...traefik("GET", uri), ["X-Forwarded-Uri", uri]]],
    ["an empty method", "/v2/verify", traefik("", uri)],
  ])("%s", async (_name, target, headers) => {
    const { status, headers: told } = await ask(target, headers);
    expect([400, 403]).toContain(status);
    expect(told["x-algokeys-reason"]).toBe("ambiguous_request");
  });
});

describe("POST /v2/verify", () => {
  const request = { method: "POST", uri: "/v1/algo/demo/hello", headers: [] };

  async function decide(admin: Secret | string, body: unknown, type = "application/json"): Promise<RawAnswer> {
    const token = typeof admin === "string" ? admin : admin.reveal();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return await sendRaw(
      open.port,
      requestText(
        "POST",
        "/v2/verify",
        [
          ["Authorization", `Bearer ${token}`],
          ["Content-Type", type],
        ],
        text,
      ),
    );
  }

  test("tells any admin key the decision, allowed or not", async () => {
    for (const role of ["reader", "writer", "admin"] as const) {
      const admin = await open.adminKey(role);
      const allowed = await decide(admin, { token: key, request });
      expect(JSON.parse(allowed.body)).toMatchObject({
        decision: { effect: "allow", reason: "owner" },
        key: { account: "acme" },
      });
      const denied = await decide(admin, { token: key, request: { ...request, uri: "/v1/algo/foo/bar" } });
      expect(denied.status).toBe(200);
      expect(JSON.parse(denied.body)).toMatchObject({
        decision: { effect: "deny", reason: "not_in_list", status: 403 },
      });
      expect(allowed.body + denied.body).not.toContain(key);
    }
    expect(open.records.every(({ caller }) => caller !== undefined)).toBe(true);
  });

  test("hides the keys of other accounts from an admin key that is bound to one", async () => {
    const bound = await open.adminKey("admin", "other");
    const hidden = await decide(bound, { token: key, request });
    expect(JSON.parse(hidden.body)).toEqual({
      decision: { effect: "deny", reason: "invalid_key", status: 401 },
      key: null,
    });
    const unknown = await decide(bound, { digest: "0".repeat(64), request });
    expect(unknown.body).toBe(hidden.body);
    const own = (await open.keyFor({ algorithms: ["algo://demo/*"] }, "other")).reveal();
    expect(JSON.parse((await decide(bound, { token: own, request })).body)).toMatchObject({
      key: { account: "other" },
    });
    expect(open.uses).toHaveLength(1);
  });

  test("knows an admin key for what it is, as far as the asking one may know", async () => {
    const shown = (await open.adminKey("reader", "acme")).reveal();
    const deny = async (admin: Secret): Promise<unknown> =>
      (JSON.parse((await decide(admin, { token: shown, request })).body) as { decision: unknown }).decision;
    const wrongKind = { effect: "deny", reason: "wrong_kind", status: 403 };
    expect(await deny(await open.adminKey("reader"))).toEqual(wrongKind);
    expect(await deny(await open.adminKey("reader", "acme"))).toEqual(wrongKind);
    const unknown = { effect: "deny", reason: "invalid_key", status: 401 };
    expect(await deny(await open.adminKey("reader", "other"))).toEqual(unknown);
    expect(outcome(await ask("/v2/verify", traefik("POST", request.uri), shown))).toEqual([403, "wrong_kind"]);
  });

  test("is refused without an admin key, and with a key of an application", async () => {
    for (const wrong of ["", key, "admNope"]) {
      const answer = await decide(wrong, { token: key, request });
      expect(answer.status).toBe(401);
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
    }
  });

  test.each<[string, unknown, string, number]>([
    ["no JSON", "{", "application/json", 400],
    ["an unknown field", { token: "x", request, extra: 1 }, "application/json", 400],
    ["both a token and a digest", { token: "x", digest: "0".repeat(64), request }, "application/json", 400],
    ["neither", { request }, "application/json", 400],
    ["another type", "{}", "text/plain", 415],
    ["over 64 KiB", JSON.stringify({ token: "x".repeat(70_000), request }), "application/json", 413],
    ["too deep", `${"[".repeat(17)}${"]".repeat(17)}`, "application/json", 400],
  ])("is refused with %s", async (_name, body, type, status) => {
    const answer = await decide(await open.adminKey("reader"), body, type);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid", status });
  });
});

test("without an upstream the calls' own routes are not there", async () => {
  const answer = await ask("/v1/algo/demo/hello", [], key, "POST");
  expect(outcome(answer)).toEqual([404, "no_route"]);
});

test("a platform that cannot check keys allows nothing: 503 where it is known to pass, 500 where it is our fault", async () => {
  const failures = [
    [() => Promise.reject(new KeyApiError("unavailable", "secret path of a database")), 503, "unavailable"],
    [() => Promise.reject(new Error("a bug with a secret in it")), 500, "internal_error"],
    [() => { throw new Error("a bug with a secret in it"); }, 500, "internal_error"], // prettier-ignore
  ] as const;
  for (const [verify, status, reason] of failures) {
    const broken = await openGateway(mkdtempSync(join(folder, "broken-")), { parts: { verify } });
    for (const target of ["/v1/algo/demo/hello", "/v2/verify/v1/algo/demo/hello"]) {
      const answer = await sendRaw(broken.port, requestText("POST", target, [["Authorization", key]]));
      expect(outcome(answer)).toEqual([status, reason]);
      expect(answer.body).not.toContain("secret");
      expect(answer.headers["retry-after"]).toBe(status === 503 ? "1" : undefined);
    }
    expect([broken.seen.length, broken.failures.length]).toEqual([0, 2]);
    await broken.close();
  }
});
