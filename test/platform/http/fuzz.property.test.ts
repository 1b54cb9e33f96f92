import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Secret } from "../../../src/core/secret.ts";
import { OPERATIONS, resolved, type Node, type Operation } from "../../api/description.ts";
import { drawId } from "../../contract/samples.ts";
import { expectDescribed } from "./described-answer.ts";
import { arbitraryDamage, arbitraryOf, withUnknownField } from "./schema-arbitrary.ts";
import { serve, type Received, type Serving } from "./serving.ts";

// Generated from the API's description: whatever fits its schemas, and whatever does not.

const RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 2_000 : 60;

let serving: Serving;
let token: Secret;
let keys: readonly { readonly id: string; readonly revision: number }[] = [];

beforeAll(async () => {
  serving = await serve();
  token = await serving.adminToken();
  for (const name of ["acme", "other"]) {
    await serving.send("POST", "/v2/accounts", { token, body: { name, defaultKey: "without-credential" } });
  }
  const list = await serving.send("GET", "/v2/accounts/acme/keys", { token });
  keys = (list.json as { keys: { id: string; revision: number }[] }).keys;
});

afterAll(async () => {
  await serving.end();
});

interface Asked {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const account = fc.constantFrom("acme", "acme", "acme", "ACME", "other", "nobody", "__proto__", "a.b", "a".repeat(31));
const keyId = fc.oneof(
  fc.nat({ max: 1 }).map((place) => keys[place]?.id ?? "nothing"),
  fc.constantFrom("nothing", "__proto__", "-", "a".repeat(65)),
);

function schemaOf(parameter: Node): Node {
  const reference = parameter["$ref"];
  return typeof reference === "string" ? (resolved(reference) as Node) : parameter;
}

/** What fits, or nearly fits: names of fields as described, values of any kind. */
function arbitraryParameters(
  operation: Operation,
  place: "query" | "header",
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const parameters = (operation.operation.parameters ?? [])
    .map(schemaOf)
    .filter((parameter) => parameter["in"] === place);
  const values = parameters.map((parameter) => {
    const name = String(parameter["name"]);
    const fitting = arbitraryOf(parameter["schema"] as Node).map(String);
    const odd = fc.constantFrom("", "0", "-1", "x", "null", "9".repeat(30), '"', "a,b");
    const known = fc.constantFrom(...keys.map(({ id, revision }) => `"${id}.${revision}"`), '"x.1"');
    const value = fc.oneof(fitting, odd, name.startsWith("If-") ? known : fitting);
    return [name, place === "header" ? value.filter((text) => /^[\x21-\x7e]*$/.test(text)) : value] as const;
  });
  const some = fc.record(Object.fromEntries(values), { requiredKeys: [] });
  return some.map((stated) => Object.fromEntries(Object.entries(stated).map(([name, text]) => [name, text ?? ""])));
}

function bodySchema({ operation }: Operation): Node | undefined {
  return operation.requestBody?.content["application/json"]?.["schema"] as Node | undefined;
}

function arbitraryAsked(operation: Operation, body: (fitting: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<Asked> {
  const schema = bodySchema(operation);
  const path = fc
    .tuple(account, keyId)
    .map(([name, id]) => operation.path.replace("{account}", name).replace("{id}", id));
  return fc.record({
    path,
    query: arbitraryParameters(operation, "query"),
    headers: arbitraryParameters(operation, "header"),
    body: schema === undefined ? fc.constant(undefined) : arbitraryOf(schema).chain(body),
  });
}

async function ask({ method }: Operation, { path, query, headers, body }: Asked): Promise<Received> {
  const search = new URLSearchParams(query).toString();
  return await serving.send(method, search === "" ? path : `${path}?${search}`, { token, headers, body });
}

function named(operations: readonly Operation[]): [string, Operation][] {
  return operations.map((operation) => [operation.operation.operationId, operation]);
}

const FUZZED = OPERATIONS.filter(({ operation }) => operation["x-algokeys-role"] !== undefined);

describe.each(named(FUZZED))("%s", (_, operation) => {
  test("answers whatever is asked as its description says, and never fails", async () => {
    const damaged = (fitting: unknown): fc.Arbitrary<unknown> =>
      fc.oneof({ weight: 2, arbitrary: fc.constant(fitting) }, { weight: 1, arbitrary: arbitraryDamage(fitting) });
    await fc.assert(
      fc.asyncProperty(arbitraryAsked(operation, damaged), async (asked) => {
        const answer = await ask(operation, asked);
        expect([answer.status < 500, answer.text.slice(0, 300)]).toEqual([true, answer.text.slice(0, 300)]);
        expectDescribed(operation, answer);
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each(named(FUZZED.filter((operation) => bodySchema(operation) !== undefined)))("%s", (_, operation) => {
  test("refuses every field that it does not know, wherever it stands", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryAsked(operation, withUnknownField), async ({ body }) => {
        const path = operation.path.replace("{account}", "acme").replace("{id}", keys[0]?.id ?? "");
        const headers = { "if-match": `"${keys[0]?.id ?? ""}.${keys[0]?.revision ?? 0}"` };
        const answer = await ask(operation, { path, query: {}, headers, body });
        expect([answer.status, answer.text.slice(0, 300)]).toEqual([400, answer.text.slice(0, 300)]);
      }),
      { numRuns: RUNS },
    );
  });
});

// With a query, `POST /v2/verify` is a proxy's question, which the gateway's tests ask.
describe.each(named(FUZZED.filter(({ path }) => path !== "/v2/verify")))("%s", (_, operation) => {
  test("knows no other field of the query", async () => {
    const path = operation.path.replace("{account}", "acme").replace("{id}", drawId());
    const body = bodySchema(operation) === undefined ? undefined : {};
    const answer = await ask(operation, { path, query: { colour: "red" }, headers: {}, body });
    expect([answer.status, answer.json]).toMatchObject([400, { code: "invalid" }]);
  });
});

describe.each(named(FUZZED.filter((operation) => bodySchema(operation) !== undefined)))("%s", (_, operation) => {
  test("serves the examples that its description gives", async () => {
    const content = operation.operation.requestBody?.content["application/json"];
    const examples = Object.values(
      (content?.["examples"] ?? {}) as Readonly<Record<string, { readonly value: unknown }>>,
    );
    expect(examples.length).toBeGreaterThan(0);
    const name = `examples${randomBytes(4).toString("hex")}`;
    await serving.send("POST", "/v2/accounts", { token, body: { name, defaultKey: "without-credential" } });
    const list = await serving.send("GET", `/v2/accounts/${name}/keys`, { token });
    const [key] = (list.json as { keys: { id: string; revision: number }[] }).keys;
    for (const { value } of examples) {
      const path = operation.path.replace("{account}", name).replace("{id}", key?.id ?? "");
      const headers = { "if-match": `"${key?.id ?? ""}.${key?.revision ?? 0}"` };
      const body = withFreshNames(value, name);
      if (path.endsWith("/leases/renew")) {
        const holder = { host: "here", process: "1", command: "apply" };
        const taken = { ...(body as Readonly<Record<string, unknown>>), ...holder };
        await serving.send("POST", path.replace("/renew", ""), { token, body: taken });
      }
      const answer = await serving.send(operation.method, path, { token, headers, body });
      expect([Math.floor(answer.status / 100), answer.text]).toEqual([2, answer.text]);
      expectDescribed(operation, answer);
    }
  });
});

/** An example with what must be there once only drawn afresh. */
function withFreshNames(value: unknown, name: string): unknown {
  const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
  const text = JSON.stringify(value)
    .replaceAll(/"[0-9a-f]{64}"/g, () => `"${hex(32)}"`)
    .replaceAll(/"[0-9a-f]{24}"/g, () => `"${hex(12)}"`)
    .replaceAll('"acme"', `"${name}"`);
  const fresh = JSON.parse(text) as Record<string, unknown>;
  return "defaultKey" in fresh ? { ...fresh, name: `a${hex(4)}` } : fresh;
}

test("nothing that was sent has changed what objects have", () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)["colour"]).toBeUndefined();
});
