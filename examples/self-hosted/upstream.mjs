// The server behind the gateway: two algorithms and hosted data on disk, in the original platform's wire form. It needs
// nothing but Node. It decides nothing about keys: the gateway did, before a request comes here.
//
//     PORT=8081 HOST=127.0.0.1 DATA_DIR=./data IDENTITY_SECRET_FILE=./identity.secret node upstream.mjs
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { Refusal, sendJson, sendRefusal } from "./answers.mjs";
import { answerCall } from "./calls.mjs";
import { dataStore } from "./data-store.mjs";
import { answerData } from "./hosted-data.mjs";
import { callerAccount } from "./identity.mjs";

const { PORT = "8081", HOST = "127.0.0.1", DATA_DIR = "data", IDENTITY_SECRET_FILE } = process.env;
const secret = IDENTITY_SECRET_FILE === undefined ? undefined : readFileSync(IDENTITY_SECRET_FILE, "utf8").trim();
if (secret === "") throw new Error(`${IDENTITY_SECRET_FILE} is empty: it must hold what the gateway signs with.`);
mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 });
const store = dataStore(resolve(DATA_DIR));

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (request.errored) return response.destroy(); // the caller is gone
    if (!(error instanceof Refusal)) console.error(request.method, request.url.split("?", 1)[0], error);
    if (response.headersSent) return response.destroy();
    sendRefusal(response, error instanceof Refusal ? error : new Refusal(500, "internal error"));
  });
});

async function answer(request, response) {
  // Split by hand: the URL class would fold `..` and backslashes away before anyone judges them.
  const [pathname, search = ""] = request.url.split("?", 2);
  if (pathname === "/health") return sendJson(response, 200, { ok: true });
  const account = callerAccount(request, secret, Date.now());
  const [, path] = /^\/v1\/(?:web\/)?algo\/(.*)$/.exec(pathname) ?? [];
  if (path !== undefined) return await answerCall({ request, response, path, account });
  const [, rawPath] = /^\/v1\/(?:data|connector\/data)(|\/.*)$/.exec(pathname) ?? [];
  if (rawPath !== undefined) {
    return await answerData({ request, response, rawPath, query: new URLSearchParams(search), account, store });
  }
  throw new Refusal(404, "There is nothing here.");
}

server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address();
  console.log(`upstream listens on http://${address.includes(":") ? `[${address}]` : address}:${port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
