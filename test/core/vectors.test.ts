import { describe, expect, test } from "vitest";
import {
  coversAlgorithm,
  formatAlgorithmPattern,
  parseAlgorithmCall,
  parseAlgorithmPattern,
  type AlgorithmPattern,
} from "../../src/core/algorithm-pattern.ts";
import { authorize, decideAlgorithm, type AccessKey, type AccessTarget } from "../../src/core/authorize.ts";
import { canonicalAlgorithm } from "../../src/core/canonical.ts";
import { decideOrigin, type Origins, type RawHeaders } from "../../src/core/caller-origin.ts";
import { DATA_ACCESS, decideData, type DataAccess } from "../../src/core/data-access.ts";
import { originsOf } from "../../src/core/declared-spec.ts";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { formatReferrerPattern, parseReferrerPattern } from "../../src/core/referrer-pattern.ts";
import algorithmVectors from "../vectors/algorithm.json" with { type: "json" };
import dataVectors from "../vectors/data.json" with { type: "json" };
import originVectors from "../vectors/origin.json" with { type: "json" };

const ACCOUNT = "acme";
const OWN_ORIGIN = "https://gw.acme.dev";
const NOW = Date.UTC(2026, 0, 1);

/** A key that allows everything but for what is stated. */
function keyWith(spec: Partial<AccessKey["spec"]>): AccessKey {
  return {
    account: ACCOUNT,
    deletedAt: null,
    spec: {
      ...DEFAULT_SPEC,
      algorithms: ["algo://*"],
      origins: { native: true, web: "any" },
      data: "readwrite",
      management: true,
      ...spec,
    },
  };
}

function requestFor(target: AccessTarget, headers: RawHeaders = []): Parameters<typeof authorize>[1] {
  return { target, headers, ownOrigin: OWN_ORIGIN, now: NOW };
}

function algorithm(text: string): AlgorithmPattern {
  const pattern = parseAlgorithmPattern(text);
  if (pattern === undefined) throw new Error(`not a pattern: ${text}`);
  return pattern;
}

describe("algorithm vectors", () => {
  test("there are as many as were handed over", () => {
    expect(algorithmVectors.decisions).toHaveLength(40);
    expect(algorithmVectors.refused).toHaveLength(24);
    expect(algorithmVectors.comparisonForm).toHaveLength(7);
    expect(algorithmVectors.covers).toHaveLength(9);
  });

  test.each(algorithmVectors.decisions)("$patterns with $call: $expect, $reason", (vector) => {
    const { patterns, call, expect: effect, reason } = vector;
    const decided = effect === "allow" ? { effect, reason } : { effect, reason, status: 403 };
    expect(decideAlgorithm(patterns, call, ACCOUNT)).toEqual(decided);
    const request = requestFor({ type: "algorithm", call });
    expect(authorize(keyWith({ algorithms: patterns }), request)).toEqual(decided);
    // The rest of the key does not matter to a call.
    expect(authorize(keyWith({ algorithms: patterns, data: "none", management: false }), request)).toEqual(decided);
  });

  test.each(algorithmVectors.refused)("%j is no pattern, and as an entry it allows nothing", (text) => {
    expect(parseAlgorithmPattern(text)).toBeUndefined();
    expect(canonicalAlgorithm(text)).toBe(text);
    expect(decideAlgorithm([text], "foo/bar", ACCOUNT)).toMatchObject({ effect: "deny", reason: "not_in_list" });
  });

  test.each(algorithmVectors.comparisonForm)("%s compares as %s", (text, form) => {
    expect(formatAlgorithmPattern(algorithm(text))).toBe(form);
    expect(canonicalAlgorithm(text)).toBe(form);
  });

  test.each(algorithmVectors.covers)("%s covers %s: %s", (wide, narrow, covers) => {
    expect(coversAlgorithm(algorithm(String(wide)), algorithm(String(narrow)))).toBe(covers);
  });
});

describe("origin vectors", () => {
  test("there are as many as were handed over", () => {
    expect(originVectors.decisions).toHaveLength(85);
    expect(originVectors.referrerPatternsRefused).toHaveLength(22);
    expect(originVectors.referrerPatternsAccepted).toHaveLength(14);
  });

  test.each(originVectors.decisions)("$key with $headers: $expect, $reason (field row 30)", (vector) => {
    const origins = declaredOrigins(vector.key);
    const headers = vector.headers.map(([name = "", value = ""]) => [name, value] as const);
    const decided =
      vector.expect === "allow"
        ? { effect: "allow", reason: vector.reason }
        : { effect: "deny", reason: vector.reason, status: vector.expect === "bad-request" ? 400 : 403 };
    expect(decideOrigin(origins, { headers, ownOrigin: OWN_ORIGIN })).toEqual(decided);

    // authorize asks the same rule whatever the request wants, and goes on to the target only if it allows.
    const key = keyWith({ origins });
    const call = authorize(key, requestFor({ type: "algorithm", call: "foo/bar" }, headers));
    const read = authorize(key, requestFor({ type: "data", method: "GET" }, headers));
    const manage = authorize(key, requestFor({ type: "management" }, headers));
    if (vector.expect === "allow") {
      expect([call, read, manage].map((decision) => decision.reason)).toEqual(["any", "data", "management"]);
    } else {
      expect([call, read, manage]).toEqual([decided, decided, decided]);
    }
  });

  test.each(originVectors.referrerPatternsRefused)(
    "%j is no referrer pattern, and as an entry it allows nothing",
    (text) => {
      expect(parseReferrerPattern(text)).toBeUndefined();
      const origins: Origins = { native: false, web: { hosts: [text] } };
      const headers: RawHeaders = [["Origin", "https://example.com"]];
      expect(decideOrigin(origins, { headers })).toMatchObject({ effect: "deny", reason: "no_match" });
    },
  );

  test.each(originVectors.referrerPatternsAccepted)(
    "%j is a referrer pattern, and so is its comparison form",
    (text) => {
      const pattern = parseReferrerPattern(text);
      expect(pattern).toBeDefined();
      const form = pattern === undefined ? "" : formatReferrerPattern(pattern);
      expect(parseReferrerPattern(form)).toBeDefined();
    },
  );
});

describe("data vectors", () => {
  const cases = dataVectors.decisions.flatMap((row) =>
    DATA_ACCESS.map((access) => [row.verb, access, row[access]] as const),
  );

  test("there are as many as were handed over", () => {
    expect(cases).toHaveLength(27);
  });

  test.each(cases)("%s with data %s: %s", (method: string, access: DataAccess, expected) => {
    const decided =
      expected === "allow"
        ? { effect: "allow", reason: "data" }
        : { effect: "deny", status: expected, reason: DATA_REASONS[String(expected)] };
    expect(decideData(access, method)).toEqual(decided);
    const request = requestFor({ type: "data", method });
    expect(authorize(keyWith({ data: access }), request)).toEqual(decided);
    expect(authorize(keyWith({ data: access, algorithms: [], management: false }), request)).toEqual(decided);

    const overridden = { ...request, headers: [["x-http-METHOD-override", "GET"]] as const };
    expect(authorize(keyWith({ data: access }), overridden)).toEqual({
      effect: "deny",
      reason: "method_override",
      status: 400,
    });
  });

  const DATA_REASONS: Record<string, string> = {
    204: "preflight",
    403: "data_not_allowed",
    405: "method_not_allowed",
  };
});

describe("calls", () => {
  test.each([
    ["foo", "bad_segments"],
    ["", "bad_segment"],
    ["/", "bad_segment"],
    ["foo/bar//", "bad_segment"],
    ["foo/*", "bad_segment"],
    ["*/bar", "bad_segment"],
    ["foo/bar/*", "bad_segment"],
    ["foo/bar/1.2", "bad_segment"],
    ["foo/.my", "bad_segment"],
    ["foo/./bar", "bad_segment"],
    ["foo/bar\n", "bad_path_char"],
    ["foo/bar?x=1", "bad_path_char"],
    [`foo/${"b".repeat(253)}`, "bad_path_char"],
    [`foo/${"b".repeat(31)}`, "bad_segment"],
  ])("%j is refused: %s", (path, problem) => {
    expect(parseAlgorithmCall(path)).toBe(problem);
    expect(decideAlgorithm(["algo://*"], path, ACCOUNT)).toEqual({ effect: "deny", reason: problem, status: 403 });
  });
});

function declaredOrigins(declared: (typeof originVectors.decisions)[number]["key"]): Origins {
  const origins = originsOf(declared);
  if (origins === undefined) throw new Error("a vector's origins cannot be meant");
  return origins;
}
