import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { identityHeaders } from "../../src/platform/gateway/identity.ts";
import { startUpstream, type UpstreamProcess } from "./upstream-process.ts";

const SECRET = "a secret that the gateway and the upstream share";
const folder = mkdtempSync(join(tmpdir(), "algokeys-upstream-"));
const dataDir = join(folder, "data");
const secretFile = join(folder, "identity.secret");
let upstream: UpstreamProcess;

beforeAll(async () => {
  writeFileSync(secretFile, `${SECRET}\n`);
  upstream = await startUpstream({ dataDir, secretFile });
});

afterAll(async () => {
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body read as JSON. */
  readonly json: unknown;
}

interface Call {
  readonly account?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly secret?: string;
  readonly now?: number;
  readonly signedPath?: string;
}

/** Sends a request as the gateway would: signed, its path byte for byte as given. */
function send(method: string, path: string, call: Call = {}): Promise<Answer> {
  const { account = "acme", body = "", secret = SECRET, now = Date.now(), signedPath = path } = call;
  const identity = { account, keyId: "key-1", keyName: "nightly-batch", requestId: "request-1" };
  const signed = identityHeaders(identity, { method, path: signedPath }, new Secret(secret), now);
  const own = Object.entries({ "Content-Length": String(Buffer.byteLength(body)), ...call.headers }).flat();
  return exchange(method, path, [...own, ...signed], body);
}

function exchange(method: string, path: string, headers: readonly string[], body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: upstream.url.hostname,
      port: upstream.url.port,
      method,
      path,
      headers: ["Host", "upstream", ...headers],
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const isJson = response.headers["content-type"] === "application/json" && bytes.length > 0;
        const json: unknown = isJson ? JSON.parse(bytes.toString("utf8")) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json });
      });
    });
    request.end(body);
  });
}

function call(path: string, input: string | Buffer, contentType = "application/json"): Promise<Answer> {
  return send("POST", `/v1/algo/${path}`, { body: input, headers: { "Content-Type": contentType } });
}

describe("the algorithms", () => {
  test("demo/Hello answers text, JSON and bytes in the original's form", async () => {
    const metadata = { duration: expect.any(Number) as number };
    const text = await call("demo/Hello", "HAL 9000", "text/plain");
    expect(text.json).toEqual({ result: "Hello HAL 9000", metadata: { ...metadata, content_type: "text" } });
    const json = await call("demo/hello/0.1.1", '{"name":"HAL 9000"}');
    expect(json.json).toEqual(text.json);
    const bytes = await call("demo/Hello", Buffer.from([0xff, 0]), "application/octet-stream");
    const result = Buffer.concat([Buffer.from("Hello "), Buffer.from([0xff, 0])]).toString("base64");
    expect(bytes.json).toEqual({ result, metadata: { ...metadata, content_type: "binary" } });
  });

  test("versions are found exactly, by the leading numbers, and as the latest; what is not there is told as ever", async () => {
    for (const path of ["demo/Hello/0.1.1", "demo/Hello/0.1.*", "demo/Hello/0.*", "demo/Hello/latest", "demo/Hello/"]) {
      expect((await call(path, '"HAL"')).status).toBe(200);
    }
    for (const path of [
      "demo/Hello/9.9.9",
      "demo/Hello/1.*",
      "demo/Other",
      "constructor/prototype",
      "demo/Hello/0.1.1/x",
    ]) {
      const { status, json } = await call(path, '"HAL"');
      expect(status).toBe(404);
      expect(json).toEqual({ error: { message: `algorithm algo://${path} not found` } });
    }
  });

  test("an account's own algorithms are found as .my, and nobody else's are", async () => {
    const own = await send("POST", "/v1/algo/.my/Hello", { account: "Demo", body: '"HAL"' });
    expect(own.json).toMatchObject({ result: "Hello HAL" });
    expect((await send("POST", "/v1/algo/.my/Hello", { body: '"HAL"' })).status).toBe(404);
  });

  test("an algorithm's own failure is an answer with its message", async () => {
    const { status, json } = await call("demo/Hello", "7");
    expect(status).toBe(200);
    expect(json).toEqual({ error: { message: 'Hello wants a name: "HAL 9000" or {"name": "HAL 9000"}.' } });
    expect((await call("demo/Hello", "{")).status).toBe(400);
    expect((await call("demo/Hello", "x", "image/png")).status).toBe(415);
    expect((await send("GET", "/v1/algo/demo/Hello")).status).toBe(405);
  });

  test("an input over 10 MiB is refused, and said so", async () => {
    const { status, json } = await call("demo/Hello", Buffer.alloc(10 * 1024 * 1024 + 1, 32), "text/plain");
    expect({ status, json }).toEqual({
      status: 413,
      json: { error: { message: "The body is larger than 10485760 bytes." } },
    });
  });

  async function sentiment(text: string): Promise<number> {
    const { json } = await call("demos/sentiment_analysis", JSON.stringify({ document: text }));
    const { result } = json as { readonly result: { readonly document: string; readonly sentiment: number } };
    expect(result.document).toBe(text);
    return result.sentiment;
  }

  test("the sentiment of a text follows its words, negations, intensifiers and turns", async () => {
    const [good, veryGood, slightlyGood, notGood, bad, notBad] = await Promise.all(
      ["good", "very good", "slightly good", "not good", "bad", "not bad"].map(sentiment),
    );
    expect([notGood, bad].every((score = 0) => score < 0)).toBe(true);
    expect([bad, notGood, slightlyGood, good, veryGood]).toEqual(
      [bad, notGood, slightlyGood, good, veryGood].toSorted((left = 0, right = 0) => left - right),
    );
    expect(notBad).toBeGreaterThan(0);
    expect(notBad).toBeLessThan(good ?? 0);
    expect(await sentiment("The train leaves at noon.")).toBe(0);
    expect(await sentiment("I don\u2019t like it")).toBeLessThan(0);
    expect(await sentiment("I LOVE this. It is absolutely wonderful!")).toBeGreaterThan(0.8);
    expect(await sentiment("The screen is good, but the battery is bad.")).toBeLessThan(0);
    expect(await sentiment("The battery is bad, but the screen is good.")).toBeGreaterThan(0);
    expect(await sentiment("Terrible service! The worst, a horrible disaster.")).toBeLessThan(-0.8);
  });

  test("many documents are judged in one call", async () => {
    const { json } = await call("demos/sentiment_analysis", JSON.stringify(["good", { document: "bad" }]));
    expect(json).toMatchObject({
      result: [
        { document: "good", sentiment: expect.any(Number) as number },
        { document: "bad", sentiment: expect.any(Number) as number },
      ],
    });
  });
});

describe("hosted data", () => {
  async function collection(name: string, acl?: object): Promise<void> {
    const { status, json } = await send("POST", "/v1/data/.my", { body: JSON.stringify({ name, acl }) });
    expect({ status, json }).toEqual({ status: 200, json: { result: `data://acme/${name}` } });
  }

  test("a collection is made, filled, read, listed and deleted", async () => {
    await collection("robots");
    const put = await send("PUT", "/v1/data/acme/robots/Optimus%20Prime.txt", { body: "more than meets the eye" });
    expect(put.json).toEqual({ result: "data://acme/robots/Optimus Prime.txt" });
    const got = await send("GET", "/v1/data/.my/robots/Optimus%20Prime.txt", { headers: { Accept: "text/plain" } });
    expect(got.body.toString("utf8")).toBe("more than meets the eye");
    expect(got.headers).toMatchObject({ "x-data-type": "file", "content-type": "text/plain; charset=utf-8" });
    const head = await send("HEAD", "/v1/data/.my/robots/Optimus%20Prime.txt");
    expect(head).toMatchObject({ status: 200, headers: { "x-data-type": "file", "content-length": "23" } });
    expect(head.body).toHaveLength(0);
    const listing = await send("GET", "/v1/data/.my/robots?acl=true");
    expect(listing.headers["x-data-type"]).toBe("directory");
    expect(listing.json).toEqual({
      folders: [],
      files: [{ filename: "Optimus Prime.txt", size: 23, last_modified: expect.any(String) as string }],
      acl: { read: ["algo://.my/*"] },
    });
    const refused = await send("DELETE", "/v1/data/.my/robots");
    expect(refused).toMatchObject({ status: 400, json: { error: { deleted: 0 } } });
    expect((await send("DELETE", "/v1/data/.my/robots?force=true")).json).toEqual({ result: { deleted: 1 } });
    expect((await send("GET", "/v1/data/.my/robots")).status).toBe(404);
  });

  test("a path that a client encoded whole is the same path, and the connector's name of it too", async () => {
    await collection("whole");
    await send("PUT", "/v1/data/acme%2Fwhole%2Fa.txt", { body: "a" });
    expect((await send("GET", "/v1/data/acme/whole/a.txt")).body.toString()).toBe("a");
    expect((await send("GET", "/v1/connector/data/acme/whole/a.txt")).body.toString()).toBe("a");
    expect((await send("GET", "/v1/connector/dropbox/a.txt")).status).toBe(404);
  });

  test("the root says who the caller is, and an account's page lists its collections", async () => {
    await collection("first");
    expect((await send("GET", "/v1/data/")).json).toEqual({ folders: [{ name: "acme" }], files: [] });
    expect((await send("GET", "/v1/data/acme")).json).toMatchObject({
      folders: expect.arrayContaining([{ name: "first" }]) as unknown[],
    });
    expect((await send("GET", "/v1/data/acme", { account: "globex" })).status).toBe(404);
    expect((await send("GET", "/v1/data/.my", { account: "globex" })).json).toEqual({ folders: [], files: [] });
  });

  test("listings of 2,005 files come in pages of 1,000 that hold each file once", async () => {
    await collection("many");
    for (let index = 0; index < 2005; index += 1) writeFileSync(join(dataDir, "acme/many", `f${String(index)}`), "x");
    const names: string[] = [];
    const sizes: number[] = [];
    for (let query = ""; ;) {
      const { json } = await send("GET", `/v1/data/acme/many${query}`);
      const page = json as { readonly files: readonly { filename: string }[]; readonly marker?: string };
      names.push(...page.files.map((file) => file.filename));
      sizes.push(page.files.length);
      if (page.marker === undefined) break;
      query = `?marker=${encodeURIComponent(page.marker)}`;
    }
    expect(sizes).toEqual([1000, 1000, 5]);
    expect(new Set(names).size).toBe(2005);
  });

  test("others see a collection only when its owner opens it, never write it, and learn nothing of the rest", async () => {
    await collection("private");
    await send("PUT", "/v1/data/acme/private/a", { body: "mine" });
    const globex = { account: "globex" };
    const hidden = await send("GET", "/v1/data/acme/private/a", globex);
    const absent = await send("GET", "/v1/data/acme/nothing/a", globex);
    expect(hidden.json).toEqual({ error: { message: "data://acme/private/a not found" } });
    expect(absent.json).toEqual({ error: { message: "data://acme/nothing/a not found" } });
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    const opened = await send("PATCH", "/v1/data/acme/private", { body: '{"acl":{"read":["user://*"]}}' });
    expect(opened).toMatchObject({ status: 200 });
    expect(opened.body).toHaveLength(0);
    expect((await send("GET", "/v1/data/acme/private/a", globex)).body.toString()).toBe("mine");
    for (const [method, path] of [
      ["PUT", "/v1/data/acme/private/a"],
      ["DELETE", "/v1/data/acme/private?force=true"],
      ["PATCH", "/v1/data/acme/private"],
      ["POST", "/v1/data/acme"],
      ["POST", "/v1/data/"],
      ["PUT", "/v1/data/acme/nothing/a"],
    ] as const) {
      expect(await send(method, path, { ...globex, body: "{}" })).toMatchObject({ status: 403 });
    }
    expect((await send("GET", "/v1/data/acme/private/a")).body.toString()).toBe("mine");
  });

  test("what is no name never reaches the disk, and symbolic links are not followed", async () => {
    await collection("safe");
    writeFileSync(join(folder, "outside"), "not yours");
    symlinkSync(join(folder, "outside"), join(dataDir, "acme/safe/link"));
    const before = readdirSync(folder);
    for (const path of [
      "..%2f..%2foutside",
      "../../outside",
      "%2e%2e/%2e%2e/outside",
      "acme/..",
      "acme/safe/..",
      "acme/safe/%2e%2e%2f%2e%2e%2foutside",
      "acme/safe/a%00b",
      "acme/safe/a%5c..%5cb",
      "acme/safe//a",
      "acme/safe/a/b",
      "acme/safe/%ff",
      `acme/safe/${"x".repeat(201)}`,
    ]) {
      for (const method of ["PUT", "GET"]) {
        const { status } = await send(method, `/v1/data/${path}`, { body: method === "PUT" ? "evil" : "" });
        expect([path, method, status]).toEqual([
          path,
          method,
          expect.toSatisfy((code) => [400, 403, 404].includes(code as number)),
        ]);
      }
    }
    expect((await send("GET", "/v1/data/acme/safe/link")).status).toBe(404);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, "outside"), "utf8")).toBe("not yours");
    expect(readdirSync(join(dataDir, "acme/safe"))).toEqual(["link"]);
    expect((await send("PATCH", "/v1/data/acme/safe", { body: "null" })).status).toBe(400);
    for (const name of ["..", ".", "", "a/b", 7]) {
      expect((await send("POST", "/v1/data/.my", { body: JSON.stringify({ name }) })).status).toBe(400);
    }
    // Names that are odd but names: the store's own files cannot be reached by them.
    for (const name of [".acl.json", "caf\u00e9", "..a", "a%2Fb", "~", "*"]) {
      const path = `/v1/data/acme/safe/${encodeURIComponent(name)}`;
      expect((await send("PUT", path, { body: name })).status).toBe(200);
      expect((await send("GET", path)).body.toString("utf8")).toBe(name);
    }
    expect((await send("GET", "/v1/data/acme/safe?acl=true")).json).toMatchObject({ acl: { read: ["algo://.my/*"] } });
  });

  test("an upload that breaks off leaves the file as it was, and no draft", async () => {
    await collection("drafts");
    await send("PUT", "/v1/data/acme/drafts/a", { body: "whole" });
    await expect(
      new Promise((_, reject) => {
        const signed = identityHeaders(
          { account: "acme", keyId: "key-1", keyName: "k", requestId: "r" },
          { method: "PUT", path: "/v1/data/acme/drafts/a" },
          new Secret(SECRET),
          Date.now(),
        );
        const headers = ["Host", "upstream", "Content-Length", "100", ...signed];
        const target = { host: upstream.url.hostname, port: upstream.url.port, path: "/v1/data/acme/drafts/a" };
        const request = httpRequest({ ...target, method: "PUT", headers });
        request.on("error", reject);
        request.write("half", () => request.destroy(new Error("broken off")));
      }),
    ).rejects.toThrow("broken off");
    await expect.poll(() => readdirSync(join(dataDir, "acme/drafts"))).toEqual(["a"]);
    expect((await send("GET", "/v1/data/acme/drafts/a")).body.toString()).toBe("whole");
  });

  test("a read answers in the type that the client asks for, and never lies about JSON", async () => {
    await collection("types");
    await send("PUT", "/v1/data/acme/types/a", { body: '{"a":1}' });
    await send("PUT", "/v1/data/acme/types/b", { body: "no json" });
    await send("PUT", "/v1/data/acme/types/empty");
    const typeOf = async (path: string, accept: string): Promise<unknown> =>
      (await send("GET", `/v1/data/acme/types/${path}`, { headers: { Accept: accept } })).headers["content-type"];
    expect(await typeOf("a", "application/json")).toBe("application/json");
    expect(await typeOf("b", "application/json")).toBe("application/octet-stream");
    expect(await typeOf("a", "text/html")).toBe("application/octet-stream");
    expect((await send("GET", "/v1/data/acme/types/empty")).body).toHaveLength(0);
  });

  test("a refused HEAD says why in a header", async () => {
    const { status, headers, body } = await send("HEAD", "/v1/data/acme/nothing/caf%C3%A9");
    expect({ status, message: headers["x-error-message"] }).toEqual({
      status: 404,
      message: "data://acme/nothing/caf? not found",
    });
    expect(body).toHaveLength(0);
  });
});

describe("who calls", () => {
  test("is believed only as the gateway signed it: method, path and account, for five minutes", async () => {
    const hello = { body: '"HAL"' };
    const path = "/v1/algo/demo/Hello";
    expect((await send("POST", path, hello)).status).toBe(200);
    const due = { status: 401, json: { error: { message: "authorization required" } } };
    expect(await send("POST", path, { ...hello, secret: "another secret" })).toMatchObject(due);
    expect(await send("POST", path, { ...hello, signedPath: "/v1/algo/demo/Other" })).toMatchObject(due);
    expect(await send("POST", path, { ...hello, now: Date.now() - 310_000 })).toMatchObject(due);
    expect(await exchange("POST", path, ["X-Algokeys-Account", "acme", "Content-Length", "0"], "")).toMatchObject(due);
    const signed = identityHeaders(
      { account: "acme", keyId: "k", keyName: "k", requestId: "r" },
      { method: "POST", path },
      new Secret(SECRET),
      Date.now(),
    );
    const forged = signed.map((value) => (value === "acme" ? "globex" : value));
    expect(await exchange("POST", path, [...forged, "Content-Length", "0"], "")).toMatchObject(due);
  });

  test("nothing here is our bug: the upstream wrote no errors", () => {
    expect(upstream.errors()).toBe("");
  });
});
