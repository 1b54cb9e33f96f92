import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { REDACTED } from "../../src/core/secret.ts";
import { makeToken, tokenKind } from "../../src/core/token.ts";
import { PLAIN } from "./builders.ts";
import { renderAll } from "./renderings.ts";

const WIDE = { ...PLAIN, width: 160 };
const token = makeToken("caller", randomBytes).reveal();
const lookalike = `${token.slice(0, 10)}${token.charAt(10) === "A" ? "B" : "A"}${token.slice(11)}`;

function everything(text: string): readonly string[] {
  const { texts, markdown, json } = renderAll(text, WIDE);
  return [...texts, ...markdown, ...json];
}

test.each(["x", "8080", "3fa85f64-5717-4562-b3fc-2c963f66afa6", "sim", "[", "secret", lookalike])(
  "%s is no secret and stays as it is in every output, because secrets are known by their form (field row 7)",
  (text) => {
    const outputs = everything(text);
    expect(outputs.filter((output) => output.includes(REDACTED))).toEqual([]);
    expect(outputs.filter((output) => output.replaceAll("\\", "").includes(text)).length).toBeGreaterThan(10);
  },
);

test("a secret amid other text is hidden in every output, and nothing else of the text is (field row 7)", () => {
  expect([tokenKind(token), tokenKind(lookalike)]).toEqual(["caller", undefined]);
  const outputs = everything(`port 8080 ${token} of x`);
  expect(outputs.filter((output) => output.includes(token))).toEqual([]);
  const hidden = outputs.filter((output) => output.replaceAll("\\", "").includes(`port 8080 ${REDACTED} of x`));
  expect(hidden.length).toBeGreaterThan(10);
});
