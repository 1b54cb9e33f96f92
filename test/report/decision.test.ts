import { describe, expect, test } from "vitest";
import { authorize, type AccessTarget } from "../../src/core/authorize.ts";
import { originsOf } from "../../src/core/declared-spec.ts";
import type { KeySpec } from "../../src/core/key-spec.ts";
import { decisionText } from "../../src/report/decision-text.ts";
import { DENY_SENTENCES, type Question } from "../../src/report/decision-reasons.ts";
import { apiKey, NOW, PLAIN, spec } from "./builders.ts";

function decide(fields: Partial<KeySpec>, target: AccessTarget, origin?: string): ReturnType<typeof authorize> {
  const headers = origin === undefined ? [] : ([["Origin", origin]] as const);
  return authorize(apiKey({ spec: spec(fields) }), { target, headers, now: NOW });
}

function fixLine(question: Question, decision: ReturnType<typeof authorize>): string {
  return decisionText(question, decision, { ...PLAIN, width: Infinity }).split("fix: ")[1] ?? "";
}

describe("the fix of a refusal does what it says", () => {
  test("a call that is not in the list", () => {
    const target = { type: "algorithm", call: "demos/Other/1.2.3/" } as const;
    const decision = decide({}, target);
    const fix = fixLine({ key: "web", call: "algo://demos/Other/1.2.3/" }, decision);
    const [, pattern = ""] = /Add (\S+) to `algorithms`/.exec(fix) ?? [];
    expect(decide({ algorithms: [pattern] }, target)).toMatchObject({ effect: "allow" });
  });

  for (const origin of [
    "https://shop.example.com",
    "http://shop.example.com",
    "https://shop.example.com:8443",
    "http://localhost:3000",
    "https://xn--bcher-kva.example",
  ]) {
    test(`a site that is not listed: ${origin}`, () => {
      const target = { type: "algorithm", call: "demos/sentiment_analysis" } as const;
      const listed = originsOf({ web: true, referrers: ["else.example.com"] });
      const decision = decide(listed ? { origins: listed } : {}, target, origin);
      const [, host = ""] = /Add (\S+) to `origins.referrers`/.exec(fixLine({ key: "web", origin }, decision)) ?? [];
      const fixed = originsOf({ web: true, referrers: [host] });
      expect(decide(fixed ? { origins: fixed } : {}, target, origin)).toMatchObject({ effect: "allow" });
    });
  }

  test("a key that no browser may use", () => {
    const origin = "https://shop.example.com";
    const decision = decide({}, { type: "algorithm", call: "demos/x" }, origin);
    expect(fixLine({ key: "web", call: "demos/x", origin }, decision)).toBe(
      "Declare `origins.web: true` with `origins.referrers: [shop.example.com]`.\n",
    );
  });

  test("data access that is too narrow", () => {
    const read = { type: "data", method: "GET" } as const;
    const write = { type: "data", method: "PUT" } as const;
    expect(fixLine({ key: "web", data: "read" }, decide({}, read))).toBe("Declare `data: read`.\n");
    expect(fixLine({ key: "web", data: "write" }, decide({ data: "read" }, write))).toBe(
      "Declare `data: readwrite`.\n",
    );
  });
});

test("every reason to refuse has a sentence and a fix of its own words", () => {
  const question = { key: "web", call: "demos/x", data: "read", origin: "https://a.example" };
  const reasons = Object.entries(DENY_SENTENCES);
  expect(new Set(reasons.map(([, { why }]) => why)).size).toBe(reasons.length);
  for (const [reason, { why, hint }] of reasons) {
    expect(why, reason).toMatch(/^[A-Z].*\.$/);
    expect(hint(question), reason).toMatch(/^[A-Z].*\.$/);
    expect(hint({ key: "web" }), reason).toMatch(/^[A-Z].*\.$/);
  }
});

test("an allowed call says what in the declaration allowed it", () => {
  const decision = decide({ algorithms: ["algo://demos/*"] }, { type: "algorithm", call: "demos/x" });
  expect(decisionText({ key: "web", call: "demos/x" }, decision, PLAIN)).toBe(
    "allowed: key web may call algo://demos/x from outside a browser\n" +
      "  why: Its algorithms allow every algorithm of that owner. [owner]\n",
  );
});
