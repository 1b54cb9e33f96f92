import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "../../../src/core/secret.ts";
import { drawCredential, drawId } from "../../contract/samples.ts";
import { sendRaw } from "../gateway/raw-client.ts";
import { serve, type Received, type SendOptions, type Serving } from "./serving.ts";

let serving: Serving;
let token: Secret;
let accounts = 0;
let account = "";

beforeAll(async () => {
  serving = await serve();
  token = await serving.adminToken({ name: "ci", role: "admin" });
});

afterAll(async () => {
  await serving.end();
});

beforeEach(async () => {
  account = `acme${accounts++}`;
  expect((await send("POST", "/v2/accounts", { body: { name: account, defaultKey: "none" } })).status).toBe(201);
});

function send(method: string, path: string, options: SendOptions = {}): Promise<Received> {
  return serving.send(method, path, { token, ...options });
}

const NEW_KEY = { name: "web", spec: { algorithms: ["algo://acme/*"] } };

async function madeKey(fields: Readonly<Record<string, unknown>> = {}): Promise<{ path: string; etag: string }> {
  const made = await send("POST", `/v2/accounts/${account}/keys`, { body: { ...NEW_KEY, ...fields } });
  expect(made.status).toBe(201);
  return { path: made.headers.get("location") ?? "", etag: made.headers.get("etag") ?? "" };
}

function refusal({ status, json }: Received): readonly unknown[] {
  const { code, detail } = json as { code: string; detail: string };
  return [status, code, detail];
}

describe("a single key over HTTP", () => {
  test("is made at its Location with its ETag, every field of its spec stated", async () => {
    const { credential } = drawCredential();
    const made = await send("POST", `/v2/accounts/${account}/keys`, {
      body: { ...NEW_KEY, credential, message: "hi" },
    });
    expect([made.status, made.headers.get("idempotent-replayed")]).toEqual([201, null]);
    const { id } = made.json as { id: string };
    expect(made.headers.get("location")).toBe(`/v2/accounts/${account}/keys/${id}`);
    expect(made.headers.get("etag")).toBe(`"${id}.1"`);
    expect(made.json).toMatchObject({
      account,
      spec: { data: "none", origins: { native: true, web: false }, expires: null, labels: {} },
      lastChange: { actor: "ci", project: null },
      credentials: [{ id: credential.id, mask: credential.mask }],
    });
    const read = await send("GET", `/v2/accounts/${account}/keys/${id}`);
    expect([read.text, read.headers.get("etag")]).toEqual([made.text, made.headers.get("etag")]);
    expect(read.text).not.toContain(credential.digest);
    const history = await send("GET", `/v2/accounts/${account}/change-sets`);
    expect(history.json).toMatchObject({ changeSets: [{ actor: "ci", message: "hi", results: [{ name: "web" }] }] });
  });

  test("is not sent again while its reader holds it", async () => {
    const { path, etag } = await madeKey();
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await send("GET", path, { headers: { "if-none-match": held } });
      expect([held, answer.status, answer.text, answer.headers.get("etag")]).toEqual([held, 304, "", etag]);
    }
    expect((await send("GET", path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("is changed field by field, by who has read it as it is", async () => {
    const { path, etag } = await madeKey({ spec: { algorithms: ["algo://*"], data: "read", labels: { team: "web" } } });
    const changed = await send("PATCH", path, {
      body: { name: "site", spec: { data: "none" } },
      headers: { "if-match": etag },
    });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, etag.replace(/1"$/, '2"')]);
    const spec = { algorithms: ["algo://*"], data: "none", labels: { team: "web" } };
    expect(changed.json).toMatchObject({ name: "site", renamedFrom: "web", spec });
    const stale = await send("PATCH", path, { body: { spec: { data: "read" } }, headers: { "if-match": etag } });
    expect(stale.json).toMatchObject({ status: 412, code: "stale", problems: [{ change: 0, code: "stale" }] });
  });

  test("is deleted, read while it can be restored, and restored", async () => {
    const { path, etag } = await madeKey();
    const deleted = await send("DELETE", path, { headers: { "if-match": etag } });
    expect(deleted.json).toMatchObject({ deletedAt: expect.any(String) as string });
    const then = deleted.headers.get("etag") ?? "";
    expect((await send("GET", path)).text).toBe(deleted.text);
    const gone = await send("PATCH", path, { body: { name: "site" }, headers: { "if-match": then } });
    expect(refusal(gone).slice(0, 2)).toEqual([412, "stale"]);
    const restored = await send("POST", `${path}/restore`, { headers: { "if-match": then } });
    expect([restored.status, restored.json]).toMatchObject([200, { deletedAt: null }]);
    const list = await send("GET", `/v2/accounts/${account}/keys?state=deleted`);
    expect(list.json).toMatchObject({ keys: [], total: 0 });
  });

  test.each<[string, string | undefined, number]>([
    ["no ETag", undefined, 428],
    ["any ETag", "*", 400],
    ["a weak ETag", "W/ETAG", 400],
    ["two ETags", "ETAG, ETAG", 400],
    ["an ETag without quotes", "BARE", 400],
    ["the ETag of another key", '"abcdef.1"', 412],
    ["the ETag of another moment", "LATER", 412],
  ])("is neither changed, deleted nor restored by who states %s", async (_, stated, status) => {
    const { path, etag } = await madeKey();
    const value = stated
      ?.replaceAll("ETAG", etag)
      .replace("BARE", etag.slice(1, -1))
      .replace("LATER", etag.replace(".1", ".2"));
    const headers = value === undefined ? {} : { "if-match": value };
    const answers = [
      await send("PATCH", path, { body: { name: "site" }, headers }),
      await send("DELETE", path, { headers }),
      await send("POST", `${path}/restore`, { headers }),
    ];
    // A live key cannot be restored: that is said of the right key at whatever moment.
    const last = stated === "LATER" ? 409 : status;
    expect(answers.map((answer) => answer.status)).toEqual([status, status, last]);
    expect((await send("GET", path)).headers.get("etag")).toBe(etag);
  });

  test("is changed once however often a request is repeated under its id", async () => {
    const headers = { "idempotency-key": drawId() };
    const body = { ...NEW_KEY, credential: drawCredential().credential };
    const made = [
      await send("POST", `/v2/accounts/${account}/keys`, { body, headers }),
      await send("POST", `/v2/accounts/${account}/keys`, { body, headers }),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    expect(made.map((answer) => answer.headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expect(made[1]?.text).toBe(made[0]?.text);
    const path = made[0]?.headers.get("location") ?? "";
    for (const [method, patch] of [
      ["PATCH", { spec: { data: "read" } }],
      ["DELETE", undefined],
    ] as const) {
      const etag = (await send("GET", path)).headers.get("etag") ?? "";
      const again = { "if-match": etag, "idempotency-key": drawId() };
      const answers = [
        await send(method, path, { body: patch, headers: again }),
        await send(method, path, { body: patch, headers: again }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map((answer) => answer.headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    }
    expect((await send("GET", `/v2/accounts/${account}`)).json).toMatchObject({ revision: 3 });
  });

  test("is known as a repetition even after somebody else has changed the key, and changes nothing then", async () => {
    const made = await send("POST", `/v2/accounts/${account}/keys`, { body: NEW_KEY });
    const { id } = made.json as { id: string };
    const path = `/v2/accounts/${account}/keys/${id}`;
    const again = { "if-match": made.headers.get("etag") ?? "", "idempotency-key": drawId() };
    const patch = { body: { spec: { data: "read" } }, headers: again };
    const first = await send("PATCH", path, patch);
    const theirs = { "if-match": first.headers.get("etag") ?? "" };
    expect((await send("PATCH", path, { body: { spec: { data: "readwrite" } }, headers: theirs })).status).toBe(200);
    const second = await send("PATCH", path, patch);
    expect([second.status, second.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(second.json).toMatchObject({ spec: { data: "readwrite" } });
    const other = await send("PATCH", path, { ...patch, body: { spec: { data: "none" } } });
    expect(refusal(other).slice(0, 2)).toEqual([422, "invalid"]);
  });

  test("is not made under an id that stands for something else, or that is none", async () => {
    const headers = { "idempotency-key": drawId() };
    expect((await send("POST", `/v2/accounts/${account}/keys`, { body: NEW_KEY, headers })).status).toBe(201);
    const other = await send("POST", `/v2/accounts/${account}/keys`, { body: { ...NEW_KEY, name: "app" }, headers });
    expect(refusal(other).slice(0, 2)).toEqual([422, "invalid"]);
    const short = await send("POST", `/v2/accounts/${account}/keys`, {
      body: NEW_KEY,
      headers: { "idempotency-key": "short" },
    });
    expect(refusal(short)).toEqual([400, "invalid", "Idempotency-Key must be 16 to 64 letters, digits, - or _."]);
  });

  test("of nobody is not found by any route, whoever asks for it", async () => {
    const path = `/v2/accounts/${account}/keys/${drawId()}`;
    const headers = { "if-match": `"${path.split("/").at(-1) ?? ""}.1"` };
    const answers = [
      await send("GET", path),
      await send("PATCH", path, { body: { name: "site" }, headers }),
      await send("DELETE", path, { headers }),
      await send("POST", `${path}/restore`, { headers }),
      await send("GET", `${path}/usage`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });

  test("has a usage, empty at first", async () => {
    const { path } = await madeKey();
    expect((await send("GET", `${path}/usage?since=2026-01-01T00:00:00Z`)).json).toEqual({
      lastUsedAt: null,
      counts: [],
    });
    const wrong = await send("GET", `${path}/usage?since=yesterday`);
    expect(refusal(wrong)).toEqual([400, "invalid", "since must be an instant such as 2027-01-31T00:00:00Z."]);
  });
});

describe("a listing over HTTP", () => {
  test("comes in pages, and is not sent again until something changes", async () => {
    for (const name of ["a", "b", "c"]) await madeKey({ name });
    const first = await send("GET", `/v2/accounts/${account}/keys?limit=2`);
    const page = first.json as { keys: { name: string }[]; nextCursor: string; total: number; revision: number };
    expect([page.keys.map(({ name }) => name), page.total, page.revision]).toEqual([["a", "b"], 3, 3]);
    const rest = await send("GET", `/v2/accounts/${account}/keys?limit=2&cursor=${page.nextCursor}`);
    expect(rest.json).toMatchObject({ keys: [{ name: "c" }], nextCursor: null });
    const etag = first.headers.get("etag") ?? "";
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    const held = { headers: { "if-none-match": etag } };
    const again = await send("GET", `/v2/accounts/${account}/keys?limit=2`, held);
    expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
    for (const query of ["limit=3", "limit=2&state=deleted", `limit=2&cursor=${page.nextCursor}`]) {
      expect((await send("GET", `/v2/accounts/${account}/keys?${query}`, held)).status).toBe(200);
    }
    for (const query of ["limit=0", "limit=5000", "cursor=nonsense"]) {
      const any = { headers: { "if-none-match": "*" } };
      expect((await send("GET", `/v2/accounts/${account}/keys?${query}`, any)).status).toBe(422);
    }
    await madeKey({ name: "d" });
    expect((await send("GET", `/v2/accounts/${account}/keys?limit=2`, held)).status).toBe(200);
  });

  test.each([
    ["limit=two", 400],
    ["limit=-1", 400],
    ["limit=1.5", 400],
    ["limit=", 400],
    ["state=all", 400],
    ["limit=1&limit=2", 400],
    ["colour=red", 400],
    ["limit=0", 422],
    ["limit=1001", 422],
    ["cursor=history.1", 422],
    ["cursor=", 422],
  ])("with the query %s is refused with %i", async (query, status) => {
    const answer = await send("GET", `/v2/accounts/${account}/keys?${query}`);
    expect(refusal(answer).slice(0, 2)).toEqual([status, "invalid"]);
  });
});

describe("a body", () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

  test.each<[string, string, string, number, string]>([
    ["that is no JSON", "application/json", "{", 400, "is not JSON"],
    ["that is empty", "application/json", "", 400, "is not JSON"],
    [
      "that states a field twice",
      "application/json",
      '{"name":"a","name":"b","defaultKey":"none"}',
      400,
      "states a field twice",
    ],
    [
      "that states a field twice, spelled otherwise",
      "application/json",
      '{"name":"a","n\\u0061me":"b","defaultKey":"none"}',
      400,
      "states a field twice",
    ],
    ["that nests too deep", "application/json", deep(17), 400, "nests deeper than 16 levels"],
    ["that nests very deep", "application/json", deep(9_000), 400, "nests deeper than 16 levels"],
    [
      "with an unknown field",
      "application/json",
      '{"name":"a","defaultKey":"none","admin":true}',
      400,
      "admin is unknown",
    ],
    [
      "with the field __proto__",
      "application/json",
      '{"name":"a","defaultKey":"none","__proto__":{}}',
      400,
      "is unknown",
    ],
    ["of another type", "text/plain", "{}", 415, "must be JSON"],
    ["of JSON's sibling", "application/jsonp", "{}", 415, "must be JSON"],
    ["in another charset", "application/json; charset=latin1", "{}", 415, "must be UTF-8"],
    ["that is too large", "application/json", `"${"a".repeat(65_536)}"`, 413, "larger than 65536 bytes"],
  ])("%s is refused: %s", async (_, type, body, status, words) => {
    const answer = await send("POST", "/v2/accounts", { body, headers: { "content-type": type } });
    expect(refusal(answer)).toEqual([status, "invalid", expect.stringContaining(words)]);
    expect((await send("GET", "/v2/accounts/a")).status).toBe(404);
  });

  test("that is packed is refused, rather than read as it stands", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const answer = await send("POST", "/v2/accounts", { body: '{"name":"a","defaultKey":"none"}', headers });
    expect(refusal(answer)).toEqual([415, "invalid", expect.stringContaining("must not be compressed")]);
  });

  test("that is not UTF-8 is refused", async () => {
    const headers = { authorization: `Bearer ${token.reveal()}`, "content-type": "application/json" };
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const answer = await fetch(`${serving.url}/v2/accounts`, { method: "POST", headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([400, { detail: "The body is not UTF-8." }]);
  });

  test("that is too large is refused however it comes, before it has come", async () => {
    const head = [
      "POST /v2/accounts HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      `Authorization: Bearer ${token.reveal()}`,
    ];
    const announced = `${head.join("\r\n")}\r\nContent-Length: 65537\r\n\r\n`;
    const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
    const streamed = `${head.join("\r\n")}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`;
    for (const bytes of [announced, streamed]) {
      const answer = await sendRaw(Number(new URL(serving.url).port), bytes);
      expect([answer.status, answer.headers["connection"]]).toEqual([413, "close"]);
    }
  });

  test("has no place where none is taken", async () => {
    const { path, etag } = await madeKey();
    const headers = { "if-match": etag };
    for (const [method, target] of [
      ["DELETE", path],
      ["POST", `${path}/restore`],
    ] as const) {
      const answer = await send(method, target, { body: { force: true }, headers });
      expect(refusal(answer)).toEqual([400, "invalid", "This request takes no body."]);
    }
    expect((await send("GET", path)).headers.get("etag")).toBe(etag);
  });

  test("of a change set may be far larger, and tells of each change that is malformed", async () => {
    const change = { action: "create", ...NEW_KEY, managedBy: null, credential: null };
    const changes = Array.from({ length: 1_000 }, (_, index) => ({ ...change, name: `key-${index}` }));
    const changeSet = { id: drawId(), project: null, message: "", changes };
    const wrong = { ...changeSet, changes: [...changes, { ...change, colour: "red" }, { action: "explode" }] };
    const refused = await send("POST", `/v2/accounts/${account}/change-sets`, { body: wrong });
    expect(refused.json).toMatchObject({
      status: 400,
      code: "invalid",
      problems: [{ change: 1000 }, { change: 1001 }],
    });
    const done = await send("POST", `/v2/accounts/${account}/change-sets`, { body: changeSet });
    expect([done.status, (done.json as { results: unknown[] }).results.length]).toEqual([200, 1_000]);
  });
});

describe("a request for nothing", () => {
  test("is told that there is no such route, or no such method and which there are", async () => {
    for (const path of ["/", "/v2", "/v2/keys", "/v2/accounts/a/b/c/d", "/v1/nothing", "/v2/whoami/", "/V2/whoami"]) {
      expect([path, (await send("GET", path)).status]).toEqual([path, 404]);
    }
    const wrong = await send("PUT", `/v2/accounts/${account}/keys/x`);
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, PATCH, DELETE"]);
    expect((await send("POST", "/metrics")).headers.get("allow")).toBe("GET");
  });

  test("needs no credential to be told so, and learns nothing else", async () => {
    const answers = await Promise.all(
      [`/v2/accounts/${account}`, "/v2/accounts/nobody", "/v2/admin-keys", "/v2/whoami"].map((path) =>
        serving.send("GET", path),
      ),
    );
    const told = answers.map(({ json }) => ({ ...(json as object), requestId: "" }));
    expect(new Set(told.map((problem) => JSON.stringify(problem))).size).toBe(1);
    expect(told[0]).toMatchObject({
      status: 401,
      detail: "No admin key was shown. Send Authorization: Bearer ADMIN-KEY.",
    });
  });
});
