import { describe, expect, test } from "vitest";
import {
  adminKeyPath,
  accountPath,
  changeSetsPath,
  changesPath,
  keyPath,
  keysPath,
  leasesPath,
  releaseLeasePath,
  renewLeasePath,
  restorePath,
  ROUTES,
  usagePath,
} from "../../src/api/routes.ts";
import { PROBLEM_STATUS } from "../../src/api/problem.ts";
import { DESCRIPTION, OPERATIONS, resolved, schemaErrors, type Node } from "./description.ts";

const { schemas } = DESCRIPTION.components;

/** Every object within the description, with where it stands. */
function nodes(value: unknown, place: string): readonly (readonly [place: string, node: Node])[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, part]) => nodes(part, `${place}/${name}`));
  return Array.isArray(value) ? inner : [[place, value as Node], ...inner];
}

describe("the API's description", () => {
  test("is OpenAPI 3.1, and every reference in it leads somewhere", () => {
    expect(DESCRIPTION.openapi).toBe("3.1.0");
    const references = nodes(DESCRIPTION, "").flatMap(([, node]) =>
      typeof node["$ref"] === "string" ? [node["$ref"]] : [],
    );
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((reference) => resolved(reference) === undefined)).toEqual([]);
  });

  test("describes exactly the routes that clients and servers build", () => {
    const variable = [
      accountPath("{account}"),
      keysPath("{account}"),
      keyPath("{account}", "{id}"),
      restorePath("{account}", "{id}"),
      usagePath("{account}", "{id}"),
      changeSetsPath("{account}"),
      changesPath("{account}", "{id}"),
      leasesPath("{account}"),
      renewLeasePath("{account}"),
      releaseLeasePath("{account}"),
      adminKeyPath("{id}"),
    ].map((path) => decodeURIComponent(path));
    expect(Object.keys(DESCRIPTION.paths).sort()).toEqual([...Object.values(ROUTES), ...variable].sort());
  });

  test("names every operation once, and says who may use it and what it answers", () => {
    const names = OPERATIONS.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { operation } of OPERATIONS) {
      const { operationId, security, responses } = operation;
      const role = operation["x-algokeys-role"];
      expect([operationId, role ?? security]).toEqual([operationId, expect.anything()]);
      expect([operationId, Object.keys(responses).some((status) => status.startsWith("2"))]).toEqual([
        operationId,
        true,
      ]);
      if (role !== undefined)
        expect([operationId, Object.keys(responses)]).toEqual([operationId, expect.arrayContaining(["401"])]);
    }
  });

  test("tells of every refusal as a problem", () => {
    for (const [name, { content }] of Object.entries(DESCRIPTION.components.responses)) {
      expect([name, Object.keys(content as Node)]).toEqual([name, ["application/problem+json"]]);
    }
  });

  test("has closed objects only, whose required fields are fields", () => {
    const objects = nodes(schemas, "").filter(
      ([, node]) => node["type"] === "object" && !("oneOf" in node && "discriminator" in node),
    );
    expect(objects.length).toBeGreaterThan(30);
    for (const [place, node] of objects) {
      if (place.endsWith("/Labels")) continue; // any label may be there
      expect([place, node["additionalProperties"]]).toEqual([place, false]);
      expect([place, Object.keys(node["properties"] as Node)]).toEqual([
        place,
        expect.arrayContaining((node["required"] ?? []) as string[]),
      ]);
    }
  });

  test("has examples that are valid, one at least for every body", () => {
    const examples = Object.entries(schemas).flatMap(([name, { examples = [] }]) =>
      (examples as unknown[]).map((example) => [name, example] as const),
    );
    expect(examples.length).toBeGreaterThan(20);
    for (const [name, example] of examples) expect([name, schemaErrors(name, example)]).toEqual([name, []]);
    const withBody = OPERATIONS.flatMap(({ operation }) =>
      operation.requestBody === undefined ? [] : [operation.requestBody],
    );
    for (const { content } of withBody) expect(content["application/json"]).toHaveProperty("examples");
  });

  test("knows the same codes as the port", () => {
    const { code } = schemas["Problem"]?.["properties"] as { readonly code: { readonly enum: readonly string[] } };
    expect([...code.enum].sort()).toEqual(Object.keys(PROBLEM_STATUS).sort());
  });
});
