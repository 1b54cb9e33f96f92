import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { KeyApiError, type KeyApiErrorCode } from "../../src/api/errors.ts";
import { httpKeyApi } from "../../src/api/http-client.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { nodeTransport, type NodeTransport } from "../../src/api/node-transport.ts";
import { problem, problemOf, type Problem } from "../../src/api/problem.ts";
import type { Transport } from "../../src/api/transport.ts";
import { makeToken } from "../../src/core/token.ts";
import { Secret } from "../../src/core/secret.ts";
import { failure } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet } from "../contract/samples.ts";
import { DESCRIPTION } from "./description.ts";
import { jsonOf, testServers } from "./misbehaving-server.ts";

const servers = testServers();
const open: NodeTransport[] = [];
afterEach(() => {
  for (const transport of open.splice(0)) transport.close();
});

const TOKEN = makeToken("admin", (count) => new Uint8Array(count).fill(7));
const EXAMPLE = Object.fromEntries(
  Object.entries(DESCRIPTION.components.schemas).map(([name, { examples }]) => [
    name,
    (examples as unknown[] | undefined)?.[0],
  ]),
);

/** A client that waits for nothing, and the waits that it would have made. */
function clientOf(transport: Transport, token = TOKEN): { readonly api: KeyApi; readonly waits: readonly number[] } {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { api: httpKeyApi({ transport, token, sleep, random: (count) => new Uint8Array(count).fill(255) }), waits };
}

/** A client of a server that answers each request with the next of these; the last one answers all further ones. */
async function clientWith(
  ...answers: readonly RequestListener[]
): Promise<{ readonly api: KeyApi; readonly waits: readonly number[]; readonly requests: readonly IncomingMessage[] }> {
  const { url, requests } = await servers.http((request, response) => {
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
  });
  const transport = nodeTransport({ url, waits: { connect: 2000, idle: 200, whole: 2000 }, maxBytes: 1_000_000 });
  open.push(transport);
  return { ...clientOf(transport.send), requests };
}

function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): RequestListener {
  const type = status < 300 ? "application/json; charset=utf-8" : "application/problem+json";
  return (_, response) => response.writeHead(status, { "content-type": type, ...headers }).end(JSON.stringify(body));
}

function refused(
  facts: Parameters<typeof problem>[0],
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  const body = problem(facts);
  return json(body, body.status, headers);
}

const cut: RequestListener = (request, response) => {
  response.flushHeaders();
  request.socket.destroy();
};

describe("a call over the wire", () => {
  test("bears the token in its Authorization header and nowhere else", async () => {
    const { api, requests } = await clientWith(json(EXAMPLE["PlatformInfo"]));
    await api.platform();
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN.reveal()}`);
    const elsewhere = JSON.stringify([requests[0]?.url, { ...requests[0]?.headers, authorization: "" }]);
    expect(elsewhere).not.toContain(TOKEN.reveal());
  });

  test("asks for what it is told to, and reads the examples of the API's description", async () => {
    const { api, requests } = await clientWith(
      json(EXAMPLE["PlatformInfo"]),
      json(EXAMPLE["Caller"]),
      json(EXAMPLE["Account"]),
      json(EXAMPLE["KeyPage"]),
      json(EXAMPLE["ApiKey"]),
      json(EXAMPLE["ChangeSetPage"]),
      json(EXAMPLE["ChangePage"]),
      json(EXAMPLE["Account"], 201),
    );
    expect(await api.platform()).toEqual(EXAMPLE["PlatformInfo"]);
    expect(await api.whoami()).toEqual(EXAMPLE["Caller"]);
    expect(await api.getAccount("acme")).toEqual(EXAMPLE["Account"]);
    const { keys } = await api.listKeys("acme", { limit: 7, state: "deleted", cursor: "live.1&limit=9" });
    expect(keys[0]?.spec.origins).toEqual({
      native: false,
      web: { hosts: ["shop.example.com", "*.shop.example.com"] },
    });
    expect((await api.getKey("acme", "some-key")).name).toBe("storefront-web");
    expect((await api.listChangeSets("acme", { limit: 1 })).changeSets).toHaveLength(1);
    const changes = await api.listChanges("acme", "9b1deb4d3b7d4bad9bdd2b0d", { limit: 1 });
    expect(changes.changes[0]?.after.spec.origins).toEqual({ native: true, web: "none" });
    await api.createAccount({ name: "acme", defaultKey: "none" });
    expect(requests.map(({ method, url }) => `${String(method)} ${String(url)}`)).toEqual([
      "GET /v2/platform",
      "GET /v2/whoami",
      "GET /v2/accounts/acme",
      "GET /v2/accounts/acme/keys?limit=7&cursor=live.1%26limit%3D9&state=deleted",
      "GET /v2/accounts/acme/keys/some-key",
      "GET /v2/accounts/acme/change-sets?limit=1",
      "GET /v2/accounts/acme/change-sets/9b1deb4d3b7d4bad9bdd2b0d/changes?limit=1",
      "POST /v2/accounts",
    ]);
  });

  test("does not ask for what is no name or no id, and could be another path", async () => {
    const { api, requests } = await clientWith(json({}));
    const calls = [
      api.getAccount(".."),
      api.getAccount(""),
      api.listKeys("acme/keys", { limit: 1 }),
      api.listChangeSets("acme?", { limit: 1 }),
      api.listChanges("acme", "../../platform", { limit: 1 }),
      api.commit("%2e%2e", sampleChangeSet([])),
      api.getKey("acme", ".."),
      api.getKey("acme", "a/b"),
    ];
    for (const call of calls) expect((await failure(call)).code).toBe("not-found");
    expect(requests).toEqual([]);
  });

  test("ignores fields that a later version of the platform adds", async () => {
    const { api } = await clientWith(json({ ...(EXAMPLE["Account"] as object), colour: "red" }));
    expect(await api.getAccount("acme")).toEqual(EXAMPLE["Account"]);
  });

  test.each(["", "adm token", "adm\ntoken", "admé"])(
    "is not made with the token %j, which no header can carry",
    (text) => {
      const { api: transportless } = {
        api: () => clientOf(() => Promise.reject(new Error("asked")), new Secret(text)),
      };
      expect(transportless).toThrow(KeyApiError);
      if (text !== "") expect(transportless).not.toThrow(text);
    },
  );
});

describe("a refusal by the platform", () => {
  const codes: readonly KeyApiErrorCode[] = [
    "unauthenticated",
    "forbidden",
    "not-found",
    "conflict",
    "stale",
    "invalid",
  ];

  test.each(codes)("that is %s becomes that error, with its words, and is not repeated", async (code) => {
    const { api, requests } = await clientWith(refused({ code, detail: "Because." }));
    const error = await failure(api.commit("acme", sampleChangeSet([creation("web")])));
    expect(error).toMatchObject({ code, message: "Because.", retryable: false, problems: [] });
    expect(requests).toHaveLength(1);
  });

  test("tells what is wrong with single changes", async () => {
    const problems = [{ change: 3, code: "name-taken", message: "web is taken." }] as const;
    const body: Problem = problemOf(new KeyApiError("conflict", "web is taken.", { problems }));
    const { api } = await clientWith(json(body, 409));
    expect((await failure(api.commit("acme", sampleChangeSet([])))).problems).toEqual(problems);
  });

  test("that is a bug of the platform says so, and is not repeated", async () => {
    const { api, requests } = await clientWith(refused({ code: "internal", detail: "A bug: see the log, req-7." }));
    const error = await failure(api.platform());
    expect(error).toMatchObject({ code: "unavailable", retryable: false });
    expect(error.message).toBe("The platform failed: A bug: see the log, req-7.");
    expect(requests).toHaveLength(1);
  });

  test("that will not pass, such as a platform that was never set up, is not repeated", async () => {
    const body = problemOf(new KeyApiError("unavailable", "It has not been set up.", { retryable: false }));
    const { api, requests } = await clientWith(json(body, 503, { "retry-after": "1" }));
    expect(await failure(api.platform())).toMatchObject({ code: "unavailable", message: "It has not been set up." });
    expect(requests).toHaveLength(1);
  });
});

describe("repetition", () => {
  test("reads again, after a wait drawn from a doubling bound, until the platform answers", async () => {
    const down = json(problemOf(new KeyApiError("unavailable", "Draining.")), 503);
    const { api, waits } = await clientWith(cut, down, cut, json(EXAMPLE["PlatformInfo"]));
    expect(await api.platform()).toEqual(EXAMPLE["PlatformInfo"]);
    expect(waits).toEqual([200, 1000 + 400, 800]); // a 503 of ours asks for a second at least
  });

  test.each([503, 429])("waits as long as a %i asks for", async (status) => {
    const code = status === 429 ? "rate-limited" : "unavailable";
    const { api, waits } = await clientWith(
      refused({ code, detail: "Later." }, { "retry-after": "7" }),
      json(EXAMPLE["PlatformInfo"]),
    );
    await api.platform();
    expect(waits).toEqual([7200]);
  });

  test("ends after six tries with the last error", async () => {
    const { api, requests } = await clientWith(refused({ code: "unavailable", detail: "Sealed." }));
    expect(await failure(api.platform())).toMatchObject({ code: "unavailable", message: "Sealed.", retryable: true });
    expect(requests).toHaveLength(6);
  });

  test("does not begin for a wait of more than two minutes", async () => {
    const { api, requests } = await clientWith(
      refused({ code: "rate-limited", detail: "Enough." }, { "retry-after": "3600" }),
    );
    expect(await failure(api.platform())).toMatchObject({ code: "rate-limited", retryAfter: 3_600_000 });
    expect(requests).toHaveLength(1);
  });

  test("does not commit twice by itself; what its caller repeats under the same id is told as replayed", async () => {
    const committed = new Map<string, number>();
    async function commit(request: IncomingMessage, response: ServerResponse, lost: boolean): Promise<void> {
      const { id } = (await jsonOf(request)) as { readonly id: string };
      const before = committed.get(id) ?? 0;
      committed.set(id, before + 1);
      if (lost) request.socket.destroy();
      else json({ ...(EXAMPLE["CommitResult"] as object), changeSet: id, replayed: before > 0 })(request, response);
    }
    const { api } = await clientWith(
      (request, response) => void commit(request, response, true),
      (request, response) => void commit(request, response, false),
    );
    const changeSet = sampleChangeSet([creation("web", { credential: drawCredential().credential })]);
    expect(await failure(api.commit("acme", changeSet))).toMatchObject({ code: "unavailable", retryable: true });
    expect([...committed]).toEqual([[changeSet.id, 1]]);
    expect(await api.commit("acme", changeSet)).toMatchObject({ changeSet: changeSet.id, replayed: true });
    expect([...committed]).toEqual([[changeSet.id, 2]]);
  });

  test("never makes an account twice", async () => {
    const { api, requests } = await clientWith(cut);
    const error = await failure(api.createAccount({ name: "acme", defaultKey: "none" }));
    expect(error.code).toBe("unavailable");
    expect(requests).toHaveLength(1);
  });

  test("ends with the signal's reason when its wait is aborted", async () => {
    const { url } = await servers.http(refused({ code: "unavailable", detail: "Later." }));
    const transport = nodeTransport({ url });
    open.push(transport);
    const controller = new AbortController();
    const reason = new Error("stop");
    const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          reject(reason);
        });
        controller.abort(reason);
      });
    const api = httpKeyApi({
      transport: transport.send,
      token: TOKEN,
      sleep,
      random: (count) => new Uint8Array(count),
    });
    await expect(api.platform({ signal: controller.signal })).rejects.toBe(reason);
  });
});

describe("what is no platform's answer is unavailable, and says what to look at", () => {
  const html: RequestListener = (_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  const page = EXAMPLE["KeyPage"] as { readonly keys: readonly object[] };

  test.each<[what: string, answer: RequestListener, words: string]>([
    ["a page for people", html, 'status 200 with "text/html". Check the platform\'s address'],
    ["a 404 that no platform said", (_, response) => response.writeHead(404).end(), "Check the platform's address"],
    [
      "a 400 of a proxy",
      (_, response) => response.writeHead(400, { "content-type": "text/html" }).end(),
      "Check the platform's address",
    ],
    [
      "a redirect",
      (_, response) => response.writeHead(302, { location: "https://me:pw@login.example.com/x?token=hunter2#y" }).end(),
      'leads to "https://login.example.com/x", and a token is not sent there unasked. State the final address.',
    ],
    ["an answer without a type", (_, response) => response.end("{}"), "nothing that says what it is"],
    ["JSON of another kind", json({ hello: "world" }), "keys is missing. Is the address that of an algokeys platform"],
    ["JSON that is no object", json(null), "the answer must be an object"],
    [
      "a key without a spec",
      json({ ...page, keys: [{ ...page.keys[0], spec: undefined }] }),
      "keys[0].spec is missing",
    ],
    [
      "a key with a revision in words",
      json({ ...page, keys: [{ ...page.keys[0], revision: "7" }] }),
      "keys[0].revision must be a whole number",
    ],
    ["a refusal of another form", json({ error: "no" }, 409), "type is missing"],
  ])("%s", async (_, answer, words) => {
    const { api, requests } = await clientWith(answer);
    const error = await failure(api.listKeys("acme", { limit: 1 }));
    expect(error).toMatchObject({ code: "unavailable", retryable: false });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("hunter2");
    expect(requests).toHaveLength(1);
  });

  test("origins that mean nothing do not become the wider default", async () => {
    const [key] = page.keys;
    const spec = { ...(key as { readonly spec: object }).spec, origins: { native: false, web: false } };
    const { api } = await clientWith(json({ ...key, spec }));
    expect((await failure(api.getKey("acme", "some-key"))).message).toContain("mean nothing");
  });

  test.each<[what: string, answer: RequestListener]>([
    [
      "JSON that was cut",
      (_, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"keys":['),
    ],
    ["a cut connection", cut],
    ["silence", () => undefined],
    ["a gateway that cannot reach it", (_, response) => response.writeHead(502, { "content-type": "text/html" }).end()],
    ["a gateway that does not wait", (_, response) => response.writeHead(504).end()],
  ])("%s is worth another try", async (_, answer) => {
    const { api } = await clientWith(answer, json(page));
    expect((await api.listKeys("acme", { limit: 1 })).keys).toHaveLength(1);
  });

  test.each<[status: number, code: KeyApiErrorCode]>([
    [401, "unauthenticated"],
    [403, "forbidden"],
  ])("a %i of something in front of it is %s", async (status, code) => {
    const { api } = await clientWith((_, response) => response.writeHead(status).end());
    const error = await failure(api.platform());
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain("in front of the platform");
  });

  test("an answer that is too large is not read to its end", async () => {
    const { api } = await clientWith((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (response.write(" ".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    });
    expect((await failure(api.platform())).message).toContain("larger than the 1000000 bytes");
  });
});

test("neither the token nor a digest is in any error", async () => {
  const { credential } = drawCredential();
  const { api } = await clientWith((request, response) => {
    // The worst platform says back whatever it was told.
    void jsonOf(request).then((body) => {
      const echo = JSON.stringify({ body, headers: request.headers });
      response.writeHead(200, { "content-type": "application/json" }).end(echo + echo);
    });
  });
  const error = await failure(api.commit("acme", sampleChangeSet([creation("web", { credential })])));
  const told = `${String(error.stack)} ${String(error.cause)} ${JSON.stringify(error)}`;
  expect(told).not.toContain(TOKEN.reveal());
  expect(told).not.toContain(credential.digest);
});
