import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import type { Lease } from "../../src/api/lease.ts";
import { LeaseHeld, runnerLease, type LeasePorts, type RunnerLease } from "../../src/apply/runner-lease.ts";
import { openPlatform, tempFolders } from "../platform/open.ts";
import { virtualTime, type VirtualTime } from "./virtual-runners.ts";
import { faulty, newId } from "./world.ts";

const folder = tempFolders();

interface Scene {
  readonly time: VirtualTime;
  readonly api: KeyApi;
  /** What the runs say while they wait, and of a platform without leases. */
  readonly said: string[];
  readonly run: (ports?: Partial<LeasePorts>) => RunnerLease;
}

/** A real platform whose clock is virtual, with the account `acme`. */
async function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const time = virtualTime({ now: Date.parse("2026-03-01T12:00:00.000Z") });
  const platform = await openPlatform(join(folder(), "platform.db"), { clock: () => time.clock.now });
  const said: string[] = [];
  try {
    const { api } = platform;
    await api.createAccount({ name: "acme", defaultKey: "none" });
    const run = (ports: Partial<LeasePorts> = {}): RunnerLease =>
      runnerLease({
        api: inTime(api, time),
        now: () => time.clock.now,
        account: "acme",
        project: "shop",
        runner: newId(),
        holder: { host: "laptop", process: "process 7", command: "algokeys apply" },
        waitMs: 0,
        waiting: ({ holder, fence }: Lease) => said.push(`${holder.host} ${String(fence)}`),
        missing: () => said.push("no leases"),
        random: randomBytes,
        sleep: time.sleep,
        ...ports,
      });
    await work({ time, api, said, run });
  } finally {
    await platform.close();
  }
}

/** The clock stands still while the platform works. */
function inTime(api: KeyApi, time: VirtualTime): LeasePorts["api"] {
  return {
    takeLease: (...call) => time.work(() => api.takeLease(...call)),
    renewLease: (...call) => time.work(() => api.renewLease(...call)),
    releaseLease: (...call) => time.work(() => api.releaseLease(...call)),
    getAccount: (...call) => time.work(() => api.getAccount(...call)),
  };
}

describe("a run's lease", () => {
  test("is kept up while the run works, however long, and free as soon as it ends", () =>
    scene(async ({ time, run }) => {
      const [first, second] = [run(), run()];
      await first.take();
      await time.drive([time.sleep(600_000)]);
      expect(await first.holds()).toBe(true);
      await expect(second.take()).rejects.toThrow(LeaseHeld);
      expect(second.fence()).toBeUndefined();
      await first.release();
      await second.take();
      expect([first.fence(), second.fence()]).toEqual([1, 2]);
      await second.release();
    }));

  test("of a run that died is another's within a minute", () =>
    scene(async ({ time, run }) => {
      const never = (): Promise<never> => new Promise(() => undefined);
      await run({ sleep: never, holder: { host: "dead", process: "1", command: "apply" } }).take();
      const began = time.clock.now;
      const next = run({ waitMs: 300_000 });
      await time.drive([next.take()]);
      expect(time.clock.now - began).toBeLessThanOrEqual(60_000);
      expect(next.fence()).toBe(2);
      await next.release();
    }));

  test("is waited for as long as was asked, and said once for each other run", () =>
    scene(async ({ time, said, run }) => {
      const first = run();
      await first.take();
      const began = time.clock.now;
      const refused = run({ waitMs: 130_000 }).take();
      await expect(time.drive([refused])).rejects.toMatchObject({ lease: { holder: { host: "laptop" }, fence: 1 } });
      expect(time.clock.now - began).toBe(130_000);
      expect(said).toEqual(["laptop 1"]);
      await first.release();
    }));

  test("is given up at once when the run is cancelled while it waits", () =>
    scene(async ({ time, run }) => {
      const first = run();
      await first.take();
      const stop = new AbortController();
      const waiting = run({ waitMs: 300_000, signal: stop.signal }).take();
      stop.abort(new Error("stop"));
      await expect(time.drive([waiting])).rejects.toThrow("stop");
      await first.release();
    }));

  test("that passed on while the run stood still is not held any more, and is not given back for the other", () =>
    scene(async ({ time, api, run }) => {
      const still = (_: number, signal?: AbortSignal): Promise<void> =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", reject));
      const paused = run({ sleep: still });
      await paused.take();
      time.clock.now += 61_000;
      const later = run();
      await later.take();
      expect(await paused.holds()).toBe(false);
      await paused.release();
      expect(await later.holds()).toBe(true);
      expect((await api.takeLease("acme", { ...REQUEST, runner: newId() })).granted).toBe(false);
      await later.release();
    }));

  test("that ran out without another run is taken up again", () =>
    scene(async ({ time, run }) => {
      const paused = run({
        sleep: (_, signal) => new Promise((_resolve, no) => signal?.addEventListener("abort", no)),
      });
      await paused.take();
      time.clock.now += 3_600_000;
      expect(await paused.holds()).toBe(true);
      await paused.release();
    }));

  test("counts by the run's own clock while the platform does not answer", () =>
    scene(async ({ time, api, run }) => {
      let away = false;
      const broken = faulty(api, {
        before: (call) => {
          if (away && call === "renewLease") throw new KeyApiError("unavailable", "no answer");
        },
      });
      const lease = run({ api: inTime(broken, time) });
      await lease.take();
      away = true;
      await time.drive([time.sleep(59_000)]);
      expect(await lease.holds()).toBe(true);
      await time.drive([time.sleep(1_000)]);
      expect(await lease.holds()).toBe(false);
      away = false;
      expect(await lease.holds()).toBe(true);
      await lease.release();
    }));

  test("waits for the account that the run is to make; before that there is none", () =>
    scene(async ({ api, said, run }) => {
      const lease = run({ account: "fresh" });
      await lease.take();
      expect([lease.fence(), await lease.holds()]).toEqual([undefined, true]);
      await api.createAccount({ name: "fresh", defaultKey: "none" });
      await lease.take();
      expect(lease.fence()).toBe(1);
      await lease.release();
      expect(said).toEqual([]);
    }));

  test("is not missed on a platform without leases, and that is said once", () =>
    scene(async ({ time, api, said, run }) => {
      const without = faulty(api, {
        before: (call) => {
          if (call.endsWith("Lease")) throw new KeyApiError("not-found", "There is no such route.");
        },
      });
      const lease = run({ api: inTime(without, time) });
      await lease.take();
      await lease.take();
      expect([lease.fence(), await lease.holds(), said]).toEqual([undefined, true, ["no leases"]]);
      await lease.release();
      expect(without.calls.filter((call) => call !== "getAccount")).toEqual(["takeLease", "takeLease"]);
    }));

  test("is taken where another run makes the account right after this one asked for it", () =>
    scene(async ({ time, api, said, run }) => {
      const overtaken: LeasePorts["api"] = {
        ...inTime(api, time),
        getAccount: async (...call) => {
          await api.createAccount({ name: "fresh", defaultKey: "none" });
          return await api.getAccount(...call);
        },
      };
      const lease = run({ api: overtaken, account: "fresh" });
      await lease.take();
      expect([lease.fence(), said]).toEqual([1, []]);
      await lease.release();
    }));
});

const REQUEST = { project: "shop", host: "h", process: "p", command: "c" };
