import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Caller } from "../../../src/api/key-api.ts";
import type { ApiKey } from "../../../src/core/api-key.ts";
import type { LeaseGrip } from "../../../src/api/lease.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { OPERATIONS, type Operation } from "../../api/description.ts";
import { drawCredential, drawId } from "../../contract/samples.ts";
import { expectDescribed } from "./described-answer.ts";
import { drawAdminKey, serve, type Received, type SendOptions, type Serving } from "./serving.ts";

// Generated from the API's description: every operation, asked for by every kind of credential, for every kind of target.

/** The callers of the matrix; `role` is null for those that nobody lets in. */
interface Asker {
  readonly name: string;
  readonly token: Secret | undefined;
  readonly role: Caller["role"] | null;
  readonly account: string | null;
}

/** What is asked for: something of `acme`, of `other`, or a key of `other` by a path within `acme`. */
const TARGETS = ["own", "foreign", "foreign id"] as const;
type Target = (typeof TARGETS)[number];

const RANKS = { reader: 0, writer: 1, admin: 2 } as const;
const CLOSED = OPERATIONS.filter(({ operation }) => operation["x-algokeys-role"] !== undefined);

let serving: Serving;
let root: Secret;
let askers: readonly Asker[] = [];

beforeAll(async () => {
  serving = await serve();
  root = await serving.adminToken({ name: "root" });
  for (const name of ["acme", "other"]) {
    await asRoot("POST", "/v2/accounts", { body: { name, defaultKey: "none" } });
  }
  const drawn = drawCredential();
  const spec = { algorithms: ["algo://*"], management: true };
  await asRoot("POST", "/v2/accounts/acme/keys", { body: { name: "caller", spec, credential: drawn.credential } });
  const let_in: Asker[] = [];
  for (const role of ["reader", "writer", "admin"] as const) {
    for (const account of ["acme", null]) {
      const token = await serving.adminToken({ role, account });
      let_in.push({ name: `${role} of ${account ?? "all accounts"}`, token, role, account });
    }
  }
  const expired = await serving.adminToken({ expires: "2020-01-01T00:00:00Z" });
  const revoked = await serving.adminToken({ name: "revoked" });
  const { adminKeys } = (await asRoot("GET", "/v2/admin-keys")).json as { adminKeys: { id: string; name: string }[] };
  await asRoot("DELETE", `/v2/admin-keys/${adminKeys.find(({ name }) => name === "revoked")?.id ?? ""}`);
  const nobody = { role: null, account: null };
  askers = [
    ...let_in,
    { name: "nobody", token: undefined, ...nobody },
    { name: "a key of the account", token: drawn.token, ...nobody },
    { name: "an unknown admin key", token: drawAdminKey().token, ...nobody },
    { name: "an expired admin key", token: expired, ...nobody },
    { name: "a revoked admin key", token: revoked, ...nobody },
  ];
});

afterAll(async () => {
  await serving.end();
});

function asRoot(method: string, path: string, options: SendOptions = {}): Promise<Received> {
  return serving.send(method, path, { token: root, ...options });
}

/** A request that would be served if its caller may make it, with what must not be told to who may not. */
interface Prepared {
  readonly path: string;
  readonly options: SendOptions;
  readonly secrets: readonly string[];
  readonly revision: () => Promise<unknown>;
}

async function prepare({ path, operation }: Operation, target: Target): Promise<Prepared> {
  const owner = target === "own" ? "acme" : "other";
  const account = target === "foreign" ? "other" : "acme";
  const name = `secret-${drawId()}`;
  const { credential } = drawCredential();
  const body = { name, spec: { algorithms: [] }, credential };
  const made = (await asRoot("POST", `/v2/accounts/${owner}/keys`, { body })).json as { id: string; revision: number };
  let etag = `"${made.id}.${made.revision}"`;
  if (operation.operationId === "restoreKey") {
    const options = { headers: { "if-match": etag } };
    etag = (await asRoot("DELETE", `/v2/accounts/${owner}/keys/${made.id}`, options)).headers.get("etag") ?? "";
  }
  const admin = drawAdminKey({ account: owner }).key;
  const adminId = ((await asRoot("POST", "/v2/admin-keys", { body: admin })).json as { id: string }).id;
  const isAdminKey = path.startsWith("/v2/admin-keys");
  const told = (await asRoot("GET", `/v2/accounts/${owner}/keys/${made.id}`)).json as ApiKey;
  const ofKey = path.includes("/change-sets/{id}") ? told.lastChange.changeSet : made.id;
  const filled = path.replace("{account}", account).replace("{id}", isAdminKey ? adminId : ofKey);
  const grip = { project: `p${drawId()}`, runner: drawId() };
  if (operation.operationId === "renewLease") {
    const request = { body: { ...grip, host: "here", process: "1", command: "apply" } };
    expect((await asRoot("POST", `/v2/accounts/${account}/leases`, request)).status).toBe(200);
  }
  return {
    path: filled,
    options: { ...bodyOf(operation.operationId, account, grip), headers: { "if-match": etag } },
    secrets: [name, credential.id, credential.mask, isAdminKey ? made.id : adminId, admin.name, admin.mask],
    revision: async () => (await asRoot("GET", isAdminKey ? "/v2/admin-keys" : `/v2/accounts/${owner}`)).json,
  };
}

/** A body that is right for its operation. */
function bodyOf(operationId: string, account: string, grip: LeaseGrip): { readonly body?: unknown } {
  const bodies: Readonly<Record<string, () => unknown>> = {
    createAccount: () => ({ name: `a${drawId()}`, defaultKey: "none" }),
    createKey: () => ({ name: drawId(), spec: { algorithms: [] } }),
    updateKey: () => ({ spec: { data: "read" } }),
    commitChangeSet: () => ({ id: drawId(), project: null, message: "", changes: [] }),
    takeLease: () => ({ ...grip, host: "here", process: "1", command: "apply" }),
    renewLease: () => grip,
    releaseLease: () => grip,
    createAdminKey: () => drawAdminKey({ role: "reader", account }).key,
    verify: () => ({ digest: "0".repeat(64), request: { method: "POST", uri: "/v1/algo/demo/Hello", headers: [] } }),
  };
  const body = bodies[operationId]?.();
  return body === undefined ? {} : { body };
}

/** What the answer must be. */
function expectedStatus({ path, operation, method }: Operation, asker: Asker, target: Target): number {
  const { operationId } = operation;
  const required = operation["x-algokeys-role"] as Caller["role"];
  if (asker.role === null) return 401;
  const mayRole = RANKS[asker.role] >= RANKS[required];
  const bound = asker.account !== null;
  const success =
    method === "POST" && ["createAccount", "createKey", "createAdminKey"].includes(operationId) ? 201 : 200;
  if (operationId === "createAccount") return mayRole && !bound ? 201 : 403;
  if (path.startsWith("/v2/admin-keys")) {
    if (!mayRole) return 403;
    if (operationId === "listAdminKeys" || !bound) return success;
    // Asked for by its id, or as the account that it would open.
    const foreign = operationId === "createAdminKey" ? target === "foreign" : target !== "own";
    return foreign ? 404 : success;
  }
  if (!path.includes("{account}")) return mayRole ? success : 403;
  if (bound && target === "foreign") return 404;
  if (path.includes("{id}") && target === "foreign id") return 404;
  return mayRole ? success : 403;
}

/** A refusal without what differs between any two of them. */
function wording(text: string, prepared: Prepared): string {
  const [account, id] = [/accounts\/([^/]+)/, /(?:keys|admin-keys|change-sets)\/([^/]+)/].map(
    (part) => part.exec(prepared.path)?.[1],
  );
  return [account, id].reduce<string>(
    (words, part) => (part === undefined ? words : words.replaceAll(part, "X")),
    text.replace(/"requestId":"[^"]*"/, ""),
  );
}

describe.each(CLOSED.map((operation) => [operation.operation.operationId, operation] as const))(
  "the operation %s",
  (_, operation) => {
    test("serves exactly those who may, and tells nobody else anything", async () => {
      for (const target of TARGETS) {
        let fresh: Prepared | undefined;
        for (const asker of askers) {
          const prepared: Prepared = (fresh ??= await prepare(operation, target));
          const before = await prepared.revision();
          const answer = await serving.send(operation.method, prepared.path, {
            ...prepared.options,
            token: asker.token,
          });
          const what = `${asker.name}, ${target}`;
          expect([what, answer.status, answer.text.slice(0, 200)]).toEqual([
            what,
            expectedStatus(operation, asker, target),
            answer.text.slice(0, 200),
          ]);
          expectDescribed(operation, answer);
          const visible = asker.role !== null && (asker.account === null || target === "own");
          if (!visible || answer.status >= 400) {
            for (const secret of prepared.secrets) expect([what, answer.text.includes(secret)]).toEqual([what, false]);
          }
          if (answer.status >= 400) expect([what, await prepared.revision()]).toEqual([what, before]);
          else if (operation.method !== "GET") fresh = undefined;
        }
      }
    });
  },
);

describe.each(
  CLOSED.filter(({ path }) => path.includes("{account}")).map(
    (operation) => [operation.operation.operationId, operation] as const,
  ),
)("the operation %s", (_, operation) => {
  test("answers for another account as it does for one that is not there", async () => {
    for (const asker of askers.filter(({ account }) => account === "acme")) {
      const foreign = await prepare(operation, "foreign");
      const id = /keys\/([^/]+)/.exec(foreign.path)?.[1] ?? "no id";
      const absent = "0".repeat(24);
      const path = foreign.path.replace("/other", "/nobody").replace(id, absent);
      const headers = { "if-match": foreign.options.headers?.["if-match"]?.replace(id, absent) ?? "" };
      const missing = { ...foreign, path, options: { ...foreign.options, headers } };
      const ask = (asked: Prepared): Promise<Received> =>
        serving.send(operation.method, asked.path, { ...asked.options, token: asker.token });
      const [one, other] = [await ask(foreign), await ask(missing)];
      expect([one.status, [...one.headers.keys()]]).toEqual([404, [...other.headers.keys()]]);
      expect(wording(one.text, foreign)).toBe(wording(other.text, missing));
    }
  });
});

test("whoever is not let in gets one answer, whatever is asked for", async () => {
  const unknown = askers.filter(({ name }) => ["a key of the account", "an unknown admin key"].includes(name));
  const texts = new Set<string>();
  for (const operation of CLOSED.filter(({ path }) => path !== "/v2/verify")) {
    for (const asker of unknown) {
      for (const target of TARGETS) {
        const { path, options } = await prepare(operation, target);
        const { text } = await serving.send(operation.method, path, { ...options, token: asker.token });
        texts.add(text.replace(/"requestId":"[^"]*"/, ""));
      }
    }
  }
  expect([...texts]).toHaveLength(1);
});
