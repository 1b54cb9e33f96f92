import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authorize, type AccessRequest } from "../../../src/core/authorize.ts";
import type { RawHeaders } from "../../../src/core/caller-origin.ts";
import { DATA_ACCESS } from "../../../src/core/data-access.ts";
import { originsOf } from "../../../src/core/declared-spec.ts";
import type { KeySpec } from "../../../src/core/key-spec.ts";
import algorithmVectors from "../../vectors/algorithm.json" with { type: "json" };
import dataVectors from "../../vectors/data.json" with { type: "json" };
import originVectors from "../../vectors/origin.json" with { type: "json" };
import { sampleSpec } from "../../contract/samples.ts";
import { openGateway, OWN_ORIGIN, type OpenGateway } from "./open-gateway.ts";
import { requestText, sendRaw, type RawAnswer } from "./raw-client.ts";

/** One vector as a call. */
interface VectorCall {
  readonly name: string;
  readonly spec: Partial<KeySpec>;
  readonly method: string;
  readonly uri: string;
  readonly headers: RawHeaders;
  readonly target: AccessRequest["target"];
  readonly expected: { readonly status: number; readonly reason: string };
}

const folder = mkdtempSync(join(tmpdir(), "algokeys-vectors-"));
let open: OpenGateway;
let admin: string;

beforeAll(async () => {
  open = await openGateway(folder);
  admin = (await open.adminKey("reader")).reveal();
});

afterAll(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

const ALGORITHM_CALLS = algorithmVectors.decisions.map(({ patterns, call, expect, reason }): VectorCall => {
  return {
    name: `${patterns.join(" ")}: ${call}`,
    spec: { algorithms: patterns },
    method: "POST",
    uri: `/v1/algo/${call}`,
    headers: [],
    target: { type: "algorithm", call },
    expected: { status: expect === "allow" ? 200 : 403, reason },
  };
});

const ORIGIN_CALLS = originVectors.decisions.map(({ key, headers, expect, reason }): VectorCall => {
  const origins = originsOf(key);
  if (origins === undefined) throw new Error("the vector's origins mean nothing");
  const allowed = expect === "allow";
  return {
    name: `${JSON.stringify(key)}: ${JSON.stringify(headers)}`,
    spec: { origins, algorithms: ["algo://demo/hello"] },
    method: "POST",
    uri: "/v1/algo/demo/hello",
    headers: headers.map(([name = "", value = ""]) => [name, value] as const),
    target: { type: "algorithm", call: "demo/hello" },
    // Where the vector says why the origin is fine, the decision goes on to say why the algorithm is.
    expected: { status: allowed ? 200 : expect === "deny" ? 403 : 400, reason: allowed ? "algo" : reason },
  };
});

const DATA_CALLS = dataVectors.decisions.flatMap((row) =>
  DATA_ACCESS.flatMap((data) =>
    ["/v1/data/acme/photos/cat.jpg", "/v1/connector/s3/photos/cat.jpg"].map((uri): VectorCall => {
      const due = row[data];
      const reasons: Readonly<Record<string, string>> = {
        204: "preflight",
        403: "data_not_allowed",
        405: "method_not_allowed",
        allow: "data",
      };
      return {
        name: `data ${data}: ${row.verb} ${uri}`,
        spec: { data },
        method: row.verb,
        uri,
        headers: [],
        target: { type: "data", method: row.verb },
        expected: { status: due === "allow" ? 200 : Number(due), reason: reasons[due] ?? "" },
      };
    }),
  ),
);

const OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"].map((name): VectorCall => {
  return {
    name: `data readwrite: GET with ${name}`,
    spec: { data: "readwrite" },
    method: "GET",
    uri: "/v1/data/acme/photos",
    headers: [[name, "DELETE"]],
    target: { type: "data", method: "GET" },
    expected: { status: 400, reason: "method_override" },
  };
});

const CALLS = [...ALGORITHM_CALLS, ...ORIGIN_CALLS, ...DATA_CALLS, ...OVERRIDES];

/** What HTTP makes of a call: a target of other than ASCII is no target, before there is a key to judge it by. */
function dueOverHttp({ uri, expected }: VectorCall): VectorCall["expected"] {
  return /^[\x21-\x7e]*$/.test(uri) ? expected : { status: 400, reason: "bad_target" };
}

async function asked(call: VectorCall): Promise<RawHeaders> {
  const token = await open.keyFor(call.spec);
  return [...call.headers, ["Authorization", `Simple ${token.reveal()}`]];
}

/** The forms of the question that tell the client's status as it is. */
const FORWARD_AUTH: Readonly<Record<string, (call: VectorCall) => Promise<RawAnswer>>> = {
  "Traefik and Caddy": async (call) => {
    const stated = [["X-Forwarded-Method", call.method] as const, ["X-Forwarded-Uri", call.uri] as const];
    return await sendRaw(open.port, requestText("GET", "/v2/verify", [...(await asked(call)), ...stated]));
  },
  Envoy: async (call) => await sendRaw(open.port, requestText(call.method, `/v2/verify${call.uri}`, await asked(call))),
};

test.each(CALLS)("authorize: $name", ({ spec, headers, target, expected }) => {
  const key = { account: "acme", deletedAt: null, spec: sampleSpec(spec) };
  const decision = authorize(key, { headers, target, now: Date.now(), ownOrigin: OWN_ORIGIN });
  expect([decision.effect === "allow" ? 200 : decision.status, decision.reason]).toEqual([
    expected.status,
    expected.reason,
  ]);
});

test.each(CALLS)("gateway: $name (field row 30)", async (call) => {
  open.seen.length = 0;
  const answer = await sendRaw(open.port, requestText(call.method, call.uri, await asked(call)));
  const due = dueOverHttp(call);
  expect([answer.status, open.records.at(-1)?.reason]).toEqual([due.status, due.reason]);
  expect(open.seen.length).toBe(answer.status === 200 ? 1 : 0);
  if (answer.status === 200) expect(open.seen[0]).toMatchObject({ method: call.method, url: call.uri });
  else if (answer.status !== 204 && due === call.expected) expect(answer.headers["x-algokeys-reason"]).toBe(due.reason);
});

for (const [proxy, ask] of Object.entries(FORWARD_AUTH)) {
  test.each(CALLS)(`/v2/verify as ${proxy} ask: $name`, async (call) => {
    const answer = await ask(call);
    const due = dueOverHttp(call);
    // Success would mean "forward", and a preflight bears no key.
    const status = due.status === 204 ? 403 : due.status;
    expect([answer.status, open.records.at(-1)?.reason]).toEqual([status, due.reason]);
  });
}

test.each(CALLS)("/v2/verify as nginx asks: $name", async (call) => {
  const stated = [["X-Original-Method", call.method] as const, ["X-Original-URI", call.uri] as const];
  const answer = await sendRaw(open.port, requestText("GET", "/v2/verify", [...(await asked(call)), ...stated]));
  const due = dueOverHttp(call);
  const status = due.status === 200 ? 200 : 403;
  expect([answer.status, answer.headers["x-algokeys-reason"]]).toEqual([status, due.reason]);
});

test.each(CALLS)("POST /v2/verify: $name", async (call) => {
  const { method, uri, headers } = call;
  const due = dueOverHttp(call);
  const token = (await open.keyFor(call.spec)).reveal();
  const body = JSON.stringify({ token, request: { method, uri, headers } });
  const own = [["Authorization", `Bearer ${admin}`] as const, ["Content-Type", "application/json"] as const];
  const answer = await sendRaw(open.port, requestText("POST", "/v2/verify", own, body));
  expect(answer.status).toBe(200);
  const { decision } = JSON.parse(answer.body) as { decision: { status?: number; reason: string } };
  expect([decision.status ?? 200, decision.reason]).toEqual([due.status, due.reason]);
});

test.each<[string, string, RawHeaders]>([
  ["FOO", "/v1/data/acme/x", []],
  ["get", "/v1/data/acme/x", []],
  ["PROPFIND", "/v1/data/acme/x", []],
  ["FOO", "/v1/algo/demo/hello", []],
  ["GET", "/v1/algo/demo/hello", []],
  ["POST", "/v1/algo/demo/hel\u043bo", []],
  ["POST", "/v1/algo/demo/hello#x", []],
  ["POST", "/v1/algo/demo/hello?apiKey=x", []],
  ["POST", "/v1/algo/demo/hello", [["Upgrade", "websocket"]]],
  ["POST", "/v1/algo/demo/hello", [["Transfer-Encoding", "gzip, chunked"]]],
  [
    "POST",
    "/v1/algo/demo/hello",
    [
      ["Content-Length", "0"],
      ["Content-Length", "0"],
    ],
  ],
  ["POST", "/v1/algo/demo/hello", [["Content-Length", "+1"]]],
  [
    "POST",
    "/v1/algo/demo/hello",
    [
      ["Content-Type", "a/b"],
      ["content-type", "a/b"],
    ],
  ],
  ["POST", "/v1/algo/demo/hello", [["Expect", "miracles"]]],
  ["POST", "/v1/algo/demo/hello", [["Host", "a b"]]],
  ["GET", "/v1/data/acme/x", [["Content-Length", "3"]]],
])("the gateway and both ways to ask are of one mind on %s %s with %j", async (method, uri, headers) => {
  const token = (await open.keyFor({ algorithms: ["algo://demo/*"], data: "read" })).reveal();
  const reasonOf = (): unknown => open.records.at(-1)?.reason;
  const direct = await sendRaw(open.port, requestText(method, uri, [...headers, ["Authorization", token]]));
  const due = [direct.status, reasonOf()];
  expect(direct.status).toBeGreaterThanOrEqual(400);

  const body = JSON.stringify({ token, request: { method, uri, headers } });
  const own = [["Authorization", `Bearer ${admin}`] as const, ["Content-Type", "application/json"] as const];
  const told = await sendRaw(open.port, requestText("POST", "/v2/verify", own, body));
  const { decision } = JSON.parse(told.body) as { decision: { status?: number; reason: string } };
  expect([decision.status ?? 200, decision.reason]).toEqual(due);

  const stated = [["X-Forwarded-Method", method] as const, ["X-Forwarded-Uri", uri] as const];
  const asked = [...headers, ...stated, ["Authorization", token] as const];
  const proxied = await sendRaw(open.port, requestText("GET", "/v2/verify", asked));
  expect([proxied.status, reasonOf()]).toEqual(due);
});
