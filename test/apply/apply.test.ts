import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import { MAX_PAGE } from "../../src/api/key-api.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import type { Sinks } from "../../src/apply/sink.ts";
import { tokenFingerprint } from "../../src/core/token.ts";
import { formatPlanFile } from "../../src/plan/plan-file.ts";
import { isEmptyPlan } from "../../src/plan/plan.ts";
import { env, faulty, finish, isAccepted, key, newId, sha256, sleep, worlds, type World } from "./world.ts";

const world = worlds();
const KEYS = [key("web", { deliver: [env("WEB_KEY")] }), key("batch", { deliver: [env("BATCH_KEY")] }), key("bare")];

const tokenIn = (at: World, name: string, file = ".env"): string | undefined =>
  new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(join(at.folder, file), "utf8"))?.[1];
const named = async (at: World, name: string) => (await at.live()).keys.find((one) => one.name === name);
const down = (message = "503"): KeyApiError => new KeyApiError("unavailable", message);

describe("a first apply", () => {
  test("makes the account, the keys and their secrets, and says exactly that", async () => {
    const at = await world();
    const { events, report } = await at.apply(await at.plan(KEYS));
    expect(events.map(({ type }) => type)).toEqual([
      "apply-started",
      "account-created",
      "committed",
      "secret-delivered",
      "secret-delivered",
      "acknowledged",
    ]);
    expect(report).toMatchObject({ outcome: "applied", error: null, unchanged: 0, withoutCredential: ["bare"] });
    expect(report.changes.map(({ action, name }) => `${action} ${name}`)).toEqual([
      "create bare",
      "create batch",
      "create web",
    ]);
    expect(report.secrets.map(({ key: name, status }) => `${name} ${status}`)).toEqual([
      "batch delivered",
      "web delivered",
    ]);
    const state = await at.live();
    expect(report.revision).toBe(state.account.revision);
    expect(state.keys.map(({ name }) => name).sort()).toEqual(["bare", "batch", "default-key", "web"]);
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
    const web = await named(at, "web");
    expect(web?.credentials).toHaveLength(1);
    expect(web?.credentials[0]?.acknowledgedAt).not.toBeNull();
    expect(web?.credentials[0]?.fingerprint).toBe(tokenFingerprint(sha256(tokenIn(at, "WEB_KEY") ?? "")));
  });

  test("leaves nothing to do: the second plan is empty and writes nothing (field row 1)", async () => {
    const at = await world();
    await at.apply(await at.plan(KEYS));
    const file = readFileSync(join(at.folder, ".env"), "utf8");
    const second = await at.plan(KEYS);
    expect(isEmptyPlan(second)).toBe(true);
    const api = faulty(at.api, {});
    const { events, report } = await at.apply(second, { api });
    expect(events).toEqual([]);
    expect(report).toMatchObject({ outcome: "nothing-to-do", unchanged: 3, changes: [], secrets: [], changeSet: null });
    expect(api.calls).toEqual([]);
    expect(readFileSync(join(at.folder, ".env"), "utf8")).toBe(file);
  });

  test("makes a declared default-key itself", async () => {
    const at = await world();
    await at.apply(await at.plan([key("default-key", { spec: { data: "read" } })]));
    const state = await at.live();
    expect(state.keys).toMatchObject([
      { name: "default-key", spec: { data: "read" }, managedBy: { project: "storefront" } },
    ]);
  });

  test("shows secrets without a delivery only to a terminal that asked", async () => {
    const at = await world();
    const plan = await at.plan([key("web")], { reveal: true });
    const refused = await at.apply(plan);
    expect(refused.report).toMatchObject({ outcome: "failed", error: { code: "invalid" } });
    expect((await at.live()).account.exists).toBe(false);
    const shown: string[] = [];
    const reveal = (name: string, secret: { reveal(): string }, action: string): Promise<void> => {
      shown.push(name, secret.reveal(), action);
      return Promise.resolve();
    };
    const { events, report } = await at.apply(plan, { reveal });
    expect(shown).toEqual(["web", expect.stringMatching(/^sim/), "create"]);
    expect(events.map(({ type }) => type)).toContain("secret-revealed");
    expect(report).toMatchObject({
      outcome: "applied",
      secrets: [{ key: "web", delivery: null, status: "delivered" }],
    });
    expect(await isAccepted(at, shown[1] ?? "")).toBe(true);
  });
});

describe("changes", () => {
  test("of the spec keep id and secret", async () => {
    const at = await world();
    await at.apply(await at.plan(KEYS));
    const before = await named(at, "web");
    const token = tokenIn(at, "WEB_KEY") ?? "";
    const changed = [
      key("web", { deliver: [env("WEB_KEY")], spec: { data: "read", enabled: true } }),
      ...KEYS.slice(1),
    ];
    const { report } = await at.apply(await at.plan(changed));
    expect(report.changes).toMatchObject([{ action: "update", name: "web", id: before?.id }]);
    const after = await named(at, "web");
    expect(after).toMatchObject({ id: before?.id, spec: { data: "read" }, credentials: before?.credentials });
    expect(tokenIn(at, "WEB_KEY")).toBe(token);
    expect(await isAccepted(at, token)).toBe(true);
  });

  test.each([
    ["a rename", [["a", "b"]]],
    [
      "a swap",
      [
        ["a", "b"],
        ["b", "a"],
      ],
    ],
    [
      "a chain",
      [
        ["a", "b"],
        ["b", "c"],
      ],
    ],
  ])("by %s keep ids and fingerprints, and the next plan is empty (field row 4)", async (_, moves) => {
    const at = await world();
    const froms = moves.map(([from = ""]) => from);
    await at.apply(await at.plan(froms.map((name) => key(name, { deliver: [env(name.toUpperCase())] }))));
    const before = (await at.live()).keys;
    const moved = moves.map(([from = "", to = ""]) =>
      key(to, { renamedFrom: from, deliver: [env(from.toUpperCase())] }),
    );
    const { report } = await at.apply(await at.plan(moved));
    expect(report.changes.every(({ action }) => action === "rename")).toBe(true);
    const after = (await at.live()).keys;
    for (const [from, to] of moves) {
      const [one, other] = [before.find(({ name }) => name === from), after.find(({ name }) => name === to)];
      expect(other).toMatchObject({ id: one?.id, credentials: one?.credentials });
    }
    expect(isEmptyPlan(await at.plan(moved))).toBe(true);
  });

  test("declared as a swap where neither lives yet are made once, and never swapped", async () => {
    const at = await world();
    const swap = [key("a", { renamedFrom: "b" }), key("B", { renamedFrom: "a" })];
    const { report } = await at.apply(await at.plan(swap));
    expect(report.changes).toMatchObject([
      { action: "create", name: "a" },
      { action: "create", name: "B" },
    ]);
    expect(isEmptyPlan(await at.plan(swap))).toBe(true);
    const respelled = [key("A", { renamedFrom: "b" }), key("b", { renamedFrom: "A" })];
    await at.apply(await at.plan(respelled));
    expect(isEmptyPlan(await at.plan(respelled))).toBe(true);
  });

  test("by another project are left alone, and its names are refused (field row 2)", async () => {
    const at = await world();
    await at.apply(await at.plan([key("theirs")], {}, "billing"));
    await at.apply(await at.plan([key("ours")]));
    expect((await at.plan([key("ours")])).changes).toEqual([]);
    const plan = await at.plan([key("ours"), key("theirs")]);
    expect(plan.refusals).toMatchObject([{ code: "foreign-key", keys: ["theirs"] }]);
    const api = faulty(at.api, {});
    const { report } = await at.apply(plan, { api });
    expect(report).toMatchObject({ outcome: "failed", error: { code: "invalid" } });
    expect(api.calls).toEqual([]);
  });

  test("adopt a key made by hand, its credential untouched (field row 12)", async () => {
    const at = await world();
    await at.api.createAccount({
      name: "acme",
      defaultKey: { id: newId(), digest: sha256("x"), mask: `simAAAA${"*".repeat(21)}` },
    });
    const before = await named(at, "default-key");
    const { report } = await at.apply(await at.plan([key("default-key")], { adopt: true }));
    expect(report.changes).toMatchObject([{ action: "adopt", id: before?.id }]);
    expect(await named(at, "default-key")).toMatchObject({
      managedBy: { project: "storefront" },
      credentials: before?.credentials,
    });
    expect(isEmptyPlan(await at.plan([key("default-key")]))).toBe(true);
  });

  test("of a first apply that another was faster than are never overwritten, nor the secrets in its files", async () => {
    const at = await world();
    const slower = await at.plan([key("app", { deliver: [env("WEB_KEY")] })]);
    await at.apply(await at.plan(KEYS));
    const held = tokenIn(at, "WEB_KEY");
    const { report } = await at.apply(slower);
    expect(report).toMatchObject({ outcome: "failed", changeSet: null, error: { code: "stale" } });
    expect(report.error?.message).toContain("Another run made the account acme and wrote to it");
    expect([await named(at, "app"), tokenIn(at, "WEB_KEY")]).toEqual([undefined, held]);
  });

  test("of a first apply that died after it had made the account are made by the next", async () => {
    const at = await world();
    const plan = await at.plan(KEYS);
    await at.api.createAccount({ name: "acme", defaultKey: "without-credential" });
    expect((await at.apply(plan)).report.outcome).toBe("applied");
  });

  test("a key deleted by hand is made again, and the others plan as ever (field row 10)", async () => {
    const at = await world();
    await at.apply(await at.plan(KEYS));
    const web = await named(at, "web");
    const gone = [{ action: "delete" as const, id: web?.id ?? "", revision: web?.revision ?? 0 }];
    await at.api.commit("acme", { id: newId(), project: null, message: "", changes: gone });
    const plan = await at.plan(KEYS);
    expect(plan.changes).toMatchObject([{ action: "create", name: "web" }]);
    expect((await at.apply(plan)).report.outcome).toBe("applied");
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
  });

  test("nothing in between: a plan that lists, platform untouched", async () => {
    const at = await world();
    await at.apply(await at.plan(KEYS));
    const history = async () => (await at.api.listChangeSets("acme", { limit: MAX_PAGE })).changeSets.length;
    const before = await history();
    await at.plan([key("web"), key("more")]);
    expect(await history()).toBe(before);
  });
});

describe("a plan that is stale", () => {
  test("writes nothing, whatever moved (field row 17)", async () => {
    const at = await world();
    await at.apply(await at.plan(KEYS));
    const stale = await at.plan([
      key("web", { deliver: [env("WEB_KEY")], spec: { data: "read" } }),
      ...KEYS.slice(1),
      key("more"),
    ]);
    await at.apply(
      await at.plan([key("web", { deliver: [env("WEB_KEY")], spec: { management: true } }), ...KEYS.slice(1)]),
    );
    const { events, report } = await at.apply(stale);
    expect(report.outcome).toBe("failed");
    expect(["stale", "conflict"]).toContain(report.error?.code);
    expect(report.error?.message).toMatch(
      /^Someone else changed the account acme since it was read for this plan, so none of it was written\. web /,
    );
    expect(report.changes).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(["apply-started"]);
    expect(await named(at, "more")).toBeUndefined();
  });

  test("because it was made for another platform", async () => {
    const [one, other] = [await world(), await world()];
    const { report } = await other.apply({ ...(await one.plan(KEYS)) });
    expect(report).toMatchObject({ outcome: "failed", error: { code: "stale" } });
    expect((await other.live()).account.exists).toBe(false);
  });
});

describe("a platform that fails", () => {
  test("after the commit, before its answer: retried with the same id, one key (field row 13)", async () => {
    const at = await world();
    let lost = 0;
    const api = faulty(at.api, {
      after: (call, count) => {
        if (call === "commit" && count <= 2) {
          lost++;
          throw down("connection reset");
        }
      },
    });
    const { report } = await at.apply(await at.plan(KEYS), { api });
    expect(lost).toBe(2);
    expect(report).toMatchObject({ outcome: "applied" });
    expect((await at.live()).keys.filter(({ name }) => name === "web")).toHaveLength(1);
    expect((await named(at, "web"))?.credentials).toHaveLength(1);
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
  });

  test("for good: after six tries the report says that it does not know, and the next plan does", async () => {
    const at = await world();
    const waits: number[] = [];
    const api = faulty(at.api, {
      after: (call) => {
        if (call === "commit") throw down("no answer");
      },
    });
    const { report } = await at.apply(await at.plan(KEYS), {
      api,
      sleep: (ms) => Promise.resolve(void waits.push(ms)),
    });
    expect(api.calls.filter((call) => call === "commit")).toHaveLength(6);
    expect(waits).toHaveLength(5);
    expect(report).toMatchObject({
      outcome: "failed",
      changes: [],
      secrets: [],
      revision: null,
      error: { code: "unavailable" },
    });
    expect(report.error?.message).toContain(
      `Whether the change set ${String(report.changeSet)} was committed is not known`,
    );
    const next = await at.plan(KEYS);
    expect(next.changes.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
      "issue never-delivered",
      "issue never-delivered",
    ]);
    expect((await at.apply(next)).report.outcome).toBe("applied");
    expect(isEmptyPlan(await at.plan(KEYS))).toBe(true);
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
  });

  test("as it asked, is left alone for that long", async () => {
    const at = await world();
    const waits: number[] = [];
    const api = faulty(at.api, {
      before: (call, count) => {
        if (call === "commit" && count === 1) throw new KeyApiError("rate-limited", "429", { retryAfter: 1234 });
      },
    });
    await at.apply(await at.plan(KEYS), { api, sleep: (ms) => Promise.resolve(void waits.push(ms)) });
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(1234);
  });

  test("to take the acknowledgement: applied in part, and the next plan issues others", async () => {
    const at = await world();
    const api = faulty(at.api, {
      before: (call, count) => {
        if (call === "commit" && count > 1) throw new KeyApiError("forbidden", "no longer allowed");
      },
    });
    const { report, events } = await at.apply(await at.plan(KEYS), { api });
    expect(report).toMatchObject({ outcome: "applied-in-part", error: { code: "forbidden" }, revision: null });
    expect(report.secrets.map(({ status }) => status)).toEqual(["unconfirmed", "unconfirmed"]);
    expect(report.changes).toHaveLength(3);
    expect(events.map(({ type }) => type)).not.toContain("acknowledged");
    expect((await at.apply(await at.plan(KEYS))).report.outcome).toBe("applied");
    expect(isEmptyPlan(await at.plan(KEYS))).toBe(true);
  });

  test("to take one acknowledgement, because that key is gone: the others are confirmed", async () => {
    const at = await world();
    const ports = at.ports();
    const run = applyPlan(await at.plan(KEYS), {
      ...ports,
      sinks: {
        ...ports.sinks,
        dotenv: {
          ...ports.sinks.dotenv,
          deliver: async (secrets) => {
            const web = await named(at, "web");
            const changes = [{ action: "delete" as const, id: web?.id ?? "", revision: web?.revision ?? 0 }];
            await at.api.commit("acme", { id: newId(), project: null, message: "", changes });
            return await ports.sinks.dotenv.deliver(secrets);
          },
        },
      },
    });
    const { report, events } = await finish(run);
    expect(report.outcome).toBe("applied-in-part");
    expect(report.secrets.map(({ key: name, status }) => `${name} ${status}`)).toEqual([
      "batch delivered",
      "web unconfirmed",
    ]);
    expect(events.at(-1)).toEqual({ type: "acknowledged", keys: ["batch"] });
  });
});

describe("a delivery that fails", () => {
  const keys = [
    key("web", { deliver: [env("WEB_KEY", "locked/.env")] }),
    key("batch", { deliver: [env("BATCH_KEY")] }),
    key("both", { deliver: [env("BOTH_KEY"), env("BOTH_KEY", "locked/.env")] }),
  ];

  test("stops no other, is counted exactly, and a second apply finishes (field row 15)", async () => {
    const at = await world();
    writeFileSync(join(at.folder, "locked"), "a file where a folder should be");
    const { report, events } = await at.apply(await at.plan(keys));
    expect(report).toMatchObject({ outcome: "applied-in-part", error: { code: "delivery" } });
    expect(report.error?.message).toContain("2 of 3 new secrets did not arrive");
    expect(report.changes).toHaveLength(3);
    expect(
      report.secrets
        .map((one) => `${one.key} ${one.delivery && "file" in one.delivery ? one.delivery.file : ""} ${one.status}`)
        .sort(),
    ).toEqual(["batch .env delivered", "both .env unconfirmed", "both locked/.env failed", "web locked/.env failed"]);
    expect(events.filter(({ type }) => type === "delivery-failed")).toHaveLength(2);
    expect(events.at(-1)).toEqual({ type: "acknowledged", keys: ["batch"] });
    expect(readFileSync(join(at.folder, "locked"), "utf8")).toBe("a file where a folder should be");

    rmSync(join(at.folder, "locked"));
    const lost = tokenIn(at, "BOTH_KEY") ?? "";
    const next = await at.plan(keys);
    expect(next.changes.map(({ action, name }) => `${action} ${name}`)).toEqual(["issue both", "issue web"]);
    expect((await at.apply(next)).report.outcome).toBe("applied");
    expect(isEmptyPlan(await at.plan(keys))).toBe(true);
    expect(tokenIn(at, "BOTH_KEY")).toBe(tokenIn(at, "BOTH_KEY", "locked/.env"));
    expect(await isAccepted(at, tokenIn(at, "BOTH_KEY") ?? "")).toBe(true);
    // One of its places held it, so somebody may use it: it works on for the overlap, and then no more.
    expect(await isAccepted(at, lost)).toBe(true);
    expect((await named(at, "both"))?.credentials.map(({ retiresAt }) => retiresAt === null)).toEqual([false, true]);
    // Nothing held this one.
    expect((await named(at, "web"))?.credentials.map(({ revokedAt }) => revokedAt === null)).toEqual([false, true]);
  });

  test("silently, is noticed by reading back", async () => {
    const at = await world();
    const sinks: Sinks = deliverySinks({ root: at.folder, sha256, sleep });
    const forgetful = {
      ...sinks,
      dotenv: { ...sinks.dotenv, deliver: () => Promise.resolve(new Map()) },
    };
    const { report } = await at.apply(await at.plan(KEYS), { sinks: forgetful });
    expect(report.outcome).toBe("applied-in-part");
    expect(report.secrets[0]?.error).toContain("does not hold the secret");
  });

  test("by a bug in the sink loses no other file's secret and shows none", async () => {
    const at = await world();
    const sinks = deliverySinks({ root: at.folder, sha256, sleep });
    const broken: Sinks = {
      ...sinks,
      json: { ...sinks.json, deliver: ([one]) => Promise.reject(new Error(one?.secret.reveal())) },
    };
    const json = { to: "json", file: "s.json", name: "key" } as const;
    const { report, events } = await at.apply(await at.plan([key("a", { deliver: [json] }), KEYS[0] ?? key("web")]), {
      sinks: broken,
    });
    expect(report.secrets.map(({ status }) => status)).toEqual(["failed", "delivered"]);
    expect(JSON.stringify([report, events])).not.toMatch(/sim[0-9A-Za-z]{24}1/);
  });

  test("at the terminal is reported without the terminal's words", async () => {
    const at = await world();
    const reveal = (_: string, secret: { reveal(): string }): Promise<void> =>
      Promise.reject(new Error(`EPIPE ${secret.reveal()}`));
    const { report } = await at.apply(await at.plan([key("web")], { reveal: true }), { reveal });
    expect(report).toMatchObject({ outcome: "applied-in-part", secrets: [{ status: "failed", delivery: null }] });
    expect(JSON.stringify(report)).not.toMatch(/sim[0-9A-Za-z]{24}1/);
  });
});

describe("a run that is cancelled", () => {
  test("before the commit has written nothing", async () => {
    const at = await world();
    const api = faulty(at.api, {});
    const { report, events } = await at.apply(await at.plan(KEYS), { api, signal: AbortSignal.abort() });
    expect(report).toMatchObject({ outcome: "failed", error: { code: "cancelled" }, changes: [], changeSet: null });
    expect(api.calls.filter((call) => call === "commit" || call === "createAccount")).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(["apply-started"]);
    expect(existsSync(join(at.folder, ".env"))).toBe(false);
  });

  test("during the commit still delivers and confirms every secret", async () => {
    const at = await world();
    const cancel = new AbortController();
    const api = faulty(at.api, {
      before: (call) => {
        if (call === "commit") cancel.abort();
      },
    });
    const { report } = await at.apply(await at.plan(KEYS), { api, signal: cancel.signal });
    expect(report.outcome).toBe("applied");
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
  });

  test("while it waits to try again says that the outcome is not known", async () => {
    const at = await world();
    const cancel = new AbortController();
    const api = faulty(at.api, {
      after: (call) => {
        if (call === "commit") throw down();
      },
    });
    const asleep = (_: number, signal?: AbortSignal): Promise<void> => {
      cancel.abort();
      return Promise.reject(signal?.reason as Error);
    };
    const { report } = await at.apply(await at.plan(KEYS), { api, sleep: asleep, signal: cancel.signal });
    expect(report).toMatchObject({ outcome: "failed", error: { code: "cancelled" }, revision: null });
    expect(report.error?.message).toContain("is not known");
  });

  test("by a reader that goes away still delivers and confirms every secret", async () => {
    const at = await world();
    for await (const event of applyPlan(await at.plan(KEYS), at.ports())) {
      if (event.type === "committed") break;
    }
    expect(await isAccepted(at, tokenIn(at, "WEB_KEY") ?? "")).toBe(true);
    expect(isEmptyPlan(await at.plan(KEYS))).toBe(true);
  });
});

test("two runs that deliver to one file at the same moment lose nothing", async () => {
  const at = await world();
  await at.api.createAccount({ name: "acme", defaultKey: "none" });
  mkdirSync(join(at.folder, "shared"));
  const projects = ["one", "two", "three", "four"];
  const keysOf = (project: string) =>
    ["a", "b"].map((name) =>
      key(`${project}-${name}`, { deliver: [env(`${project}_${name}`.toUpperCase(), "shared/.env")] }),
    );
  const plans = await Promise.all(projects.map((project) => at.plan(keysOf(project), {}, project)));
  const outcomes = await Promise.all(plans.map((plan) => at.apply(plan)));
  expect(outcomes.map(({ report }) => report.outcome)).toEqual(projects.map(() => "applied"));
  for (const project of projects) {
    expect(await isAccepted(at, tokenIn(at, `${project.toUpperCase()}_A`, "shared/.env") ?? "")).toBe(true);
    expect(isEmptyPlan(await at.plan(keysOf(project), {}, project))).toBe(true);
  }
});

test("fifty runs at the same moment all survive (field row 14)", async () => {
  const at = await world();
  await at.api.createAccount({ name: "acme", defaultKey: "none" });
  const projects = Array.from({ length: 50 }, (_, index) => `project-${String(index)}`);
  const plans = await Promise.all(projects.map((project) => at.plan([key(`key-of-${project}`)], {}, project)));
  const outcomes = await Promise.all(plans.map((plan) => at.apply(plan)));
  expect(outcomes.filter(({ report }) => report.outcome !== "applied")).toEqual([]);
  expect((await at.live()).keys).toHaveLength(50);
});

test("no secret is in any plan, event, report or error, however printed", async () => {
  const at = await world();
  const plan = await at.plan(KEYS);
  const { events, report } = await at.apply(plan);
  const tokens = [tokenIn(at, "WEB_KEY") ?? "", tokenIn(at, "BATCH_KEY") ?? ""];
  const told = [plan, formatPlanFile(plan, sha256), events, report, await at.live()];
  const printed = told.map((one) => `${JSON.stringify(one)}${inspect(one, { depth: 20, showHidden: true })}`).join("");
  for (const token of tokens) {
    expect(token).toMatch(/^sim[0-9A-Za-z]{24}1$/);
    for (const form of [
      token,
      Buffer.from(token).toString("base64"),
      Buffer.from(token).toString("hex"),
      sha256(token),
    ]) {
      expect(printed).not.toContain(form);
    }
  }
});
