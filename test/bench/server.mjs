// The server's figures as ratios to bare node:http servers under the same load generator (wrk) in the same run, in turn.
// Which ones miss their goal depends on the machine; the ratios say more than the absolute figures beside them.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { tokenVerifier } from "../../dist/platform/verify.js";
import { manyKeys, openService, tokenOf } from "./many-keys.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, "../../dist/cli/algokeys.cjs");
const quick = process.argv.includes("--quick");
const KEYS = quick ? 10_000 : 100_000;
const ROUNDS = quick ? 1 : 3;
const SECONDS = quick ? 2 : 5;
const folder = mkdtempSync(join(tmpdir(), "algokeys-bench-"));
const env = { ...process.env };
delete env.NODE_EXTRA_CA_CERTS;
const children = new Set();

const HELLO = `
  require("node:http").createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json", "content-length": 12 });
    response.end('{"result":1}');
  }).listen(0, "127.0.0.1", function () { console.log("http://127.0.0.1:" + this.address().port); });`;

const BARE_PROXY = `
  const http = require("node:http");
  const agent = new http.Agent({ keepAlive: true });
  const { hostname, port } = new URL(process.argv[1]);
  http.createServer((request, response) => {
    const forwarded = http.request({ agent, hostname, port, method: request.method, path: request.url, headers: request.headers },
      (answer) => { response.writeHead(answer.statusCode, answer.rawHeaders); answer.pipe(response); });
    request.pipe(forwarded);
  }).listen(0, "127.0.0.1", function () { console.log("http://127.0.0.1:" + this.address().port); });`;

try {
  await main();
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const store = `file:${join(folder, "platform.db")}`;
  const service = await openService(store);
  const made = await manyKeys(service, KEYS);
  console.log(`node ${process.versions.node}; ${KEYS} keys; ratios are medians of ${ROUNDS} rounds in turn`);
  console.log(
    `a change set of 10,000 creates, SQLite: ${(made.slowest / 1000).toFixed(2)} s, ${(made.slowest / bareNode()).toFixed(1)}x of \`node -e 0\``,
  );
  await inProcess(service);
  const token = await service.adminToken("bench", "reader");
  await service.close();

  const hello = await start(["-e", HELLO]);
  const bareProxy = await start(["-e", BARE_PROXY, hello]);
  const server = await start([cli, "serve", "--store", store, "--listen", "127.0.0.1:0", "--upstream", hello]);

  if (spawnSync("wrk", ["--version"]).error) {
    console.log("verify and gateway: skipped, because wrk is not on the PATH (Debian's package wrk)");
  } else {
    const verify = script("verify.lua", "GET", "/v2/verify", true);
    const call = script("call.lua", "POST", "/v1/algo/demo/Hello", false);
    compare("verify / bare node:http", [server, verify], [hello, verify]);
    compare("gateway / bare node proxy", [server, call], [bareProxy, call]);
    compare("gateway / bare node:http", [server, call], [hello, call]);
  }
  await addedLatency(server, bareProxy, hello);
  await listing(server, token);
}

/** Decisions in this very process, on one core, every key in turn. */
async function inProcess({ driver, pepper }) {
  const verify = tokenVerifier({ driver, pepper });
  const target = { type: "algorithm", call: "demo/Hello" };
  const ask = (index) => verify({ type: "token", token: tokenOf(index) }, { target, headers: [], now: Date.now() });
  for (let index = 0; index < KEYS; index++) await ask(index);
  const tokens = Array.from({ length: KEYS }, (_, index) => tokenOf(index));
  const start = performance.now();
  let allowed = 0;
  for (const token of tokens) {
    const answer = verify({ type: "token", token }, { target, headers: [], now: Date.now() });
    const { decision } = answer instanceof Promise ? await answer : answer;
    if (decision.effect === "allow") allowed++;
  }
  const seconds = (performance.now() - start) / 1000;
  if (allowed !== KEYS) throw new Error(`${KEYS - allowed} keys were refused`);
  console.log(`decisions in process: ${Math.round(KEYS / seconds).toLocaleString("en-US")}/s on one core`);
}

/** A wrk script that shows 512 keys in turn. */
function script(name, method, path, proxied) {
  const file = join(folder, name);
  const tokens = Array.from({ length: 512 }, (_, index) => `"${tokenOf(index * 7).reveal()}"`).join(",");
  const original = proxied
    ? `, ["X-Original-Method"]="POST", ["X-Original-URI"]="/v1/algo/demo/Hello"`
    : `, ["Content-Type"]="application/json"`;
  const body = proxied ? "nil" : `'"World"'`;
  writeFileSync(
    file,
    `local tokens = {${tokens}}
local requests = {}
init = function()
  for i, token in ipairs(tokens) do
    requests[i] = wrk.format("${method}", "${path}", {["Host"]="127.0.0.1", ["Authorization"]="Simple " .. token${original}}, ${body})
  end
end
local turn = 0
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
`,
  );
  return file;
}

function compare(name, own, other) {
  const ratios = [];
  const rates = [];
  load(...own, 1);
  load(...other, 1);
  for (let round = 0; round < ROUNDS; round++) {
    const left = load(...own, SECONDS);
    const right = load(...other, SECONDS);
    ratios.push(left / right);
    rates.push(left);
  }
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(`${name.padEnd(30)} ${median(ratios).toFixed(2)}x  (${range}, ${Math.round(median(rates))} requests/s)`);
}

/** Requests a second; every answer must be 2xx. */
function load(url, lua, seconds) {
  const { stdout, error } = spawnSync("wrk", ["-t1", "-c64", `-d${seconds}s`, "-s", lua, url], { encoding: "utf8" });
  if (error) throw error;
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  if (refused !== undefined) throw new Error(`${refused} of the calls to ${url} were refused`);
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1]);
}

/** 99th percentile of the latency at half of what the gateway can do, against the bare proxy at the same rate. */
async function addedLatency(server, bareProxy, hello) {
  const full = await paced(server, Infinity, 2);
  const rate = full.rate / 2;
  const added = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own = await paced(server, rate, SECONDS);
    const direct = await paced(hello, rate, SECONDS);
    const bare = await paced(bareProxy, rate, SECONDS);
    added.push([own.p99 - direct.p99, bare.p99 - direct.p99]);
  }
  const [gateway, proxy] = [0, 1].map((column) => median(added.map((row) => row[column])));
  console.log(
    `p99 added at half load (${Math.round(rate)}/s): gateway ${gateway.toFixed(2)} ms, bare node proxy ${proxy.toFixed(2)} ms`,
  );
}

async function paced(url, rate, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const { hostname, port } = new URL(url);
  const times = [];
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let sent = 0;
  await Promise.all(
    Array.from({ length: 32 }, async (_, lane) => {
      for (let turn = lane; ; turn += 32) {
        const due = begin + (turn / rate) * 1000;
        const wait = rate === Infinity ? 0 : due - performance.now();
        if (Math.max(due, performance.now()) >= end) return;
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        const start = performance.now();
        await once({ agent, hostname, port, token: tokenOf((sent++ * 7) % 512).reveal() });
        times.push(performance.now() - start);
      }
    }),
  );
  agent.destroy();
  times.sort((left, right) => left - right);
  return { rate: times.length / seconds, p99: times[Math.floor(times.length * 0.99)] };
}

function once({ agent, hostname, port, token }) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Simple ${token}`, "content-type": "application/json" };
    const sent = request({ agent, hostname, port, method: "POST", path: "/v1/algo/demo/Hello", headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
      answer.resume().once("end", resolve);
    });
    sent.once("error", reject);
    sent.end('"World"');
  });
}

/** Ten pages of a thousand keys against a bare server that has the same bytes at hand. */
async function listing(server, token) {
  const pages = [];
  let cursor;
  for (let page = 0; page < 10; page++) {
    const path = `/v2/accounts/acme/keys?limit=1000${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const body = await fetched(server, path, token);
    pages.push({ path, body });
    cursor = JSON.parse(body).nextCursor;
  }
  const file = join(folder, "pages.json");
  writeFileSync(file, JSON.stringify(pages.map(({ body }) => body)));
  const bare = await start([
    "-e",
    `const pages = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).map((page) => Buffer.from(page));
     require("node:http").createServer((request, response) => {
       const page = pages[Number(request.url.slice(1))];
       response.writeHead(200, { "content-type": "application/json", "content-length": page.length });
       response.end(page);
     }).listen(0, "127.0.0.1", function () { console.log("http://127.0.0.1:" + this.address().port); });`,
    file,
  ]);
  const ratios = [];
  for (let round = 0; round < 7; round++) {
    const own = await timed(async () => {
      for (const { path } of pages) JSON.parse(await fetched(server, path, token));
    });
    const other = await timed(async () => {
      for (const index of pages.keys()) JSON.parse(await fetched(bare, `/${index}`, token));
    });
    ratios.push(own / other);
  }
  console.log(`list of 10,000 keys / the same bytes from a bare server: ${median(ratios).toFixed(2)}x`);
}

function fetched(server, path, token) {
  return new Promise((resolve, reject) => {
    get(`${server}${path}`, { headers: { authorization: `Bearer ${token}` } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (chunk) => (body += chunk));
      answer.once("end", () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`${path}: ${body}`))));
    }).once("error", reject);
  });
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Starts a Node process that prints its address; what it logs goes into a file, as a server's log does. */
function start(args) {
  const log = args.includes("serve") ? openSync(join(folder, "server.log"), "w") : "pipe";
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", log, "pipe"] });
  children.add(child);
  return new Promise((resolve, reject) => {
    let told = "";
    const listen = (chunk) => {
      told += String(chunk);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(told)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${told}`)));
  });
}

function bareNode() {
  const start = performance.now();
  spawnSync(process.execPath, ["-e", "0"], { env });
  return performance.now() - start;
}

function median(numbers) {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];
}
