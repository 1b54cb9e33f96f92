import { Hono } from "hono";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KeyApi } from "../../../src/api/key-api.ts";
import { Secret } from "../../../src/core/secret.ts";
import { makeToken, tokenDigest, tokenMask } from "../../../src/core/token.ts";
import { adminAuthenticator, adminKeys } from "../../../src/platform/admin-keys.ts";
import { headerAuthenticator } from "../../../src/platform/http/authentication.ts";
import { originalKeyRoutes, type OriginalParts } from "../../../src/platform/http/original.ts";
import { keyService } from "../../../src/platform/service.ts";
import { openSqlite } from "../../../src/platform/store/sqlite-driver.ts";
import type { SqlDriver } from "../../../src/platform/store/sql-driver.ts";
import { unseal } from "../../../src/platform/unseal.ts";
import { tokenVerifier, type VerifyToken } from "../../../src/platform/verify.ts";
import { tempFolders } from "../open.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const REQUEST_ID = "request-1";
const folder = tempFolders();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const randomId = (): string => randomBytes(12).toString("hex");

let driver: SqlDriver;
let operator: KeyApi;
let verify: VerifyToken;
let parts: OriginalParts;
/** Tokens of admin keys, by their names. */
let tokens: Readonly<Record<"admin" | "writer" | "reader" | "bound" | "boundWriter" | "boundReader", string>>;
let failures: unknown[];
let templates: unknown[];

beforeEach(async () => {
  const home = folder();
  driver = await openSqlite({ file: join(home, "platform.db"), create: true });
  const pepper = await unseal(driver, { pepperFile: join(home, "pepper"), random: randomBytes, randomId });
  const clock = (): number => NOW;
  const caller = { actor: "operator", role: "admin", account: null, keyId: null } as const;
  const service: OriginalParts["service"] = (who) =>
    keyService({ driver, pepper, clock, randomId, caller: who, kind: "server" });
  operator = service(caller, undefined);
  for (const name of ["acme", "globex"]) await operator.createAccount({ name, defaultKey: "none" });
  const keys = adminKeys({ driver, pepper, clock, randomId }, caller);
  async function adminToken(
    name: string,
    role: "admin" | "writer" | "reader",
    account: string | null,
  ): Promise<string> {
    const token = makeToken("admin", randomBytes);
    const digest = tokenDigest(token, sha256);
    await keys.create({ name, role, account, digest, mask: tokenMask(token), expires: null });
    return token.reveal();
  }
  tokens = {
    admin: await adminToken("root", "admin", null),
    writer: await adminToken("deployer", "writer", null),
    reader: await adminToken("planner", "reader", null),
    bound: await adminToken("acme-admin", "admin", "acme"),
    boundWriter: await adminToken("acme-deployer", "writer", "acme"),
    boundReader: await adminToken("acme-planner", "reader", "acme"),
  };
  verify = tokenVerifier({ driver, pepper });
  failures = [];
  templates = [];
  const authenticate = headerAuthenticator(adminAuthenticator({ driver, pepper, clock }));
  parts = { service, authenticate, random: randomBytes, clock, failed: (error) => failures.push(error) };
});

afterEach(async () => {
  await driver.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function send(method: string, path: string, token?: string, body?: unknown): Promise<Answer> {
  const app = new Hono().route("/v1", originalKeyRoutes(parts));
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Simple ${token}` }),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(`http://platform${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
  });
  const context = {
    requestId: REQUEST_ID,
    askForBody: () => undefined,
    record: (fields: { route?: string }) => templates.push(fields.route),
  };
  const response = await app.fetch(request, context);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const PERMISSIONS = {
  allow_data: true,
  allow_data_write: false,
  allow_algo: true,
  allow_web_algo: true,
  referer_host: "my-website.com",
  allow_algo_management: false,
  algo_acl: ["algo://demos/sentiment_analysis/*"],
};

interface ToldKey {
  readonly api_key: string;
  readonly api_key_mask: string;
  readonly key_label: string;
}

async function make(label: string | undefined, path = "/v1/users/acme/keys"): Promise<ToldKey> {
  const body = {
    ...(label === undefined ? {} : { key_label: label }),
    key_type: "AlgorithmKey",
    permissions: PERMISSIONS,
  };
  const answer = await send("POST", path, tokens.writer, body);
  expect(answer).toMatchObject({ status: path.includes("/members/") ? 201 : 200 });
  return answer.body as ToldKey;
}

function refusal(code: number, message: unknown = expect.any(String)): object {
  return { error: { id: REQUEST_ID, code, message } };
}

describe("making a key", () => {
  test("answers it in the original's form with a token that works, and shows the token never again", async () => {
    const answer = await send("POST", "/v1/users/acme/keys", tokens.writer, {
      key_label: "Sentiment widget (product page)",
      key_type: "AlgorithmKey",
      permissions: PERMISSIONS,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const made = answer.body as ToldKey;
    expect(made).toEqual({
      username: "acme",
      key_label: "Sentiment widget (product page)",
      created_at: "2026-06-01T12:00:00.000Z",
      api_key_mask: `${made.api_key.slice(0, 7)}${"*".repeat(21)}`,
      api_key: expect.stringMatching(/^sim[0-9A-Za-z]{24}1$/) as string,
      key_type: "AlgorithmKey",
      permissions: PERMISSIONS,
      owner_name: "acme",
    });
    const request = {
      headers: [["Origin", "https://my-website.com"]] as const,
      target: { type: "algorithm", call: "demos/sentiment_analysis" } as const,
      now: NOW,
    };
    const { decision, key } = await verify({ type: "token", token: new Secret(made.api_key) }, request);
    expect(decision).toEqual({ effect: "allow", reason: "algo" });
    expect(key).toMatchObject({ account: "acme", name: "Sentiment-widget-product-page" });
    const listed = await send("GET", "/v1/users/acme/keys", tokens.reader);
    expect(listed).toMatchObject({ status: 200, body: [{ ...made, api_key: made.api_key_mask }] });
    expect(JSON.stringify(listed.body)).not.toContain(made.api_key);
  });

  test("counts its credential as delivered, so that adopting the key does not revoke it", async () => {
    await make("widget");
    const { keys } = await operator.listKeys("acme", { limit: 10 });
    expect(keys).toMatchObject([
      {
        name: "widget",
        managedBy: null,
        credentials: [{ acknowledgedAt: "2026-06-01T12:00:00.000Z", revokedAt: null }],
      },
    ]);
    expect(keys[0]?.lastChange.actor).toBe("deployer");
  });

  test("keeps every label exactly and gives those that meet a numbered name", async () => {
    const labels = [
      "Widget",
      "widget",
      "WIDGET!",
      "  \u201ccaf\u00e9\u201d au lait ",
      "\u5bb6",
      "",
      "x".repeat(200),
      undefined,
      undefined,
    ];
    for (const label of labels) await make(label);
    const { body } = await send("GET", "/v1/users/acme/keys", tokens.reader);
    const { keys } = await operator.listKeys("acme", { limit: 100 });
    expect((body as readonly ToldKey[]).map((key) => key.key_label)).toEqual([...labels.slice(0, 7), "key-3", "key-4"]);
    expect(keys.map((key) => key.name)).toEqual([
      "Widget",
      "widget-2",
      "WIDGET-3",
      "cafe-au-lait",
      "key",
      "key-2",
      "x".repeat(64),
      "key-3",
      "key-4",
    ]);
    expect(keys[0]?.spec.labels).toEqual({});
    expect(keys[1]?.spec.labels).toEqual({ "original.label": "widget" });
  });

  test("finds a free name even while others take names at the same time", async () => {
    await Promise.all(Array.from({ length: 6 }, () => make("widget")));
    const { keys } = await operator.listKeys("acme", { limit: 100 });
    expect(keys.map((key) => key.name).toSorted()).toEqual([
      "widget",
      ...[2, 3, 4, 5, 6].map((n) => `widget-${String(n)}`),
    ]);
  });

  test("brings default-key back under its own name", async () => {
    await make("default-key");
    const { keys } = await operator.listKeys("acme", { limit: 10 });
    expect(keys).toMatchObject([{ name: "default-key", spec: { labels: {} } }]);
  });

  test("of an organization's member is the organization's, and remembers the member", async () => {
    const answer = await send("POST", "/v1/organizations/acme/members/alice/keys", tokens.writer, {
      key_label: "alice",
      key_type: "AlgorithmKey",
      permissions: PERMISSIONS,
    });
    expect(answer).toMatchObject({ status: 201, body: { username: "alice", owner_name: "acme" } });
    const own = await send("POST", "/v1/organizations/acme/keys", tokens.writer, {
      key_label: "own",
      permissions: PERMISSIONS,
    });
    expect(own).toMatchObject({ status: 200, body: { username: "acme", owner_name: "acme" } });
    const listed = await send("GET", "/v1/organizations/acme/keys", tokens.reader);
    expect(listed.body).toMatchObject([{ username: "alice" }, { username: "acme" }]);
    const odd = await send("POST", "/v1/organizations/acme/members/a-b/keys", tokens.writer, {
      permissions: PERMISSIONS,
    });
    expect(odd).toMatchObject({ status: 400, body: refusal(6001) });
  });
});

describe("importing a key", () => {
  const path = "/v1/admin/users/acme/keys";

  test("registers the secret that its holder has, which then opens the key", async () => {
    const token = makeToken("caller", randomBytes);
    const body = { api_key: token.reveal(), key_label: "from elsewhere", permissions: PERMISSIONS };
    const answer = await send("POST", path, tokens.admin, body);
    expect(answer).toMatchObject({ status: 200, body: { api_key: token.reveal(), api_key_mask: tokenMask(token) } });
    const request = { headers: [], target: { type: "data", method: "GET" } as const, now: NOW };
    expect(await verify({ type: "token", token }, request)).toMatchObject({ decision: { effect: "allow" } });
    const again = await send("POST", path, tokens.admin, body);
    expect(again).toMatchObject({ status: 409, body: refusal(2015) });
    expect(JSON.stringify(again.body)).not.toContain(token.reveal());
  });

  test("refuses what could never be used here, and repeats nothing of it", async () => {
    const good = makeToken("caller", randomBytes).reveal();
    const wrongSum = `${good.slice(0, 25)}${good.slice(25, 27) === "00" ? "01" : "00"}1`;
    for (const api_key of [wrongSum, makeToken("admin", randomBytes).reveal(), "sim", 7, undefined]) {
      const { status, body } = await send("POST", path, tokens.admin, { api_key, permissions: PERMISSIONS });
      expect({ status, body }).toEqual({
        status: 400,
        body: refusal(6001, expect.stringContaining("api_key must be")),
      });
      if (typeof api_key === "string" && api_key !== "sim") expect(JSON.stringify(body)).not.toContain(api_key);
    }
  });

  test("needs the role admin", async () => {
    const answer = await send("POST", path, tokens.writer, {});
    expect(answer).toMatchObject({ status: 403, body: refusal(2001, expect.stringContaining("the role admin")) });
  });
});

describe("a listing", () => {
  test("holds every key of an account, however many", async () => {
    const spec = { description: "", algorithms: [], origins: { native: true, web: "none" }, data: "none" } as const;
    const rest = { management: false, enabled: true, expires: null, protect: false, labels: {}, rotation: null };
    const changes = Array.from({ length: 2500 }, (_, index) => ({
      action: "create" as const,
      name: `k${String(index)}`,
      spec: { ...spec, ...rest },
      managedBy: null,
      credential: null,
    }));
    await operator.commit("acme", { id: "many-keys-at-once", project: null, message: "", changes });
    const { body } = await send("GET", "/v1/users/ACME/keys", tokens.reader);
    expect((body as readonly ToldKey[]).map((key) => key.key_label)).toEqual(changes.map(({ name }) => name));
    expect((body as readonly ToldKey[])[0]).toMatchObject({ api_key: "", api_key_mask: "", username: "acme" });
  });

  test("says what restricts a key beyond the original's words", async () => {
    const made = await make("expiring");
    const { keys } = await operator.listKeys("acme", { limit: 10 });
    const [key] = keys;
    if (key === undefined) throw new Error("the key is not listed");
    const spec = { ...key.spec, expires: "2026-06-01T12:00:00Z" };
    const changes = [{ action: "update", id: key.id, revision: key.revision, spec }] as const;
    await operator.commit("acme", { id: "expire-at-noon-1", project: null, message: "", changes });
    const { body } = await send("GET", "/v1/users/acme/keys", tokens.reader);
    expect(body).toMatchObject([
      {
        key_label: made.key_label,
        permissions: { allow_algo: false, allow_data: false, algo_acl: [], also_restricted_by: ["expires"] },
      },
    ]);
  });
});

describe("refusals", () => {
  const paths = [
    ["GET", "/v1/users/globex/keys", 3000],
    ["POST", "/v1/users/globex/keys", 3000],
    ["POST", "/v1/admin/users/globex/keys", 3000],
    ["GET", "/v1/organizations/globex/keys", 3100],
    ["POST", "/v1/organizations/globex/keys", 3100],
    ["POST", "/v1/organizations/globex/members/alice/keys", 3100],
  ] as const;

  function bodyFor(method: string, path: string): object | undefined {
    if (method === "GET") return undefined;
    const isImport = path.includes("/admin/");
    return { permissions: PERMISSIONS, ...(isImport ? { api_key: makeToken("caller", randomBytes).reveal() } : {}) };
  }

  test("another account is not there for a bound admin key, in the same words as one that does not exist", async () => {
    const asked = [tokens.bound, tokens.boundWriter, tokens.boundReader].flatMap((token) =>
      paths.map((path) => [token, ...path] as const),
    );
    for (const [token, method, path, code] of asked) {
      const foreign = await send(method, path, token, bodyFor(method, path));
      const absent = await send(method, path.replace("globex", "nobody"), token, bodyFor(method, path));
      expect([path, foreign]).toMatchObject([path, { status: 404, body: refusal(code) }]);
      expect(absent.status).toBe(404);
      expect(JSON.stringify(absent.body)).toBe(JSON.stringify(foreign.body).replace("globex", "nobody"));
    }
    const { keys } = await operator.listKeys("globex", { limit: 10 });
    expect(keys).toEqual([]);
  });

  test("what the original never had is told in its own form", async () => {
    for (const path of ["/v1/nonsense", "/v1/users/acme", "/v1/organizations/acme/teams"]) {
      const { status, body } = await send("GET", path, tokens.admin);
      expect([path, status, body]).toEqual([path, 404, refusal(2015)]);
    }
  });

  test("no credential, a wrong one and a caller's key are all 401 with 2002", async () => {
    const { api_key: callerKey } = await make("caller");
    for (const [method, path] of paths) {
      for (const token of [undefined, "nonsense", makeToken("admin", randomBytes).reveal(), callerKey]) {
        const answer = await send(method, path, token, bodyFor(method, path));
        expect(answer).toMatchObject({ status: 401, body: refusal(2002, "Unknown or invalid API key") });
        expect(answer.headers.get("www-authenticate")).toBe("Simple");
      }
    }
  });

  test("a reader may list and make nothing", async () => {
    for (const [method, template] of paths) {
      const path = template.replace("globex", "acme");
      const { status, body } = await send(method, path, tokens.reader, bodyFor(method, path));
      expect([path, status]).toEqual([path, method === "GET" ? 200 : 403]);
      if (method === "POST") expect(body).toEqual(refusal(2001));
    }
    expect((await operator.listKeys("acme", { limit: 10 })).keys).toEqual([]);
  });

  test.each([
    ["no JSON", "{", 400, 2013],
    ["a field twice", '{"key_label":"a","key_label":"b"}', 400, 2013],
    ["deep nesting", "[".repeat(40) + "]".repeat(40), 400, 2013],
    ["a list", "[]", 400, 6001],
    ["an unknown field", { permissions: PERMISSIONS, managedBy: "x" }, 400, 6001],
    ["no permissions", { key_label: "a" }, 400, 6001],
    ["an admin key", { key_type: "PlatformAdminKey", permissions: PERMISSIONS }, 400, 6001],
    ["a secret of the client's choice", { api_key: "sim", permissions: PERMISSIONS }, 400, 6001],
    ["a label that is too long", { key_label: "x".repeat(201), permissions: PERMISSIONS }, 400, 6001],
    ["a label with NUL", { key_label: "a\0b", permissions: PERMISSIONS }, 400, 6001],
    ["too large a body", { key_label: "x".repeat(70_000), permissions: PERMISSIONS }, 413, 2015],
  ])("a body with %s makes nothing", async (_, body, status, code) => {
    const answer = await send("POST", "/v1/users/acme/keys", tokens.writer, body);
    expect(answer).toMatchObject({ status, body: refusal(code) });
    expect((await operator.listKeys("acme", { limit: 10 })).keys).toEqual([]);
    expect(failures).toEqual([]);
  });

  test("methods that the original never had are refused and say where to go", async () => {
    const answer = await send("DELETE", "/v1/users/acme/keys", tokens.admin);
    expect(answer).toMatchObject({ status: 405, body: refusal(5005, expect.stringContaining("/v2")) });
    expect(answer.headers.get("allow")).toBe("GET, POST");
    expect((await send("GET", "/v1/admin/users/acme/keys", tokens.admin)).headers.get("allow")).toBe("POST");
  });

  test("a store that has gone is 503 with Retry-After, and a bug is 500 without detail; both are reported", async () => {
    await driver.close();
    const gone = await send("GET", "/v1/users/acme/keys", tokens.reader);
    expect(gone).toMatchObject({ status: 503, body: refusal(5001) });
    expect(gone.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    const authenticate: OriginalParts["authenticate"] = () => Promise.reject(new TypeError("secret detail"));
    parts = { ...parts, authenticate };
    const bug = await send("GET", "/v1/users/acme/keys", tokens.reader);
    expect(bug).toMatchObject({ status: 500, body: refusal(5001, "Internal error") });
    expect(failures).toHaveLength(2);
    expect(templates).toContain("/v1/users/{account}/keys");
  });
});
