import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { drawCredential } from "../../contract/samples.ts";
import { requestText, sendRaw } from "../gateway/raw-client.ts";
import { drawAdminKey, makeAdminKey, serve, type Serving } from "./serving.ts";

let serving: Serving | undefined;

afterEach(async () => {
  await serving?.end();
  serving = undefined;
});

/** The forms in which a secret could be found again; its mask and its fingerprint are public. */
function formsOf(secret: string): readonly string[] {
  const tail = secret.slice(8);
  const bytes = [Buffer.from(secret), Buffer.from(tail)];
  const encoded = bytes.flatMap((buffer) => [buffer.toString("hex"), buffer.toString("base64").replace(/=+$/, "")]);
  return [secret, tail, ...encoded, encodeURIComponent(secret)];
}

/** A digest is as good as a token to whoever has the pepper; the first 16 digits are its public name. */
function digestForms(digest: string): readonly string[] {
  const bytes = Buffer.from(digest, "hex");
  return [digest, digest.slice(16), digest.toUpperCase(), bytes.toString("latin1"), bytes.toString("base64")];
}

test("secrets appear in no file, log, metric or answer, wherever they were sent", async () => {
  const upstream = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify(request.rawHeaders));
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const address = upstream.address();
  const url = new URL(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
  const identitySecret = new Secret(randomBytes(24).toString("hex"));
  const { send, log, folder, server } = (serving = await serve({ upstream: { url }, identitySecret }));

  const admin = drawAdminKey({ name: "root" });
  await makeAdminKey(`file:${join(folder, "platform.db")}`, join(folder, "platform.db.pepper"), admin.key);
  const unknown = [drawAdminKey(), drawAdminKey()];
  const callers = [drawCredential(), drawCredential()];
  const [first, second] = callers.map(({ token }) => token);
  const answers: string[] = [];
  const { token } = admin;
  const ask = async (...request: Parameters<Serving["send"]>): Promise<void> => {
    const answer = await send(...request);
    answers.push(answer.text, JSON.stringify([...answer.headers]));
  };

  await ask("POST", "/v2/accounts", { token, body: { name: "acme", defaultKey: callers[0]?.credential } });
  const spec = { algorithms: ["algo://demo/Hello"], data: "read" };
  await ask("POST", "/v2/accounts/acme/keys", {
    token,
    body: { name: "web", spec, credential: callers[1]?.credential },
  });
  for (const { key } of unknown) await ask("POST", "/v2/admin-keys", { token, body: key });
  for (const path of ["/v2/admin-keys", "/v2/accounts/acme/keys", "/v2/accounts/acme/change-sets"])
    await ask("GET", path, { token });
  // Where they do not belong: another kind's place, a path, a query, a body, a header, a malformed request.
  for (const secret of [first, second, token]) {
    const text = secret?.reveal() ?? "";
    await ask("GET", "/v2/whoami", { token: secret });
    await ask("POST", "/v1/algo/demo/Hello", { token: secret, body: {} });
    await ask("POST", "/v1/algo/demo/Other", { token: secret, body: {} });
    await ask("GET", "/v1/data/.my/secret", { token: secret });
    await ask("GET", "/v2/verify", {
      token: secret,
      headers: { "x-original-uri": `/v1/algo/${text}`, "x-original-method": "GET" },
    });
    await ask("GET", `/v2/accounts/${text}/keys/${text}`);
    await ask("GET", `/v2/whoami?apiKey=${text}`);
    await ask("GET", `/v2/accounts/acme/keys?cursor=${text}`, { token });
    await ask("GET", `/v2/accounts/acme/keys?${text}=1`, { token });
    await ask("GET", `/v1/algo/${text}/${text}?q=${text}`, { headers: { origin: `https://${text}.example` } });
    await ask("POST", "/v2/accounts", { token, body: `{"name": ${text}` });
    await ask("POST", "/v2/accounts", {
      token,
      headers: { "idempotency-key": text },
      body: { name: text, defaultKey: "none", extra: text },
    });
    // Well-formed, in places that are kept and told.
    const keys = "/v2/accounts/acme/keys";
    await ask("GET", `/v2/accounts/${text}/keys`, { token });
    await ask("GET", `${keys}/${text}`, { token });
    await ask("POST", "/v2/accounts", { token, body: { name: text, defaultKey: "none" } });
    await ask("POST", "/v2/admin-keys", { token, body: { ...drawAdminKey().key, name: text } });
    await ask("POST", keys, { token, body: { name: text, spec, credential: null } });
    for (const field of [
      { description: text },
      { labels: { [text]: "a" } },
      { labels: { a: text } },
      { origins: { native: true, web: true, referrers: [`${text}.example`] } },
    ]) {
      await ask("POST", keys, { token, body: { name: "kept", spec: { ...spec, ...field }, credential: null } });
    }
    await ask("POST", keys, {
      token,
      headers: { "idempotency-key": text },
      body: { name: "kept", spec, credential: null },
    });
    await ask("POST", "/v2/accounts/acme/change-sets", {
      token,
      body: { id: text.padEnd(30, "0"), project: text, message: text, changes: [] },
    });
    await ask("POST", "/v1/users/acme/keys", { token, body: { label: text } });
    await ask("POST", "/v2/verify", {
      token,
      body: { token: text, request: { method: "POST", uri: "/v1/algo/demo/Hello", headers: [] } },
    });
    await ask("GET", "/v1/users/acme/keys", { token: secret });
    await ask("GET", "/v2/whoami", {
      headers: { authorization: `Basic ${Buffer.from(`${text}:`).toString("base64")}` },
    });
    const { port } = new URL(server.url);
    for (const bytes of [
      `GET /${text} HTTP/9.9\r\n\r\n`,
      `${text}\r\n\r\n`,
      requestText("GET", "/v2/whoami", [
        ["Authorization", text],
        ["Authorization", text],
      ]),
    ]) {
      answers.push((await sendRaw(Number(port), bytes)).bytes.toString("latin1"));
    }
  }
  await ask("GET", "/metrics");
  const fileSearched = (): readonly (readonly [string, string])[] =>
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "latin1")] as const);
  const whileOpen = fileSearched();
  await server.close();
  upstream.close();
  upstream.closeAllConnections();

  const pepper = readFileSync(join(folder, "platform.db.pepper"), "utf8").trim();
  const secrets = [
    token,
    ...callers.map((drawn) => drawn.token),
    ...unknown.map((drawn) => drawn.token),
    identitySecret,
  ];
  const digests = [admin.key, ...callers.map(({ credential }) => credential), ...unknown.map(({ key }) => key)];
  const canaries = [
    ...secrets.flatMap((secret) => formsOf(secret.reveal())),
    ...digests.flatMap(({ digest }) => digestForms(digest)),
    ...digestForms(pepper),
  ];
  const places = [
    ["log", log()],
    ...[...whileOpen, ...fileSearched()].filter(([name]) => !name.endsWith(".pepper")),
    ["answers", answers.join("\n")],
  ] as const;
  expect(places.map(([name]) => name)).toEqual(expect.arrayContaining(["log", "platform.db", "platform.db-wal"]));
  for (const [place, content] of places) {
    const found = canaries.filter((canary) => content.includes(canary));
    const where = found.map((canary) =>
      content.slice(Math.max(0, content.indexOf(canary) - 200), content.indexOf(canary) + 60),
    );
    expect([place, found, where]).toEqual([place, [], []]);
  }
  // What is public of the same secrets is found by the same search, so it does search.
  for (const place of ["answers", "platform.db"]) {
    expect(places.some(([name, content]) => name === place && content.includes(admin.key.mask.slice(0, 7)))).toBe(true);
  }
  expect(log()).toContain('"caller":"root"');
});
