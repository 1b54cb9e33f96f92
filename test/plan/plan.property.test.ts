import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../src/core/api-key.ts";
import { authorize, type AccessRequest } from "../../src/core/authorize.ts";
import { nameKey } from "../../src/core/key-name.ts";
import type { KeySpec } from "../../src/core/key-spec.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { joinEffects } from "../../src/plan/access-effect.ts";
import { attributeChanges } from "../../src/plan/attribute-change.ts";
import { isEmptyPlan } from "../../src/plan/plan.ts";
import { checkStale } from "../../src/plan/stale.ts";
import {
  arbitraryCallPath,
  arbitraryKeyName,
  arbitraryKeySpec,
  arbitraryManifestKeys,
  respelledSpec,
} from "../support/arbitraries.ts";
import { afterPlan, credential, live, liveKey, NOW, planOf } from "./states.ts";

const RUNS = { numRuns: process.env["ALGOKEYS_LONG"] === "1" ? 20_000 : 400 };
const OPEN = { adopt: true, allowLockout: true, maxDeletes: { percent: 100 } };

const OURS = liveKey("any").lastChange;

/** A live key for each declared one, as a platform holds it that took the declaration over. */
function asLive(keys: readonly ManifestKey[]): ApiKey[] {
  return keys.map((key) => ({
    ...liveKey(key.name, { credentials: [credential(`c-${key.name}`, { acknowledgedAt: NOW })] }),
    spec: key.spec,
  }));
}

const arbitraryLiveKeys: fc.Arbitrary<ApiKey[]> = fc.uniqueArray(
  fc
    .record({
      name: arbitraryKeyName,
      spec: arbitraryKeySpec,
      managedBy: fc.constantFrom({ project: "storefront" }, { project: "storefront" }, { project: "billing" }, null),
      renamedFrom: fc.option(fc.oneof(arbitraryKeyName, fc.constantFrom("x"))),
      lastChange: fc.constantFrom(OURS, { ...OURS, project: null }),
      credentials: fc.constantFrom([], [credential("c1")], [credential("c1", { acknowledgedAt: NOW })]),
    })
    .map((key) => ({ ...liveKey(key.name), ...key })),
  { maxLength: 6, selector: (key) => nameKey(key.name) },
);

/** Declared keys that often say they were one another. */
const arbitraryRenamingKeys: fc.Arbitrary<ManifestKey[]> = arbitraryManifestKeys.chain((keys) =>
  fc
    .array(fc.option(fc.oneof(arbitraryKeyName, fc.constantFrom("x", ...keys.map(({ name }) => name)))), {
      minLength: keys.length,
      maxLength: keys.length,
    })
    .map((froms) => {
      const taken = new Set<string>();
      return keys.map((key, index) => {
        const from = froms[index] ?? null;
        if (from === null || taken.has(nameKey(from))) return { ...key, renamedFrom: null };
        taken.add(nameKey(from));
        return { ...key, renamedFrom: from };
      });
    }),
);

describe("plans", () => {
  test("of what is live as declared, however spelled and ordered, are empty (field row 24)", () => {
    const arbitrary = arbitraryManifestKeys.chain((keys) =>
      fc.record({
        declaredKeys: fc.constant(keys),
        respelled: fc.tuple(...keys.map((key) => respelledSpec(key.spec).map((spec) => ({ ...key, spec })))),
      }),
    );
    fc.assert(
      fc.property(arbitrary, ({ declaredKeys, respelled }) => {
        const plan = planOf(respelled.toReversed(), live(...asLive(declaredKeys)));
        expect(plan.changes).toEqual([]);
        expect(isEmptyPlan(plan)).toBe(true);
        expect(plan.unchanged).toBe(declaredKeys.length);
      }),
      RUNS,
    );
  });

  test("that were carried out leave nothing to plan", () => {
    fc.assert(
      fc.property(arbitraryRenamingKeys, arbitraryLiveKeys, (keys, liveKeys) => {
        const state = live(...liveKeys);
        const plan = planOf(keys, state, OPEN);
        fc.pre(plan.refusals.every(({ code }) => code === "protected"));
        expect(checkStale(plan, state)).toEqual([]);
        const after = afterPlan(plan, state);
        expect(new Set(after.keys.map(({ name }) => nameKey(name))).size).toBe(after.keys.length);
        expect(planOf(keys, after, OPEN).changes).toEqual([]);
      }),
      RUNS,
    );
  });

  test("touch only keys of the project, and each at most once", () => {
    fc.assert(
      fc.property(arbitraryRenamingKeys, arbitraryLiveKeys, (keys, liveKeys) => {
        const plan = planOf(keys, live(...liveKeys), { ...OPEN, adopt: false });
        const touched = plan.changes.flatMap((change) => (change.action === "create" ? [] : [change.id]));
        expect(new Set(touched).size).toBe(touched.length);
        const ours = new Set(
          liveKeys.filter(({ managedBy }) => managedBy?.project === "storefront").map(({ id }) => id),
        );
        expect(touched.filter((id) => !ours.has(id))).toEqual([]);
        expect(plan.changes.filter(({ action }) => action !== "delete").length + plan.unchanged).toBeLessThanOrEqual(
          keys.length,
        );
      }),
      RUNS,
    );
  });
});

describe("the access effect agrees with authorize", () => {
  const arbitraryRequest: fc.Arbitrary<AccessRequest> = fc.record({
    headers: fc.constantFrom<[string, string][]>(
      [],
      [["Origin", "https://example.com"]],
      [["Origin", "https://a.example.com"]],
      [["Origin", "http://localhost:3000"]],
      [["Origin", "https://b.a.example.com:8443"]],
    ),
    target: fc.oneof(
      { weight: 4, arbitrary: arbitraryCallPath.map((call) => ({ type: "algorithm" as const, call })) },
      { weight: 1, arbitrary: fc.constantFrom("GET", "PUT").map((method) => ({ type: "data" as const, method })) },
      { weight: 1, arbitrary: fc.constant({ type: "management" as const }) },
    ),
    now: fc.constantFrom(Date.parse("2026-01-01T00:00:00Z"), Date.parse("2027-06-01T00:00:00Z")),
  });
  const allows = (spec: KeySpec, request: AccessRequest): boolean =>
    authorize({ account: "acme", deletedAt: null, spec }, request).effect === "allow";

  test("what narrows or does nothing newly allows nothing; what widens or does nothing takes nothing away", () => {
    const requests = fc.array(arbitraryRequest, { minLength: 20, maxLength: 20 });
    let seen = 0;
    fc.assert(
      fc.property(
        arbitraryKeySpec,
        arbitraryKeySpec,
        fc.constantFrom(...FIELDS),
        requests,
        (before, other, field, asked) => {
          const after = { ...before, [field]: other[field] };
          const effect = joinEffects(attributeChanges(before, after, "acme").map(({ access }) => access));
          for (const request of asked) {
            const [was, is] = [allows(before, request), allows(after, request)];
            if (was === is) continue;
            seen++;
            expect(is ? ["widens", "shifts"] : ["narrows", "shifts"]).toContain(effect);
          }
        },
      ),
      RUNS,
    );
    expect(seen).toBeGreaterThan(0);
  });

  test("an algorithm list that widens allows a call that it did not", () => {
    const open = { origins: { native: true, web: "none" }, enabled: true, expires: null } as const;
    fc.assert(
      fc.property(arbitraryKeySpec, arbitraryKeySpec, (one, two) => {
        const [before, after] = [
          { ...one, ...open },
          { ...one, ...open, algorithms: two.algorithms },
        ];
        const [change] = attributeChanges(before, after, "acme");
        const gains = change?.access === "widens" || change?.access === "shifts";
        const calls = after.algorithms.flatMap(witnesses);
        const gained = calls.some((call) => {
          const request: AccessRequest = { headers: [], target: { type: "algorithm", call }, now: 0 };
          return allows(after, request) && !allows(before, request);
        });
        expect(gained).toBe(gains);
      }),
      RUNS,
    );
  });
});

const FIELDS = ["algorithms", "origins", "data", "management", "enabled", "expires", "labels", "description"] as const;

/** Calls that a pattern allows and that only an equal or wider one allows too: names and versions nobody else declares. */
function witnesses(pattern: string): string[] {
  const [owner = "", name = "*", version = "*"] = pattern.slice("algo://".length).split("/");
  const calledOwner = owner === "*" ? "nobodyelse" : owner;
  const calledName = name === "*" ? "nothingelse" : name;
  if (version === "*") return [`${calledOwner}/${calledName}`];
  return [`${calledOwner}/${calledName}/${version.replace(/^(\d+)\.\*$/, "$1.777.777").replace(/\.\*$/, ".777")}`];
}
