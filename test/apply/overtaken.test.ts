import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyPlan } from "../../src/apply/apply.ts";
import type { Sink } from "../../src/apply/sink.ts";
import type { FileDelivery } from "../../src/core/delivery.ts";
import { isEmptyPlan } from "../../src/plan/plan.ts";
import { env, finish, isAccepted, key, worlds } from "./world.ts";

const world = worlds();
const JSON_PLACE = { to: "json", file: "s.json", name: "/web" } as const;

test.each<FileDelivery>([env("WEB"), JSON_PLACE])(
  "a run that pauses after its commit leaves alone what another run delivered to $to meanwhile",
  async (place) => {
    const at = await world();
    const keys = [key("web", { deliver: [place] })];
    const ports = at.ports();
    const sink: Sink = ports.sinks[place.to];
    const paused: Sink = {
      ...sink,
      deliver: async (secrets) => {
        // The other run finds a secret that nobody confirmed, and puts one of its own in its place.
        const other = await at.apply(await at.plan(keys));
        expect(other.report.outcome).toBe("applied");
        return await sink.deliver(secrets);
      },
    };
    const run = applyPlan(await at.plan(keys), { ...ports, sinks: { ...ports.sinks, [place.to]: paused } });
    const { report } = await finish(run);
    expect(report.outcome).toBe("applied-in-part");
    expect(report.secrets[0]?.error).toContain("than when this run began, so it was left as it is");
    const [token = ""] = /sim[0-9A-Za-z]{24}1/.exec(readFileSync(join(at.folder, place.file), "utf8")) ?? [];
    expect(await isAccepted(at, token)).toBe(true);
    expect(isEmptyPlan(await at.plan(keys))).toBe(true);
  },
);

test("a secret counts as delivered only when every one of its places has it, whatever their kind", async () => {
  const at = await world();
  const good = env("WEB");
  const bad = { to: "command", command: ["false"], env: [] } as const;
  const { report, events } = await at.apply(await at.plan([key("web", { deliver: [good, bad] })]));
  expect(report.outcome).toBe("applied-in-part");
  expect(report.secrets.map(({ status }) => status)).toEqual(["unconfirmed", "failed"]);
  expect(events.some(({ type }) => type === "acknowledged")).toBe(false);
  const next = await at.plan([key("web", { deliver: [good, { ...bad, command: ["cat"] }] })]);
  expect(next.changes.map(({ action }) => action)).toEqual(["issue"]);
  expect((await at.apply(next)).report.outcome).toBe("applied");
});
