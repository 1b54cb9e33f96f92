import { expect } from "vitest";
import { resolved, schemaErrors, type Node, type Operation } from "../../api/description.ts";
import type { Received } from "./serving.ts";

/** Fails the test unless an answer is one that the API's description has for its operation. */
export function expectDescribed({ operation, method, path }: Operation, received: Received): void {
  const { status, headers } = received;
  const what = `${method} ${path} ${status}`;
  const described = answerAt(operation.responses, status);
  expect([what, described === undefined ? received.text : "described"]).toEqual([what, "described"]);
  expect([what, headers.get("x-request-id")]).toEqual([what, expect.stringMatching(/^[\w-]+$/)]);
  for (const name of Object.keys(described?.["headers"] ?? {})) {
    if (name === "Idempotent-Replayed") continue; // only if it is one
    expect([what, name, headers.has(name)]).toEqual([what, name, true]);
  }
  const content = (described?.["content"] ?? {}) as Readonly<Record<string, { readonly schema: Node }>>;
  const [type] = Object.keys(content);
  if (type === undefined) return;
  expect([what, headers.get("content-type")?.split(";")[0]]).toEqual([what, type]);
  const reference = content[type]?.schema["$ref"];
  if (typeof reference !== "string") return;
  expect([what, schemaErrors(reference.split("/").at(-1) ?? "", received.json)]).toEqual([what, []]);
}

function answerAt(responses: Operation["operation"]["responses"], status: number): Node | undefined {
  const answer = responses[status];
  if (answer === undefined) return undefined;
  const reference = answer["$ref"];
  return typeof reference === "string" ? (resolved(reference) as Node) : answer;
}
