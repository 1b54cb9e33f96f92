import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical.ts";
import { REDACTED, Secret } from "../../src/core/secret.ts";

const VALUE = "simFAKEfakeFAKEfakeFAKE00xx1";
const secret = new Secret(VALUE);

/** What a console writes when it logs the values. */
function logged(...values: unknown[]): string {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  new Console(stream, stream).log(...values);
  return text;
}

describe("Secret", () => {
  test("reveal is the way out", () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  test.each<[string, () => string]>([
    ["String()", () => String(secret)],
    ["a template", () => `token: ${secret as unknown as string}`],
    ["concatenation", () => "token: ".concat(secret as unknown as string)],
    ["toString", () => secret.toString()],
    ["toLocaleString", () => secret.toLocaleString()],
    ["join", () => [secret, secret].join(",")],
    ["JSON.stringify", () => JSON.stringify({ token: secret, list: [secret] })],
    ["canonicalJson", () => canonicalJson({ token: secret })],
    ["inspect", () => inspect(secret)],
    ["inspect of what holds it", () => inspect({ deep: { er: [new Map([["token", secret]])] } }, { depth: null })],
    ["inspect with hidden properties", () => inspect(secret, { showHidden: true, depth: null })],
    ["inspect without custom inspection", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["console.log", () => logged(secret)],
    ["console.log of what holds it", () => logged({ secret }, [secret])],
    ["console formats", () => logged("%s %o %O %j %d %i %f", secret, secret, secret, secret, secret, secret, secret)],
    ["util.format", () => format("%s %j", secret, { secret })],
    ["an error's message", () => inspect(new Error(`bad ${String(secret)}`, { cause: secret }))],
    ["an error's properties", () => inspect(Object.assign(new Error("bad"), { secret }))],
    [
      "its property names",
      () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret), Object.assign({}, secret)]),
    ],
    ["a structured clone", () => inspect(structuredClone(secret), { showHidden: true })],
    ["an error's stack", () => new Error(String(secret)).stack ?? ""],
  ])("does not show in %s", (_, print) => {
    const text = print();
    expect(text).not.toContain(VALUE);
    expect(text).not.toContain(VALUE.slice(0, 10));
  });

  test("shows a placeholder that tells nothing of its length", () => {
    expect([String(secret), String(new Secret(""))]).toEqual([REDACTED, REDACTED]);
    expect(JSON.stringify({ token: secret })).toBe(`{"token":"${REDACTED}"}`);
    expect(inspect({ token: secret })).toBe(`{ token: ${REDACTED} }`);
    expect(logged("%s", secret)).toBe(`${REDACTED}\n`);
  });
});
