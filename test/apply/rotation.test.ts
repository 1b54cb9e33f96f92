import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import type { Sinks } from "../../src/apply/sink.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { Secret } from "../../src/core/secret.ts";
import { isEmptyPlan } from "../../src/plan/plan.ts";
import { env, faulty, key, newId, sha256, worlds, type World } from "./world.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const DAY = 86_400_000;
let now = START;
beforeEach(() => {
  now = START;
});
const world = worlds(() => now);

const ROTATED = key("web", { deliver: [env("WEB_KEY")], spec: { rotation: { every: "90d", overlap: "2d" } } });
const TWO = key("web", { deliver: [env("WEB_KEY"), env("WEB_KEY", "b/.env")] });

const tokenIn = (at: World, file = ".env"): string =>
  /^WEB_KEY=(.*)$/m.exec(readFileSync(join(at.folder, file), "utf8"))?.[1] ?? "";
async function accepts(at: World, token: string): Promise<boolean> {
  const request = { headers: [], target: { type: "algorithm" as const, call: "acme/x" }, now };
  const { decision } = await at.platform.verify({ type: "token", token: new Secret(token) }, request);
  return decision.effect === "allow";
}
const credentialsOf = async (at: World) => (await at.live()).keys.find(({ name }) => name === "web")?.credentials ?? [];
const revision = async (at: World): Promise<number> => (await at.live()).account.revision;

/** What a run leaves behind that died at its second commit: the acknowledgement never came. */
const dying = (at: World) =>
  faulty(at.api, {
    before: (call, count) => {
      if (call === "commit" && count > 1) throw new KeyApiError("forbidden", "the run died here");
    },
  });
/** Sinks of a run that died before it wrote a secret. */
const deaf = (sinks: Sinks): Sinks => ({
  ...sinks,
  dotenv: {
    ...sinks.dotenv,
    deliver: (secrets) => Promise.resolve(new Map(secrets.map(({ delivery }) => [delivery, "the run died here"]))),
  },
});

describe("a rotation that is due", () => {
  test("issues, delivers, confirms; the secret in use works on for the overlap, and the next plan is empty", async () => {
    const at = await world();
    await at.apply(await at.plan([ROTATED]));
    const before = tokenIn(at);
    now += 80 * DAY;
    expect(isEmptyPlan(await at.plan([ROTATED]))).toBe(true);
    now += DAY;
    const { report } = await at.apply(await at.plan([ROTATED]));
    expect(report).toMatchObject({ outcome: "applied", changes: [{ action: "issue", name: "web" }] });
    const after = tokenIn(at);
    expect(after).not.toBe(before);
    expect([await accepts(at, before), await accepts(at, after)]).toEqual([true, true]);
    expect(isEmptyPlan(await at.plan([ROTATED]))).toBe(true);
    now += 2 * DAY;
    expect([await accepts(at, before), await accepts(at, after)]).toEqual([false, true]);
  });

  test("happens once after months of nobody applying", async () => {
    const at = await world();
    await at.apply(await at.plan([ROTATED]));
    now += 400 * DAY;
    await at.apply(await at.plan([ROTATED]));
    expect(await credentialsOf(at)).toHaveLength(2);
    expect(isEmptyPlan(await at.plan([ROTATED]))).toBe(true);
  });

  test("that did not arrive leaves the secret in use alone, however often it is tried, and then ends", async () => {
    const at = await world();
    await at.apply(await at.plan([ROTATED]));
    const used = tokenIn(at);
    now += 85 * DAY;
    for (let tried = 0; tried < 8; tried++) {
      const { report } = await at.apply(await at.plan([ROTATED]), { sinks: deaf(at.ports().sinks) });
      expect(report).toMatchObject({ outcome: "applied-in-part", error: { code: "delivery" } });
      expect(await accepts(at, used)).toBe(true);
      const working = (await credentialsOf(at)).filter(({ revokedAt }) => revokedAt === null);
      expect(working.length).toBeLessThanOrEqual(5);
      expect(working.some(({ acknowledgedAt }) => acknowledgedAt !== null)).toBe(true);
    }
    expect((await at.apply(await at.plan([ROTATED]))).report.outcome).toBe("applied");
    expect(isEmptyPlan(await at.plan([ROTATED]))).toBe(true);
    // What nobody ever held is gone, what was in use retires.
    const left = (await credentialsOf(at)).filter(({ revokedAt }) => revokedAt === null);
    expect(left.map(({ retiresAt }) => retiresAt === null)).toEqual([false, true]);
    expect([await accepts(at, used), await accepts(at, tokenIn(at))]).toEqual([true, true]);
  });
});

describe("a run that died before its acknowledgement", () => {
  async function halfway(at: World, keys: readonly ManifestKey[]): Promise<string> {
    expect((await at.apply(await at.plan(keys), { api: dying(at) })).report.outcome).toBe("applied-in-part");
    return tokenIn(at);
  }

  test("is completed by the next: what every place holds is confirmed, and no other secret is drawn", async () => {
    const at = await world();
    const held = await halfway(at, [TWO]);
    const plan = await at.plan([TWO]);
    expect(plan.changes).toMatchObject([
      { action: "issue", reason: "never-delivered", credential: { confirms: true } },
    ]);
    const drawn: number[] = [];
    const { report, events } = await at.apply(plan, { random: (count) => (drawn.push(count), new Uint8Array(count)) });
    expect(drawn).toEqual([]);
    expect(report).toMatchObject({
      outcome: "applied",
      changes: [{ action: "issue", name: "web" }],
      secrets: [
        { delivery: { file: ".env" }, status: "confirmed" },
        { delivery: { file: "b/.env" }, status: "confirmed" },
      ],
    });
    expect(report.changeSet).not.toBeNull();
    expect(report.revision).toBe(await revision(at));
    expect(events.map(({ type }) => type)).toEqual(["apply-started", "acknowledged"]);
    expect(tokenIn(at)).toBe(held);
    expect(await accepts(at, held)).toBe(true);
    expect(await credentialsOf(at)).toHaveLength(1);
    expect(isEmptyPlan(await at.plan([TWO]))).toBe(true);
  });

  test("with a change of the key's spec is completed beside that change", async () => {
    const at = await world();
    const held = await halfway(at, [TWO]);
    const changed = [{ ...TWO, spec: { ...TWO.spec, data: "read" as const } }];
    const { report } = await at.apply(await at.plan(changed));
    expect(report).toMatchObject({ outcome: "applied", changes: [{ action: "update", name: "web" }] });
    expect(tokenIn(at)).toBe(held);
    expect(isEmptyPlan(await at.plan(changed))).toBe(true);
  });

  test("is completed also if another died after it, before it wrote: the later credential goes, the held one stays", async () => {
    const at = await world();
    const held = await halfway(at, [TWO]);
    // A second run that may not look, as an earlier version did not: it adds another and dies.
    const { id, revision: seen } = (await at.live()).keys.find(({ name }) => name === "web") ?? { id: "", revision: 0 };
    const other = { id: newId(), digest: sha256("nobody"), mask: `simAAAA${"*".repeat(21)}` };
    const add = { action: "add-credential" as const, id, revision: seen, credential: other };
    await at.api.commit("acme", { id: newId(), project: "storefront", message: "", changes: [add] });
    expect((await at.apply(await at.plan([TWO]))).report.outcome).toBe("applied");
    expect(tokenIn(at)).toBe(held);
    expect(
      (await credentialsOf(at)).map(({ acknowledgedAt, revokedAt }) => [acknowledgedAt !== null, revokedAt !== null]),
    ).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(isEmptyPlan(await at.plan([TWO]))).toBe(true);
  });

  test("between two places is replaced, and what one place held works on for the overlap", async () => {
    const at = await world();
    writeFileSync(join(at.folder, "b"), "no folder");
    await at.apply(await at.plan([TWO]));
    const held = tokenIn(at);
    rmSync(join(at.folder, "b"));
    expect((await at.apply(await at.plan([TWO]))).report).toMatchObject({
      outcome: "applied",
      secrets: [{ status: "delivered" }, { status: "delivered" }],
    });
    expect(tokenIn(at)).not.toBe(held);
    expect(await accepts(at, held)).toBe(true);
    now += DAY;
    expect([await accepts(at, held), await accepts(at, tokenIn(at))]).toEqual([false, true]);
  });

  test("with a place that cannot be read gets another secret; what may be there is not revoked, but retires", async () => {
    const at = await world();
    const held = await halfway(at, [TWO]);
    const { sinks } = at.ports();
    let looked = 0;
    const blind: Sinks = {
      ...sinks,
      dotenv: {
        ...sinks.dotenv,
        readBack: async (delivery) => (looked++ < 2 ? undefined : await sinks.dotenv.readBack(delivery)),
      },
    };
    expect((await at.apply(await at.plan([TWO]), { sinks: blind })).report.outcome).toBe("applied");
    expect(tokenIn(at)).not.toBe(held);
    expect((await credentialsOf(at)).map(({ revokedAt }) => revokedAt)).toEqual([null, null]);
    expect([await accepts(at, held), await accepts(at, tokenIn(at))]).toEqual([true, true]);
  });
});

test("a new secret that is not confirmed revokes nothing, whatever nobody holds", async () => {
  const at = await world();
  mkdirSync(join(at.folder, "b"));
  await at.apply(await at.plan([TWO]), { sinks: deaf(at.ports().sinks) });
  await at.apply(await at.plan([TWO]), { api: dying(at) });
  expect((await credentialsOf(at)).map(({ revokedAt }) => revokedAt)).toEqual([null, null]);
  await at.apply(await at.plan([TWO]));
  expect((await credentialsOf(at)).map(({ revokedAt }) => revokedAt !== null)).toEqual([true, false]);
});

test("five credentials that may all be in use: none is issued or ended, and the report says what to do", async () => {
  const at = await world();
  await at.apply(await at.plan([TWO]), { api: dying(at) });
  const web = (await at.live()).keys.find(({ name }) => name === "web");
  let seen = web?.revision ?? 0;
  for (let made = 0; made < 4; made++) {
    const credential = { id: newId(), digest: sha256(String(made)), mask: `simAAAA${"*".repeat(21)}` };
    const add = { action: "add-credential" as const, id: web?.id ?? "", revision: seen, credential };
    seen = (await at.api.commit("acme", { id: newId(), project: null, message: "", changes: [add] })).revision;
  }
  const before = await revision(at);
  const { sinks } = at.ports();
  const blind: Sinks = { ...sinks, dotenv: { ...sinks.dotenv, readBack: () => Promise.resolve(undefined) } };
  const { report } = await at.apply(await at.plan([TWO]), { sinks: blind });
  expect(report).toMatchObject({ outcome: "applied-in-part", error: { code: "delivery" }, changes: [] });
  expect(report.withheld).toMatchObject([{ key: "web" }]);
  expect(report.withheld[0]?.why).toContain("algokeys revoke web --credential ID");
  expect(await revision(at)).toBe(before);
});

afterEach(() => {
  now = START;
});
