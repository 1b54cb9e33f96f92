import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../src/core/api-key.ts";
import { NO_PLATFORM } from "../../src/plan/live-state.ts";
import { checkStale } from "../../src/plan/stale.ts";
import { credential, declared, live, liveKey, NOW, planOf } from "./states.ts";

const bob = { at: NOW, actor: "bob", project: null, changeSet: "change-set-by-hand-1" };
const keys = [
  declared("fresh"),
  declared("kept", { spec: { data: "read", algorithms: ["algo://acme/a", "algo://acme/c"], labels: { team: "x" } } }),
  declared("other"),
];
const kept = liveKey("kept", { spec: { algorithms: ["algo://acme/a", "algo://acme/b"] } });
const state = live(kept, liveKey("other"), liveKey("gone"));
const plan = planOf(keys, state);

const withKept = (change: Partial<ApiKey>) =>
  live({ ...kept, revision: 9, lastChange: bob, ...change }, liveKey("other"), liveKey("gone"));

test("nothing moved: not stale", () => {
  expect(plan.changes).toHaveLength(3);
  expect(checkStale(plan, state)).toEqual([]);
});

test("what moved elsewhere does not matter", () => {
  const elsewhere = live(
    kept,
    { ...liveKey("other"), revision: 5 },
    liveKey("gone"),
    liveKey("one-more", { managedBy: null }),
  );
  expect(checkStale(plan, { ...elsewhere, account: { ...state.account, revision: 99 } })).toEqual([]);
});

test("a moved key is named with who moved it and in which fields", () => {
  const spec = { ...kept.spec, enabled: false, algorithms: ["algo://acme/b"] };
  expect(checkStale(plan, withKept({ spec, name: "Kept", managedBy: null }))).toEqual([
    { object: "key", name: "kept", reason: "changed", by: bob, fields: ["algorithms", "enabled", "name", "managedBy"] },
  ]);
});

test("a key that moved and moved back is stale without fields", () => {
  expect(checkStale(plan, withKept({}))).toMatchObject([{ reason: "changed", fields: [] }]);
});

test("a key that is gone, and a name that is taken", () => {
  const moved = live(kept, liveKey("other"), liveKey("FRESH", { lastChange: bob }));
  expect(checkStale(plan, moved)).toMatchObject([
    { name: "fresh", reason: "name-taken", by: bob },
    { name: "gone", reason: "gone", by: null },
  ]);
});

test("names that the plan itself frees are not taken", () => {
  const swap = [declared("a", { renamedFrom: "b" }), declared("b", { renamedFrom: "a" })];
  const both = live(liveKey("a"), liveKey("b"));
  expect(checkStale(planOf(swap, both), both)).toEqual([]);
  const freed = [declared("a"), declared("b", { renamedFrom: "a" })];
  expect(checkStale(planOf(freed, live(liveKey("a"))), live(liveKey("a")))).toEqual([]);
});

test("a name wanted by a rename and taken meanwhile is stale", () => {
  const renamed = planOf([declared("b", { renamedFrom: "a" })], live(liveKey("a")));
  expect(checkStale(renamed, live(liveKey("a"), liveKey("b")))).toMatchObject([{ name: "b", reason: "name-taken" }]);
});

describe("credentials", () => {
  const deliver = [{ to: "dotenv", file: ".env", name: "KEY" }] as const;
  const before = live(liveKey("web", { credentials: [credential("c1")] }));
  const issue = planOf([declared("web", { deliver })], before);

  test("confirmed since: what the plan would revoke is held by somebody now", () => {
    const confirmed = live(
      liveKey("web", { credentials: [credential("c1", { acknowledgedAt: NOW })], lastChange: bob }),
    );
    expect(checkStale(issue, confirmed)).toMatchObject([{ reason: "changed", by: bob, fields: ["credentials"] }]);
  });

  test("one more since", () => {
    const more = live(liveKey("web", { credentials: [credential("c1"), credential("c2")] }));
    expect(checkStale(issue, more)).toMatchObject([{ fields: ["credentials"] }]);
  });

  test("the same: not stale", () => {
    expect(checkStale(issue, before)).toEqual([]);
  });
});

test("another platform or account is all there is to say", () => {
  const elsewhere = { ...state, platform: { url: "file:other.db", instance: "instance-2" } };
  expect(checkStale(plan, elsewhere)).toMatchObject([{ object: "platform", reason: "other-platform" }]);
  const renamed = { ...state, account: { ...state.account, name: "other" } };
  expect(checkStale(plan, renamed)).toMatchObject([{ object: "account", reason: "other-account" }]);
  const gone = { ...live(), account: { name: "acme", exists: false, revision: 0 } };
  expect(checkStale(plan, gone)).toMatchObject([{ object: "account", reason: "account-gone" }]);
});

test("a plan that found no platform may be applied to the one that was made since", () => {
  const nowhere = {
    ...live(),
    platform: { url: "file:platform.db", instance: NO_PLATFORM },
    account: { name: "acme", exists: false, revision: 0 },
  };
  const first = planOf([declared("web")], nowhere);
  expect(checkStale(first, live())).toEqual([]);
  expect(checkStale(first, live(liveKey("web")))).toMatchObject([{ reason: "name-taken" }]);
});
