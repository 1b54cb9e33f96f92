import { describe, expect, test } from "vitest";
import { computePlan } from "../../src/plan/compute-plan.ts";
import { isEmptyPlan, type Plan } from "../../src/plan/plan.ts";
import { checkStale } from "../../src/plan/stale.ts";
import { afterPlan, credential, declared, lines, live, liveKey, MADE, manifest, NOW, PLAIN, planOf } from "./states.ts";

const ENV = { to: "dotenv", file: ".env", name: "KEY" } as const;

const codes = (plan: Plan): readonly string[] => plan.refusals.map(({ code }) => code);

describe("what is planned", () => {
  test("nothing for keys that are as declared", () => {
    const plan = planOf([declared("web")], live(liveKey("web")));
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.unchanged).toBe(1);
  });

  test("a create, an update and a delete, in the order of their showing", () => {
    const plan = planOf(
      [declared("fresh"), declared("kept", { spec: { data: "read" } }), declared("same")],
      live(liveKey("gone"), liveKey("kept"), liveKey("same"), liveKey("other-1"), liveKey("other-2")),
      { maxDeletes: { count: 9 } },
    );
    expect(lines(plan)).toEqual([
      "create fresh (not-live)",
      "update kept (differs)",
      "delete gone (not-declared)",
      "delete other-1 (not-declared)",
      "delete other-2 (not-declared)",
    ]);
    expect(plan.unchanged).toBe(1);
    expect(plan.refusals).toEqual([]);
  });

  test("the account, where the platform has none", () => {
    const nowhere = { ...live(), account: { name: "acme", exists: false, revision: 0 } };
    expect(planOf([declared("web")], nowhere).account.action).toBe("create");
    expect(isEmptyPlan(planOf([], nowhere))).toBe(true);
  });

  test("nothing for keys of another project, and unmanaged ones are only named", () => {
    const plan = planOf(
      [],
      live(liveKey("theirs", { managedBy: { project: "billing" } }), liveKey("hand", { managedBy: null })),
    );
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.unmanaged).toEqual(["hand"]);
  });

  test("the order of declared and live keys does not matter", () => {
    const keys = [declared("a"), declared("b"), declared("c", { spec: { data: "read" } })];
    const state = [liveKey("c"), liveKey("x"), liveKey("b", { spec: { data: "read" } })];
    const straight = planOf(keys, live(...state));
    const turned = planOf(keys.toReversed(), live(...state.toReversed()));
    expect(turned).toEqual(straight);
  });
});

describe("renames", () => {
  const from = (name: string, renamedFrom: string) => declared(name, { renamedFrom });

  test("keep the live key and its credentials", () => {
    const state = live(liveKey("a", { credentials: [credential("c1", { acknowledgedAt: NOW })] }));
    const plan = planOf([declared("b", { renamedFrom: "a", deliver: [ENV] })], state);
    expect(lines(plan)).toEqual(["rename a -> b (renamed)"]);
    expect(plan.changes[0]).toMatchObject({ id: "id-a", credential: null, attributes: [] });
    expect(isEmptyPlan(planOf([from("b", "a")], afterPlan(plan, state)))).toBe(true);
  });

  test("swap two names at once, once", () => {
    const keys = [from("a", "b"), from("b", "a")];
    const state = live(liveKey("a"), liveKey("b"));
    const plan = planOf(keys, state);
    expect(lines(plan)).toEqual(["rename b -> a (renamed)", "rename a -> b (renamed)"]);
    expect(isEmptyPlan(planOf(keys, afterPlan(plan, state)))).toBe(true);
  });

  test("pass names along a chain at once, once", () => {
    const keys = [from("b", "a"), from("c", "b")];
    const state = live(liveKey("a"), liveKey("b"));
    const plan = planOf(keys, state);
    expect(lines(plan)).toEqual(["rename a -> b (renamed)", "rename b -> c (renamed)"]);
    expect(isEmptyPlan(planOf(keys, afterPlan(plan, state)))).toBe(true);
  });

  test("do not happen along a chain whose end is taken: that is refused, and deletes nothing", () => {
    const keys = [from("b", "a"), from("c", "b"), from("d", "c")];
    const plan = planOf(keys, live(liveKey("a"), liveKey("b"), liveKey("c"), liveKey("d")));
    expect(lines(plan)).toEqual([]);
    expect(plan.refusals).toMatchObject([{ code: "blocked-rename", keys: ["a", "b"] }]);
  });

  test("to a name that is taken are refused, and nothing is deleted or rewritten in the dark", () => {
    const plan = planOf([from("b", "a"), declared("c")], live(liveKey("a"), liveKey("b"), liveKey("c")));
    expect(lines(plan)).toEqual([]);
    expect(plan.refusals).toMatchObject([{ code: "blocked-rename", keys: ["a", "b"] }]);
    expect(plan.refusals[0]?.summary).toBe('"a" cannot be renamed to "b": another key of that name lives');
  });

  test("to a name that is taken are as they were where the other key is declared too", () => {
    const plan = planOf([declared("a"), from("b", "a")], live(liveKey("a"), liveKey("b")));
    expect(plan.refusals).toEqual([]);
  });

  test("of a key that is not live are refused while another is deleted, which may be the one that was meant", () => {
    const state = live(liveKey("storefront"), liveKey("c"), liveKey("d"));
    const plan = planOf([from("shop", "storefrnt"), declared("c"), declared("d")], state);
    expect(lines(plan)).toEqual(["create shop (not-live)", "delete storefront (not-declared)"]);
    expect(plan.refusals).toMatchObject([{ code: "unknown-rename", keys: ["shop"] }]);
    expect(plan.refusals[0]?.fix).toContain("Did you mean `renamed_from: storefront`?");
    expect(planOf([from("shop", "storefrnt")], live()).refusals).toEqual([]);
  });

  test("free a name for another key in the same plan", () => {
    const keys = [declared("a"), from("b", "a")];
    const state = live(liveKey("a"));
    const plan = planOf(keys, state);
    expect(lines(plan)).toEqual(["create a (not-live)", "rename a -> b (renamed)"]);
    expect(isEmptyPlan(planOf(keys, afterPlan(plan, state)))).toBe(true);
  });

  test("of a key that is not live make it", () => {
    expect(lines(planOf([from("b", "a")], live()))).toEqual(["create b (not-live)"]);
  });

  test("in case only are renames", () => {
    expect(lines(planOf([declared("Web")], live(liveKey("web"))))).toEqual(["rename web -> Web (renamed)"]);
  });

  test("of another project's key are refused and change nothing", () => {
    const plan = planOf([from("b", "a")], live(liveKey("a", { managedBy: { project: "billing" } })));
    expect(plan.changes).toEqual([]);
    expect(plan.refusals).toMatchObject([{ code: "foreign-key", keys: ["a"] }]);
  });

  test("to a name that another project holds are refused and delete nothing", () => {
    const plan = planOf([from("b", "a")], live(liveKey("a"), liveKey("b", { managedBy: { project: "billing" } })));
    expect(plan.changes).toEqual([]);
    expect(plan.refusals).toMatchObject([{ code: "foreign-key", keys: ["b"] }]);
  });

  test("of an unmanaged key take it over with adopt", () => {
    const state = live(liveKey("a", { managedBy: null }));
    expect(planOf([from("b", "a")], state).refusals).toMatchObject([{ code: "unmanaged-key" }]);
    const plan = planOf([from("b", "a")], state, { adopt: true });
    expect(lines(plan)).toEqual(["adopt a -> b (unmanaged)"]);
    expect(isEmptyPlan(planOf([from("b", "a")], afterPlan(plan, state)))).toBe(true);
  });
});

describe("keys that others renamed", () => {
  const byHand = { at: NOW, actor: "bob", project: null, changeSet: "change-set-by-hand-1" };
  const renamed = (name: string, renamedFrom: string) => liveKey(name, { renamedFrom, lastChange: byHand });

  test("are the same keys: they get their names back, and nothing is made, deleted or issued", () => {
    const held = [credential("c1", { acknowledgedAt: NOW })];
    const state = live({ ...renamed("app-renamed", "app"), credentials: held }, liveKey("web"));
    const keys = [declared("app", { deliver: [ENV] }), declared("web")];
    const plan = planOf(keys, state);
    expect(lines(plan)).toEqual(["rename app-renamed -> app (renamed)"]);
    expect(plan.changes[0]).toMatchObject({ id: "id-app-renamed", credential: null, attributes: [] });
    expect(plan.drift).toEqual([
      {
        name: "app",
        lastChange: byHand,
        attributes: [{ path: "name", before: "app-renamed", after: "app", access: "none" }],
      },
    ]);
    expect(plan.refusals).toEqual([]);
    expect(checkStale(plan, state)).toEqual([]);
    expect(checkStale(plan, live(renamed("app-renamed", "app"), liveKey("app")))).toMatchObject([
      { name: "app", reason: "name-taken" },
    ]);
    expect(isEmptyPlan(planOf(keys, afterPlan(plan, state)))).toBe(true);
  });

  test("get their fields back with their names, in case too", () => {
    const other = liveKey("other", { spec: { data: "read" }, renamedFrom: "App", lastChange: byHand });
    const plan = planOf([declared("app")], live(other));
    expect(lines(plan)).toEqual(["rename other -> app (renamed)"]);
    expect(plan.drift[0]?.attributes.map(({ path }) => path)).toEqual(["name", "data"]);
    expect(planOf([declared("web")], live({ ...liveKey("Web"), lastChange: byHand })).drift).toMatchObject([
      { name: "web", attributes: [{ path: "name", before: "Web", after: "web" }] },
    ]);
  });

  test("stay as they are named where the declaration names them so", () => {
    const state = live(renamed("b", "a"));
    for (const one of [declared("b"), declared("b", { renamedFrom: "a" })]) {
      expect(isEmptyPlan(planOf([one], state))).toBe(true);
    }
    const declaredRename = planOf([declared("c", { renamedFrom: "b" })], state);
    expect(lines(declaredRename)).toEqual(["rename b -> c (renamed)"]);
    expect(declaredRename.drift).toEqual([]);
  });

  test("are not guessed: a rename of the project's own, a taken name, and one of two keys stay as they were", () => {
    const own = live(liveKey("b", { renamedFrom: "a" }));
    expect(lines(planOf([declared("a")], own))).toEqual(["create a (not-live)", "delete b (not-declared)"]);
    const taken = live(renamed("b", "a"), liveKey("a"));
    expect(lines(planOf([declared("a")], taken))).toEqual(["delete b (not-declared)"]);
    const two = live(renamed("b", "a"), renamed("c", "a"));
    expect(lines(planOf([declared("a")], two))).toEqual([
      "create a (not-live)",
      "delete b (not-declared)",
      "delete c (not-declared)",
    ]);
    const swapped = live(renamed("a", "b"), renamed("b", "a"));
    expect(isEmptyPlan(planOf([declared("a"), declared("b")], swapped))).toBe(true);
    expect(codes(planOf([declared("a"), declared("b")], swapped))).toEqual(["renamed-elsewhere"]);
    const elsewhere = live({ ...renamed("b", "a"), managedBy: { project: "billing" } });
    expect(lines(planOf([declared("a")], elsewhere))).toEqual(["create a (not-live)"]);
  });
});

describe("names that others gave and that may be of another block", () => {
  const byHand = { at: NOW, actor: "bob", project: null, changeSet: "change-set-by-hand-1" };
  const renamed = (name: string, renamedFrom: string) => liveKey(name, { renamedFrom, lastChange: byHand });

  test.each([
    ["renamed twice", [declared("a")], [renamed("aaa", "aa")], ["aaa"]],
    ["a chain", [declared("web"), declared("third")], [renamed("x", "web"), renamed("web", "third")], ["web", "x"]],
    ["a new block of the name that the key got", [declared("web"), declared("x")], [renamed("x", "web")], ["x"]],
    ["a swap", [declared("a"), declared("b")], [renamed("a", "b"), renamed("b", "a")], ["a", "b"]],
  ])("are refused rather than guessed: %s", (_, keys, lives, named) => {
    const found = planOf([...keys, declared("more")], live(...lives, liveKey("more")));
    expect(found.refusals).toMatchObject([{ code: "renamed-elsewhere", keys: named }]);
  });

  test("are no riddle where the declaration says so, where nothing is made in their place, or where the project did it", () => {
    const swapped = live(renamed("a", "b"), renamed("b", "a"));
    const said = [declared("a", { renamedFrom: "b" }), declared("b", { renamedFrom: "a" })];
    expect(codes(planOf(said, swapped))).toEqual([]);
    expect(codes(planOf([declared("b")], live(renamed("aa", "a"), liveKey("b"))))).toEqual([]);
    const own = live(liveKey("aaa", { renamedFrom: "aa" }), liveKey("more"));
    expect(codes(planOf([declared("a"), declared("more")], own))).toEqual([]);
  });
});

describe("credentials", () => {
  const working = [credential("c1", { acknowledgedAt: NOW })];

  test("are issued for a new key only where the secret has somewhere to go", () => {
    const without = planOf([declared("web")], live());
    expect(without.changes[0]).toMatchObject({ credential: null });
    const delivered = planOf([declared("web", { deliver: [ENV] })], live());
    expect(delivered.changes[0]).toMatchObject({ credential: { deliver: [ENV], confirms: false, unconfirmed: [] } });
    const shown = planOf([declared("web")], live(), { reveal: true });
    expect(shown.changes[0]).toMatchObject({ credential: { deliver: [], confirms: false, unconfirmed: [] } });
  });

  test("are issued for a live key that has none", () => {
    const plan = planOf([declared("web", { deliver: [ENV] })], live(liveKey("web")));
    expect(lines(plan)).toEqual(["issue web (no-credential)"]);
  });

  test("confirm or replace those that nobody ever confirmed to hold", () => {
    const credentials = [credential("c0", { revokedAt: NOW }), credential("c1"), credential("c2")];
    const plan = planOf([declared("web", { deliver: [ENV] })], live(liveKey("web", { credentials })));
    expect(lines(plan)).toEqual(["issue web (never-delivered)"]);
    expect(plan.changes[0]).toMatchObject({
      credential: { confirms: true, unconfirmed: [{ id: "c1" }, { id: "c2" }] },
    });
  });

  test("stay where somebody holds a working one", () => {
    const plan = planOf([declared("web", { deliver: [ENV] })], live(liveKey("web", { credentials: working })));
    expect(isEmptyPlan(plan)).toBe(true);
  });

  test("that have retired do not count as working", () => {
    const retired = [credential("c1", { acknowledgedAt: NOW, retiresAt: "2026-11-23T23:59:59Z" })];
    const plan = planOf([declared("web", { deliver: [ENV] })], live(liveKey("web", { credentials: retired })));
    expect(plan.changes[0]).toMatchObject({ action: "issue", reason: "no-credential", credential: { retires: [] } });
  });

  test("rotated outside are not touched (field row 11)", () => {
    const rotated = [
      credential("c1", { acknowledgedAt: NOW, revokedAt: NOW }),
      credential("c2", { acknowledgedAt: NOW }),
    ];
    const plan = planOf([declared("web", { deliver: [ENV] })], live(liveKey("web", { credentials: rotated })));
    expect(isEmptyPlan(plan)).toBe(true);
  });
});

describe("drift", () => {
  const byHand = { at: NOW, actor: "bob", project: null, changeSet: "change-set-by-hand-1" };

  test("is a key that differs and was last changed by someone else", () => {
    const state = live(liveKey("web", { spec: { data: "read" }, lastChange: byHand }));
    const plan = planOf([declared("web")], state);
    expect(plan.drift).toEqual([
      {
        name: "web",
        lastChange: byHand,
        attributes: [{ path: "data", before: "read", after: "none", access: "narrows" }],
      },
    ]);
  });

  test("is not a key that the declaration itself changed, nor one touched elsewhere that is as declared", () => {
    const state = live(liveKey("a", { spec: { data: "read" } }), liveKey("b", { lastChange: byHand }));
    expect(planOf([declared("a"), declared("b")], state).drift).toEqual([]);
  });
});

test("10,000 unchanged keys are compared within a quarter of a second", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `key-${String(index).padStart(5, "0")}`);
  const spec = {
    algorithms: ["algo://acme/one", "algo://acme/two/1.*"],
    labels: { team: "web" },
    description: "A key",
  };
  const declaration = manifest(...names.map((name) => declared(name, { spec: structuredClone(spec) })));
  const state = live(...names.map((name) => liveKey(name, { spec: structuredClone(spec) })));
  computePlan(declaration, state, PLAIN, MADE);
  const start = performance.now();
  const plan = computePlan(declaration, state, PLAIN, MADE);
  const took = performance.now() - start;
  console.log(`computePlan of 10,000 unchanged keys: ${took.toFixed(1)} ms`);
  expect(plan.unchanged).toBe(10_000);
  expect(took).toBeLessThan(250);
});
