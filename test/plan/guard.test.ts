import { describe, expect, test } from "vitest";
import { planDestroy } from "../../src/plan/compute-plan.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import { declared, lines, live, liveKey, MADE, manifest, planOf } from "./states.ts";

const codes = (plan: { refusals: readonly { code: string }[] }): string[] => plan.refusals.map(({ code }) => code);
const liveKeys = (count: number) => Array.from({ length: count }, (_, index) => liveKey(`k${String(index)}`));
const kept = (count: number) => Array.from({ length: count }, (_, index) => declared(`k${String(index)}`));

describe("the delete brake", () => {
  test.each([
    { managed: 1, deleted: 1, refused: true },
    { managed: 3, deleted: 2, refused: false },
    { managed: 3, deleted: 3, refused: true },
    { managed: 4, deleted: 1, refused: false },
    { managed: 4, deleted: 2, refused: true },
    { managed: 10, deleted: 3, refused: false },
    { managed: 10, deleted: 4, refused: true },
    { managed: 10, deleted: 10, refused: true },
  ])("$deleted of $managed keys: refused $refused", ({ managed, deleted, refused }) => {
    const plan = planOf(kept(managed - deleted), live(...liveKeys(managed)));
    expect(plan.changes).toHaveLength(deleted);
    expect(codes(plan)).toEqual(refused ? ["too-many-deletes"] : []);
  });

  test.each<{ bound: PlanOptions["maxDeletes"]; refused: boolean }>([
    { bound: { count: 5 }, refused: false },
    { bound: { count: 4 }, refused: true },
    { bound: { percent: 50 }, refused: false },
    { bound: { percent: 49 }, refused: true },
    { bound: { count: 0 }, refused: true },
  ])("5 of 10 with --max-deletes $bound: refused $refused", ({ bound, refused }) => {
    expect(codes(planOf(kept(5), live(...liveKeys(10)), { maxDeletes: bound }))).toEqual(
      refused ? ["too-many-deletes"] : [],
    );
  });

  test("a stated bound also holds where none would be needed", () => {
    expect(codes(planOf(kept(9), live(...liveKeys(10)), { maxDeletes: { count: 0 } }))).toEqual(["too-many-deletes"]);
  });

  test("an empty declaration is refused, says how many and shows them (field row 20)", () => {
    const plan = planOf([], live(...liveKeys(12)));
    expect(plan.changes).toHaveLength(12);
    expect(plan.refusals[0]?.summary).toBe("all 12 of the project's 12 live keys would be deleted");
    expect(plan.refusals[0]?.fix).toContain("--max-deletes 12");
  });
});

describe("protection", () => {
  const state = live(liveKey("a", { spec: { protect: true } }), liveKey("b"), liveKey("c"), liveKey("d"));

  test("outlives the block: the delete is planned and refused, and other changes are still seen (field row 19)", () => {
    const plan = planOf([declared("b", { spec: { data: "read" } }), declared("c"), declared("d")], state);
    expect(lines(plan)).toEqual(["update b (differs)", "delete a (not-declared)"]);
    expect(plan.refusals).toMatchObject([{ code: "protected", keys: ["a"] }]);
  });

  test("can be taken off, which is an update", () => {
    const plan = planOf([declared("a"), declared("b"), declared("c"), declared("d")], state);
    expect(codes(plan)).toEqual([]);
    expect(plan.changes[0]).toMatchObject({
      attributes: [{ path: "protect", before: true, after: false, access: "none" }],
    });
  });
});

describe("the run's own key", () => {
  const state = {
    ...live(liveKey("ci", { spec: { management: true } }), liveKey("b"), liveKey("c"), liveKey("d")),
    callerKey: "id-ci",
  };
  const others = [declared("b"), declared("c"), declared("d")];

  test.each([
    { what: "be deleted", keys: others },
    { what: "be disabled", keys: [...others, declared("ci", { spec: { management: true, enabled: false } })] },
    { what: "lose `management`", keys: [...others, declared("ci")] },
    {
      what: "expire",
      keys: [...others, declared("ci", { spec: { management: true, expires: "2026-01-01T00:00:00Z" } })],
    },
  ])("may not $what, unless lockout is allowed", ({ what, keys }) => {
    const plan = planOf(keys, state);
    expect(codes(plan)).toEqual(["self-lockout"]);
    expect(plan.refusals[0]?.summary).toContain(what);
    expect(codes(planOf(keys, state, { allowLockout: true }))).toEqual([]);
  });

  test("may change in other ways", () => {
    const keys = [...others, declared("ci", { spec: { management: true, data: "read" } })];
    expect(codes(planOf(keys, state))).toEqual([]);
  });
});

describe("ownership", () => {
  const foreign = liveKey("web", { managedBy: { project: "billing" } });
  const byHand = liveKey("web", { managedBy: null });

  test("a name of another project is refused, naming it, whatever the flags (field row 3)", () => {
    const plan = planOf([declared("web")], live(foreign), {
      adopt: true,
      allowLockout: true,
      maxDeletes: { percent: 100 },
    });
    expect(plan.changes).toEqual([]);
    expect(plan.refusals).toMatchObject([{ code: "foreign-key", keys: ["web"] }]);
    expect(plan.refusals[0]?.summary).toContain('"billing"');
  });

  test("an unmanaged key needs adopt, and keeps its credentials", () => {
    expect(codes(planOf([declared("web")], live(byHand)))).toEqual(["unmanaged-key"]);
    const plan = planOf([declared("web", { spec: { data: "read" } })], live(byHand), { adopt: true });
    expect(lines(plan)).toEqual(["adopt web (unmanaged)"]);
    expect(plan.changes[0]).toMatchObject({ attributes: [{ path: "data" }], credential: null });
  });
});

test("no flag opens another guard (field row 21)", () => {
  const state = {
    ...live(
      liveKey("ci", { spec: { management: true, protect: true } }),
      liveKey("hand", { managedBy: null }),
      liveKey("theirs", { managedBy: { project: "billing" } }),
    ),
    callerKey: "id-ci",
  };
  const keys = [declared("hand"), declared("theirs")];
  const all = ["foreign-key", "unmanaged-key", "protected", "too-many-deletes", "self-lockout"];
  expect(codes(planOf(keys, state))).toEqual(all);
  const flags: [Partial<PlanOptions>, string][] = [
    [{ adopt: true }, "unmanaged-key"],
    [{ maxDeletes: { percent: 100 } }, "too-many-deletes"],
    [{ allowLockout: true }, "self-lockout"],
  ];
  for (const [flag, opened] of flags) {
    expect(codes(planOf(keys, state, flag))).toEqual(all.filter((code) => code !== opened));
  }
});

test("destroy plans a delete of the project's keys only, and protection still holds", () => {
  const state = live(
    liveKey("a"),
    liveKey("b", { spec: { protect: true } }),
    liveKey("hand", { managedBy: null }),
    liveKey("theirs", { managedBy: { project: "billing" } }),
  );
  const plan = planDestroy(manifest(declared("a")), state, MADE);
  expect(lines(plan)).toEqual(["delete a (not-declared)", "delete b (not-declared)"]);
  expect(codes(plan)).toEqual(["protected"]);
});
