import { encode } from "@msgpack/msgpack";
import { create } from "@bufbuild/protobuf";
import { makeToken } from "../../../src/core/token.ts";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeMsgpack } from "../../../src/terraform/protocol/cty-msgpack.ts";
import type { ProviderPort } from "../../../src/terraform/protocol/provider-port.ts";
import { providerRpc } from "../../../src/terraform/protocol/provider-rpc.ts";
import type { ProviderHandlers } from "../../../src/terraform/protocol/rpc-handlers.ts";
import type { ProviderSchema } from "../../../src/terraform/protocol/schema.ts";
import { Provider } from "../../../src/terraform/protocol/tfplugin6.generated.ts";

const token = makeToken("caller", randomBytes).reveal();
const attributes = { name: { type: "string", setBy: "author", description: "" } } as const;
const one = { version: 0, description: "", attributes };
const SCHEMA: ProviderSchema = {
  provider: one,
  resources: {
    thing: { ...one, identity: { version: 0, attributes: { id: { description: "", import: "required" } } } },
  },
  dataSources: { thing: one },
  ephemeralResources: { thing: one },
  functions: {
    call: {
      summary: "",
      description: "",
      parameters: [{ name: "a", type: "string", description: "" }],
      returns: "string",
    },
  },
};

/** A provider of which everything fails in a way that nobody foresaw. */
const BROKEN = new Proxy({ schema: SCHEMA } as ProviderPort, {
  get: (target, name) =>
    name === "schema"
      ? target.schema
      : () => {
          throw new Error(`boom ${token}`);
        },
});

const VALUE = { msgpack: encodeMsgpack(["object", { name: "string" }], { name: "a" }), json: new Uint8Array() };
const REQUEST = {
  typeName: "thing",
  name: "call",
  arguments: [{ msgpack: encode("a"), json: new Uint8Array() }],
  targetTypeName: "thing",
  id: "1",
  version: 0n,
  sourceSchemaVersion: 0n,
  private: new Uint8Array(),
  ...{ config: VALUE, currentState: VALUE, priorState: VALUE, proposedNewState: VALUE, plannedState: VALUE },
};

function handlerOf(handlers: ProviderHandlers, name: string): (request: unknown) => Promise<Record<string, unknown>> {
  return (
    (handlers as unknown as Record<string, (request: unknown) => Promise<Record<string, unknown>>>)[name] ??
    (() => Promise.reject(new Error(`no ${name}`)))
  );
}

const METHODS = Provider.methods.map(({ localName }) => localName);
const PURE = ["getMetadata", "getProviderSchema", "getFunctions", "getResourceIdentitySchemas"];
const CALM = [...PURE, "upgradeResourceIdentity", "renewEphemeralResource", "closeEphemeralResource"];

describe("every method of the protocol", () => {
  test("is served", () => {
    expect(Object.keys(providerRpc(BROKEN)).sort()).toEqual([...METHODS].sort());
  });

  test.each(METHODS.filter((name) => !CALM.includes(name)))(
    "%s tells a bug as a diagnostic with what to do, and no secret",
    async (name) => {
      const answer = await handlerOf(providerRpc(BROKEN), name)(REQUEST);
      const method = Provider.methods.find(({ localName }) => localName === name);
      if (method !== undefined) expect(() => create(method.output, answer)).not.toThrow();
      const told = JSON.stringify(answer, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
      expect(told).toContain("boom");
      expect(told).toContain("Please report it");
      expect(told).not.toContain(token);
      if (name === "applyResourceChange") expect(answer["newState"]).toEqual(VALUE);
    },
  );

  test.each([
    "validateResourceConfig",
    "readResource",
    "planResourceChange",
    "validateProviderConfig",
    "readDataSource",
  ])("%s tells what cannot be read as a diagnostic too", async (name) => {
    const bad = { msgpack: Uint8Array.of(0xc1), json: new Uint8Array() };
    const answer = await handlerOf(
      providerRpc(BROKEN),
      name,
    )({ ...REQUEST, config: bad, currentState: bad, priorState: bad });
    expect(answer["diagnostics"]).toMatchObject([{ severity: 1, summary: "A bug in the algorithmia provider" }]);
    const reserved = { msgpack: encode(JSON.parse('{"name":{"__proto__":"x"}}')), json: new Uint8Array() };
    const told = await handlerOf(
      providerRpc(BROKEN),
      name,
    )({ ...REQUEST, config: reserved, currentState: reserved, priorState: reserved });
    expect(told["diagnostics"]).toMatchObject([{ summary: "A map has a key named __proto__" }]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("a type that there is not is told, whatever asks for it", async () => {
    const answer = await handlerOf(providerRpc(BROKEN), "readResource")({ ...REQUEST, typeName: "nothing" });
    expect(JSON.stringify(answer["diagnostics"])).toContain("there is no resource type nothing");
  });
});
