import { describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import { MalformedRequest, problemOf } from "../../src/api/problem.ts";
import {
  readChangeSet,
  readKeyPatch,
  readNewAccount,
  readNewAdminKey,
  readNewKey,
  readVerifyRequest,
} from "../../src/api/wire-requests.ts";
import { wireChangeSet } from "../../src/api/wire.ts";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { creation, drawCredential, sampleChangeSet } from "../contract/samples.ts";

function refusal(read: () => unknown): KeyApiError {
  try {
    read();
  } catch (error) {
    if (error instanceof KeyApiError) return error;
    throw error;
  }
  return expect.fail("it was read");
}

const spec = { algorithms: ["algo://acme/*"] };

describe("a body that has not the described form", () => {
  test.each([
    ["an unknown field", { name: "web", spec, colour: "red" }, "colour is unknown."],
    ["an unknown field further in", { name: "web", spec: { ...spec, colour: 1 } }, "spec.colour is unknown."],
    [
      "a field that would change what objects are",
      JSON.parse('{"name":"web","spec":{},"__proto__":{}}'),
      "__proto__ is unknown.",
    ],
    ["a field with a name that is no word", { name: "web", spec, "a b\u202e": 1 }, '"a b\u202e" is unknown.'],
    ["a field that is missing", { name: "web" }, "spec is missing."],
    ["a spec without algorithms", { name: "web", spec: {} }, "spec.algorithms is missing."],
    ["a field of another type", { name: 7, spec }, "name must be text."],
    [
      "an entry of another type",
      { name: "web", spec: { algorithms: ["algo://*", 7] } },
      "spec.algorithms[1] must be text.",
    ],
    [
      "a word that is none of those allowed",
      { name: "web", spec: { ...spec, data: "all" } },
      "spec.data must be one of none, read, readwrite.",
    ],
    [
      "a field that may be null and is a number",
      { name: "web", spec: { ...spec, expires: 7 } },
      "spec.expires must be text or null.",
    ],
    ["no object", [], "the body must be an object."],
    ["nothing", null, "the body must be an object."],
  ])("is refused with what is wrong with it: %s", (_, body, message) => {
    const error = refusal(() => readNewKey(body));
    expect(error).toBeInstanceOf(MalformedRequest);
    expect([error.code, problemOf(error).status]).toEqual(["invalid", 400]);
    expect(error.message).toBe(`The request is malformed: ${message} GET /v2/openapi.json describes it.`);
  });

  test("is refused whichever route it is for", () => {
    const { digest, mask } = drawCredential().credential;
    const reads = [
      () => readNewAccount({ name: "acme", defaultKey: "default" }),
      () => readNewAccount({ name: "acme", defaultKey: { id: "x" } }),
      () => readKeyPatch({}),
      () => readKeyPatch({ spec: {} }),
      () => readNewAdminKey({ name: "ci", role: "root", account: null, expires: null, digest, mask }),
      () => readVerifyRequest({ request: { method: "GET", uri: "/", headers: [] } }),
      () => readVerifyRequest({ token: "sim", digest, request: { method: "GET", uri: "/", headers: [] } }),
      () => readVerifyRequest({ digest, request: { method: "GET", uri: "/", headers: [["origin"]] } }),
      () => readChangeSet({ ...sampleChangeSet([]), changes: {} }),
    ];
    for (const read of reads) expect(refusal(read)).toBeInstanceOf(MalformedRequest);
  });

  test("tells of the changes of a change set one by one, by the names of their keys", () => {
    const wire = wireChangeSet(sampleChangeSet([creation("fine")])) as { readonly changes: readonly object[] };
    const [fine] = wire.changes;
    const changes = [
      fine,
      { ...fine, name: "web", colour: 1 },
      { action: "explode", name: "app" },
      null,
      { action: "delete", id: "some-key", revision: "1" },
      { action: "delete", id: "some-key", revision: 1, name: "app" },
    ];
    const error = refusal(() => readChangeSet({ ...wire, changes }));
    expect(error.problems.map(({ change, message }) => [change, message])).toEqual([
      [1, '"web": colour is unknown.'],
      [2, '"app": action is unknown.'],
      [3, '"change": the change must be an object.'],
      [4, '"some-key": revision must be a whole number.'],
      [5, '"app": name is unknown.'],
    ]);
    expect(error.message).toBe('"web": colour is unknown. (and 4 more) Nothing was changed.');
  });

  test("is refused in bounded time and space, however much of it is wrong", () => {
    const changes = Array.from({ length: 200_000 }, () => 7);
    const error = refusal(() => readChangeSet({ ...sampleChangeSet([]), changes }));
    expect(error.problems).toHaveLength(1000);
  });
});

describe("origins that mean nothing", () => {
  test.each([
    ["nobody may call", { native: false }, "origins must allow native or web callers."],
    ["sites without browsers", { referrers: ["shop.example"] }, "origins.referrers needs origins.web to be true."],
  ])("are refused as invalid, and never become the wider default: %s", (_, origins, message) => {
    const error = refusal(() => readNewKey({ name: "web", spec: { ...spec, origins } }));
    expect([error.code, problemOf(error).status, error.message]).toEqual([
      "invalid",
      422,
      `The spec makes no sense: ${message}`,
    ]);
    const change = { action: "create", name: "web", spec: { ...spec, origins }, managedBy: null, credential: null };
    const inSet = refusal(() => readChangeSet({ ...sampleChangeSet([]), changes: [change] }));
    expect(inSet.problems).toMatchObject([{ change: 0, code: "invalid" }]);
  });

  test("an empty list of sites is refused, and does not become any site", () => {
    const origins = { web: true, referrers: [] };
    expect(refusal(() => readNewKey({ name: "web", spec: { ...spec, origins } })).message).toContain(
      "spec.origins.referrers must have at least 1 entry",
    );
  });
});

describe("the wire form of a change set", () => {
  test.each(["description", "origins", "data", "enabled", "labels"] as const)(
    "states the %s that a spec lacks as null, so that no default slips into its place",
    (field) => {
      const lacking = { ...DEFAULT_SPEC, [field]: undefined };
      const wire = JSON.parse(
        JSON.stringify(wireChangeSet(sampleChangeSet([creation("web", { spec: lacking })]))),
      ) as unknown;
      const { problems } = refusal(() => readChangeSet(wire));
      expect(problems).toMatchObject([
        { change: 0, message: expect.stringContaining(`"web": spec.${field} must be`) as unknown },
      ]);
    },
  );

  test("leaves what is no change for the platform to refuse", () => {
    const nonsense = [null, 7, "create"] as unknown as [];
    expect(wireChangeSet(sampleChangeSet(nonsense))).toMatchObject({ changes: [null, 7, "create"] });
  });
});

test("what a request leaves out has its default", () => {
  expect(readNewKey({ name: "web", spec })).toEqual({
    name: "web",
    spec: { ...DEFAULT_SPEC, ...spec },
    managedBy: null,
    credential: null,
    project: null,
    message: "",
  });
  expect(readKeyPatch({ managedBy: null })).toEqual({ managedBy: null, project: null, message: "" });
});

test("the token of a question is never printed", () => {
  const asked = readVerifyRequest({ token: "simCanary", request: { method: "GET", uri: "/", headers: [] } });
  expect(JSON.stringify(asked)).not.toContain("simCanary");
});
