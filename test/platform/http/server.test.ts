import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { failure } from "../../contract/expectations.ts";
import { Secret } from "../../../src/core/secret.ts";
import { requestOptions, serve, type Serving } from "./serving.ts";

const running: Serving[] = [];

async function started(...options: Parameters<typeof serve>): Promise<Serving> {
  const serving = await serve(...options);
  running.push(serving);
  return serving;
}

afterEach(async () => {
  for (const serving of running.splice(0)) await serving.end();
});

describe("a server", () => {
  test("lives, is ready, counts and describes itself without a credential", async () => {
    const { send, server } = await started();
    expect(server.sealed).toBe(false);
    expect((await send("GET", "/v2/health/live")).json).toEqual({ status: "live" });
    expect((await send("GET", "/v2/health/ready")).json).toEqual({ status: "ready" });
    expect((await send("GET", "/v2/openapi.json")).json).toMatchObject({ openapi: "3.1.0" });
    const metrics = await send("GET", "/metrics");
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(metrics.text).toContain('algokeys_build_info{version="0.0.0-test"} 1\n');
    expect(metrics.text).toContain('algokeys_requests_total{route="/v2/health/ready",status="200"} 1\n');
    expect(metrics.text).toContain("algokeys_request_duration_seconds_count 3\n");
    expect(metrics.text).toContain("algokeys_usage_pending 0\n");
  });

  test("says on its first start how to make the first admin key, and not once there is one", async () => {
    const { lines, adminToken, folder, server } = await started();
    const store = `file:${join(folder, "platform.db")}`;
    expect(lines("no-admin-key")).toHaveLength(1);
    expect(lines("no-admin-key")[0]?.["message"]).toContain(
      `algokeys admin create-key NAME --role admin --store ${store}`,
    );
    expect(lines("no-admin-key")[0]?.["message"]).not.toContain("--pepper-file");
    await adminToken();
    await server.close();
    const apart = await started({ pepperFile: join(folder, "a pepper") });
    expect(apart.lines("no-admin-key")[0]?.["message"]).toContain(` --pepper-file '${join(folder, "a pepper")}'`);
    const second = await started({ store, pepperFile: join(folder, "platform.db.pepper") });
    expect(second.lines("no-admin-key")).toEqual([]);
  });

  test("tells in the history where a change set came from: its client's word, and the address of the connection", async () => {
    const { send, adminToken } = await started();
    const token = await adminToken({ name: "ci", role: "admin" });
    await send("POST", "/v2/accounts", { token, body: { name: "acme", defaultKey: "none" } });
    const create = {
      action: "create",
      name: "web",
      spec: { algorithms: ["algo://*"] },
      managedBy: null,
      credential: null,
    };
    const body = { id: "0123456789abcdef", project: null, message: "", from: "ci-7", changes: [create] };
    expect((await send("POST", "/v2/accounts/acme/change-sets", { token, body })).status).toBe(200);
    expect((await send("GET", "/v2/accounts/acme/change-sets", { token })).json).toMatchObject({
      changeSets: [{ actor: "ci", from: "ci-7", address: "127.0.0.1" }],
    });
  });

  test("lets in whoever shows an admin key, from its making to its revocation, without a restart", async () => {
    const { send, adminToken } = await started();
    const token = await adminToken({ name: "ci", role: "admin" });
    const me = { actor: "ci", role: "admin", account: null, keyId: null };
    expect((await send("GET", "/v2/whoami", { token })).json).toEqual(me);
    const authorization = `Simple ${token.reveal()}`;
    expect((await send("GET", "/v2/whoami", { headers: { authorization } })).json).toEqual(me);
    const list = (await send("GET", "/v2/admin-keys", { token })).json as { adminKeys: { id: string }[] };
    expect((await send("DELETE", `/v2/admin-keys/${list.adminKeys[0]?.id ?? ""}`, { token })).status).toBe(200);
    const refused = await send("GET", "/v2/whoami", { token });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="algokeys"']);
    expect(refused.json).toMatchObject({
      code: "unauthenticated",
      detail: expect.stringContaining("was revoked") as string,
    });
  });

  test("logs each request under the name that its answer bears, with who asked, and no path that was made up", async () => {
    const { send, adminToken, lines, log } = await started();
    const token = await adminToken({ name: "ci" });
    const answers = [
      await send("GET", "/v2/accounts/nobody/keys?limit=7", { token }),
      await send("GET", "/v2/made-up-path"),
      await send("GET", "/v2/whoami?apiKey=made-up-query"),
      await send("PUT", "/v2/whoami", { token }),
    ];
    await setTimeout(20);
    const logged = lines("request").map(({ request, method, route, status, caller }) => {
      return [request, method, route, status, caller];
    });
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    expect(logged).toEqual([
      [ids[0], "GET", "/v2/accounts/{account}/keys", 404, "ci"],
      [ids[1], "GET", "unmatched", 404, undefined],
      [ids[2], "GET", "refused", 400, undefined],
      [ids[3], "PUT", "/v2/whoami", 405, undefined],
    ]);
    expect(answers[0]?.json).toMatchObject({ requestId: ids[0] });
    expect(log()).not.toContain("made-up");
    expect(log()).not.toContain("nobody");
  });

  test("logs a call that its end cuts", async () => {
    const upstream = createServer(() => undefined);
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const address = upstream.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const serving = await started({ upstream: { url: new URL(`http://127.0.0.1:${String(port)}`) } });
    const token = await serving.adminToken();
    await serving.send("POST", "/v2/accounts", { token, body: { name: "acme", defaultKey: "none" } });
    const permissions = {
      ...{ allow_data: false, allow_data_write: false, allow_algo: true, allow_web_algo: true },
      ...{ referer_host: null, allow_algo_management: false, algo_acl: ["algo://demo/*"] },
    };
    const body = { key_label: "greeter", key_type: "AlgorithmKey", permissions };
    const made = await serving.send("POST", "/v1/users/acme/keys", { token, body });
    const key = new Secret((made.json as { readonly api_key: string }).api_key);
    const call = serving.send("POST", "/v1/algo/demo/hello", { token: key, body: {} });
    const failed = call.then(
      () => "answered",
      () => "cut",
    );
    await once(upstream, "request");
    await serving.server.close(100);
    expect(await failed).toBe("cut");
    expect(serving.lines("request").at(-1)).toMatchObject({
      route: "/v1/algo/{call}",
      status: 499,
      reason: "owner",
      cut: true,
    });
    upstream.closeAllConnections();
    upstream.close();
  });

  test("finishes what is in flight when it is closed, takes no more, and is not ready meanwhile", async () => {
    const { server, send, adminToken, lines, folder } = await started();
    const token = await adminToken();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const body = JSON.stringify({ name: "acme", defaultKey: "none" });
    const head = [
      "POST /v2/accounts HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      `Authorization: Bearer ${token.reveal()}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, 10)}`);
    await setTimeout(100);
    const closed = server.close(5_000);
    await setTimeout(50);
    await expect(send("GET", "/v2/health/ready")).rejects.toThrow("fetch failed");
    socket.write(body.slice(10));
    await once(socket, "close");
    await closed;
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 201 /);
    expect(lines("closed")).toHaveLength(1);
    const again = await started({
      store: `file:${join(folder, "platform.db")}`,
      pepperFile: join(folder, "platform.db.pepper"),
    });
    expect((await again.send("GET", "/v2/accounts/acme", { token })).status).toBe(200);
  });

  test("says that it is not ready on a connection that was open before it was closed", async () => {
    const { server } = await started();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const received = once(socket, "close");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write("GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\n");
    await setTimeout(100);
    const closed = server.close(5_000);
    socket.write("\r\n");
    await received;
    await closed;
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close[^]*about to end/i);
  });

  test("ends what does not end by itself at the deadline", async () => {
    const { server, adminToken } = await started();
    const token = await adminToken();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => undefined); // it is cut
    const head = `POST /v2/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10`;
    socket.write(`${head}\r\nAuthorization: Bearer ${token.reveal()}\r\n\r\n{`);
    await setTimeout(100);
    const gone = once(socket, "close");
    await server.close(100);
    await gone;
  });

  test("cannot listen where another does, says so, and leaves its store closed", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await failure(serve({ port }));
    other.close();
    expect([error.code, error.retryable]).toEqual(["unavailable", false]);
    expect(error.message).toContain(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  });

  test("does not start on a store that is not there and may not be made", async () => {
    expect((await failure(serve({ create: false }))).code).toBe("not-found");
  });
});

describe("a server without its pepper", () => {
  test("is sealed: it lives, answers everything else with 503, says why in its log alone, and makes none", async () => {
    const { folder, server, adminToken } = await started();
    const token = await adminToken();
    const [store, pepperFile] = [`file:${join(folder, "platform.db")}`, join(folder, "platform.db.pepper")];
    await server.close();
    const pepper = readFileSync(pepperFile);
    rmSync(pepperFile);
    const sealed = await started({ store, pepperFile });
    expect(sealed.server.sealed).toBe(true);
    expect((await sealed.send("GET", "/v2/health/live")).status).toBe(200);
    const paths = [
      "/v2/health/ready",
      "/v2/whoami",
      "/v2/verify",
      "/v1/algo/demo/Hello",
      "/v1/users/acme/keys",
      "/metrics",
      "/x",
      "/v1/algo/algo://demo/Hello",
      "/v1/data//x",
      "/%2e",
    ];
    for (const path of paths) {
      const answer = await sealed.send("GET", path, { token });
      expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "60"]);
      expect(answer.text).not.toContain(folder);
    }
    expect(sealed.lines("sealed")[0]?.["message"]).toContain(`its pepper file ${pepperFile} is missing`);
    expect(existsSync(pepperFile)).toBe(false);
    await sealed.server.close();
    writeFileSync(pepperFile, pepper, { mode: 0o600 });
    const again = await started({ store, pepperFile });
    expect((await again.send("GET", "/v2/whoami", { token })).status).toBe(200);
  });

  test("or with another platform's is sealed too", async () => {
    const [one, two] = [await started(), await started()];
    await one.server.close();
    copyFileSync(join(two.folder, "platform.db.pepper"), join(one.folder, "platform.db.pepper"));
    const sealed = await started({
      store: `file:${join(one.folder, "platform.db")}`,
      pepperFile: join(one.folder, "platform.db.pepper"),
    });
    expect(sealed.server.sealed).toBe(true);
    expect(sealed.lines("sealed")[0]?.["message"]).toContain("belongs to another database");
  });

  test("can be given it as text, and then makes and reads no file", async () => {
    const pepperText = new Secret(`${"5a".repeat(32)}\n`);
    const { folder, server } = await started({ pepperText, pepperFile: "/nowhere/at/all" });
    const store = `file:${join(folder, "platform.db")}`;
    await server.close();
    writeFileSync(join(folder, "same.pepper"), pepperText.reveal(), { mode: 0o600 });
    expect((await started({ store, pepperFile: join(folder, "same.pepper") })).server.sealed).toBe(false);
    expect((await started({ store, pepperText: new Secret("5b".repeat(32)) })).server.sealed).toBe(true);
    expect((await started({ store, pepperText: new Secret("no pepper") })).server.sealed).toBe(true);
  });
});

describe("a server under a fetch client", () => {
  test("keeps connections, and every answer forbids guessing its type and keeping it unasked", async () => {
    const { url, adminToken } = await started();
    const token = await adminToken();
    for (const path of ["/v2/whoami", "/v2/nothing", "/v2/accounts/none", "/v2/health/live", "/metrics"]) {
      const { headers } = await fetch(`${url}${path}`, requestOptions("GET", token, undefined));
      expect([path, headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual([
        path,
        "no-store",
        "nosniff",
      ]);
      expect([path, headers.get("connection")]).toEqual([path, "keep-alive"]);
    }
  });
});
