import { describe, expect, test } from "vitest";
import type { Credential } from "../../src/core/api-key.ts";
import type { DeclaredSpec } from "../../src/core/declared-spec.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import { isEmptyPlan, type Plan } from "../../src/plan/plan.ts";
import { rotationMoments } from "../../src/plan/rotation.ts";
import { credential, declared, lines, live, liveKey, manifest, PLAIN } from "./states.ts";

const ENV = { to: "dotenv", file: ".env", name: "KEY" } as const;
const DAILY = { every: "90d", overlap: "24h" };

interface Made {
  readonly at: string;
  readonly made?: string;
  readonly spec?: DeclaredSpec;
  readonly deliver?: readonly (typeof ENV)[];
  readonly credentials?: readonly Credential[];
  readonly reveal?: boolean;
}

/** The plan at a moment, for a key whose credential was made at another. */
function planAt({ at, made = "2026-01-01T00:00:00.000Z", spec = {}, deliver = [ENV], ...more }: Made): Plan {
  const { reveal = false, credentials = [credential("c1", { createdAt: made, acknowledgedAt: made })] } = more;
  const whole = { rotation: DAILY, ...spec };
  const state = live(liveKey("web", { spec: whole, credentials }));
  const keys = manifest(declared("web", { spec: whole, deliver }));
  return computePlan(keys, state, { ...PLAIN, reveal }, { createdAt: at });
}

// field.md, section 5, row 29: a key that expires is not replaced, or too late.
describe("the renewal window (field row 29)", () => {
  test.each([
    ["a tenth of `every`", "90d", "24h", "2026-03-23T00:00:00.000Z"],
    ["the overlap, where that is longer", "7d", "2d", "2026-01-06T00:00:00.000Z"],
    ["half of `every` at most", "1d", "24h", "2026-01-01T12:00:00.000Z"],
  ])("is %s before the end", (_, every, overlap, from) => {
    const spec = { rotation: { every, overlap } };
    const just = new Date(Date.parse(from) - 1).toISOString();
    expect(isEmptyPlan(planAt({ at: just, spec }))).toBe(true);
    expect(lines(planAt({ at: from, spec }))).toEqual(["issue web (rotation-due)"]);
  });

  test("ends every secret by the end of `every`, whatever the durations, unless the overlap is longer than half of it", () => {
    for (const [every, overlap] of [
      ["90d", "24h"],
      ["30d", "7d"],
      ["1h", "30m"],
      ["10s", "0s"],
    ] as const) {
      const moments = rotationMoments({ every, overlap }, "2026-01-01T00:00:00Z");
      const overlapMs = { "24h": 86_400_000, "7d": 604_800_000, "30m": 1_800_000, "0s": 0 }[overlap];
      expect((moments?.dueFrom ?? NaN) + overlapMs).toBeLessThanOrEqual(moments?.end ?? NaN);
    }
  });

  test("counts days of 24 hours: leap days and summer time move nothing", () => {
    const leap = { rotation: { every: "10d", overlap: "0s" } };
    const from = (made: string): string => new Date(rotationMoments(leap.rotation, made)?.dueFrom ?? 0).toISOString();
    expect(from("2028-02-25T00:00:00Z")).toBe("2028-03-05T00:00:00.000Z"); // over 29 February
    expect(from("2027-02-25T00:00:00Z")).toBe("2027-03-06T00:00:00.000Z");
    expect(from("2026-03-25T01:30:00Z")).toBe("2026-04-03T01:30:00.000Z"); // over the last Sunday of March
    expect(from("2026-03-25T02:30:00+01:00")).toBe("2026-04-03T01:30:00.000Z");
  });

  test("a clock that went backwards rotates nothing", () => {
    expect(isEmptyPlan(planAt({ at: "2020-01-01T00:00:00.000Z" }))).toBe(true);
  });

  test("is measured from the newest confirmed credential, so that a rotation by hand counts", () => {
    const old = "2026-01-01T00:00:00.000Z";
    const fresh = "2026-03-20T00:00:00.000Z";
    const credentials = [
      credential("c1", { createdAt: old, acknowledgedAt: old, retiresAt: "2026-03-21T00:00:00.000Z" }),
      credential("c2", { createdAt: fresh, acknowledgedAt: fresh }),
    ];
    expect(isEmptyPlan(planAt({ at: "2026-03-25T00:00:00.000Z", credentials }))).toBe(true);
  });
});

describe("a rotation that is due", () => {
  const late = "2026-06-30T00:00:00.000Z";

  test("tells what it replaces, and issues once however many windows were missed", () => {
    const plan = planAt({ at: "2031-06-30T00:00:00.000Z" });
    expect(lines(plan)).toEqual(["issue web (rotation-due)"]);
    expect(plan.changes[0]).toMatchObject({ credential: { reason: "rotation-due", retires: ["c1"], confirms: false } });
  });

  test("of a key without a delivery is shown and not done, unless its secret is shown too", () => {
    const plan = planAt({ at: late, deliver: [] });
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.secretsDue).toEqual([
      { name: "web", reason: "rotation-due", since: "2026-03-23T00:00:00.000Z", blocked: "no-delivery", until: null },
    ]);
    expect(lines(planAt({ at: late, deliver: [], reveal: true }))).toEqual(["issue web (rotation-due)"]);
  });

  test.each([
    ["has expired: a rotation heals no `expires`", { expires: "2026-06-01T00:00:00Z" }],
    ["is disabled", { enabled: false }],
    ["declares no rotation", { rotation: null }],
  ])("is none where the key %s", (_, spec) => {
    const plan = planAt({ at: late, spec });
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.secretsDue).toEqual([]);
  });

  test("is done for a key that expires later, and leaves `expires` as it is", () => {
    const plan = planAt({ at: late, spec: { expires: "2026-07-01T00:00:00Z" } });
    expect(plan.changes[0]).toMatchObject({ attributes: [], after: { expires: "2026-07-01T00:00:00Z" } });
  });

  test("is impossible with five working credentials, and the plan says until when", () => {
    const made = "2026-01-01T00:00:00.000Z";
    const retiring = ["2026-07-03T00:00:00.000Z", "2026-07-01T00:00:00.000Z", "2026-07-02T00:00:00.000Z"];
    const credentials = [
      ...retiring.map((retiresAt, index) => credential(`r${String(index)}`, { acknowledgedAt: made, retiresAt })),
      credential("r3", { acknowledgedAt: made, retiresAt: "2026-07-04T00:00:00.000Z" }),
      credential("c1", { createdAt: made, acknowledgedAt: made }),
    ];
    const plan = planAt({ at: late, credentials });
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.secretsDue).toMatchObject([
      { name: "web", blocked: "too-many-credentials", until: "2026-07-01T00:00:00.000Z" },
    ]);
    expect(lines(planAt({ at: "2026-07-01T00:00:00.000Z", credentials }))).toEqual(["issue web (rotation-due)"]);
  });
});

describe("a credential that nobody confirmed", () => {
  const made = "2026-01-01T00:00:00.000Z";
  const begun = [credential("c1", { createdAt: made, acknowledgedAt: made }), credential("c2", { createdAt: made })];

  test("beside one in use is a rotation that did not come to its end", () => {
    const plan = planAt({ at: made, credentials: begun });
    expect(lines(plan)).toEqual(["issue web (never-delivered)"]);
    expect(plan.changes[0]).toMatchObject({
      credential: { confirms: true, unconfirmed: [{ id: "c2" }], retires: ["c1"], makesRoom: false },
    });
  });

  test("is not confirmed once its rotation is due, but replaced, so that one apply is enough", () => {
    const plan = planAt({ at: "2027-01-01T00:00:00.000Z", credentials: begun });
    expect(plan.changes[0]).toMatchObject({
      credential: { reason: "never-delivered", confirms: false, unconfirmed: [{ id: "c2" }], retires: ["c1"] },
    });
  });

  test("is looked for only where there are places to look into", () => {
    expect(isEmptyPlan(planAt({ at: made, credentials: begun, deliver: [], reveal: true }))).toBe(true);
    const shown = planAt({ at: made, credentials: begun.slice(1), deliver: [], reveal: true });
    expect(shown.changes[0]).toMatchObject({ credential: { confirms: false, unconfirmed: [{ id: "c2" }] } });
  });

  test("makes room where five work", () => {
    const five = ["c1", "c2", "c3", "c4", "c5"].map((id) => credential(id));
    expect(planAt({ at: made, credentials: five }).changes[0]).toMatchObject({ credential: { makesRoom: true } });
  });
});

test("a key whose newest credential was revoked gets another before the older one retires", () => {
  const credentials = [
    credential("c1", { acknowledgedAt: "2026-01-01T00:00:00.000Z", retiresAt: "2026-02-02T00:00:00.000Z" }),
    credential("c2", { acknowledgedAt: "2026-02-01T00:00:00.000Z", revokedAt: "2026-02-01T01:00:00.000Z" }),
  ];
  expect(lines(planAt({ at: "2026-02-01T02:00:00.000Z", credentials }))).toEqual(["issue web (no-credential)"]);
});
