import { describe, expect, test } from "vitest";
import type { LeaseRequest } from "../../src/api/lease.ts";
import { allKeys, failure, keyNamed, refusalOf } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, drawId, sampleChangeSet, sampleSpec } from "./samples.ts";

/** The question of a runner for the lease of the project `shop`. */
function ask(fields: Partial<LeaseRequest> = {}): LeaseRequest {
  return { project: "shop", runner: drawId(), host: "laptop", process: "process 7", command: "apply", ...fields };
}

/** Who may write for a project at a time. */
export function describeLeases({ api, as, clock }: Stage): void {
  describe("leases", () => {
    test("one runner gets it for a minute, the other is told who has it, since when and until when", async () => {
      const first = ask();
      const taken = await api().takeLease("acme", first);
      const lease = {
        project: "shop",
        fence: 1,
        holder: { actor: "tester", host: "laptop", process: "process 7", command: "apply" },
        takenAt: "2026-03-01T12:00:00.000Z",
        leaseUntil: "2026-03-01T12:01:00.000Z",
        remaining: 60_000,
      };
      expect(taken).toEqual({ granted: true, lease });
      clock.now += 45_000;
      const late = await as({ actor: "ci", role: "writer", account: "acme", keyId: null }).takeLease("ACME", ask());
      expect(late).toEqual({ granted: false, lease: { ...lease, remaining: 15_000 } });
      expect(JSON.stringify(late)).not.toContain(first.runner);
    });

    test("it ends by itself, and the next one's fence is higher", async () => {
      const [first, second] = [ask(), ask({ host: "runner-2" })];
      await api().takeLease("acme", first);
      clock.now += 59_999;
      expect((await api().takeLease("acme", second)).granted).toBe(false);
      clock.now += 1;
      const { granted, lease } = await api().takeLease("acme", second);
      expect([granted, lease.fence, lease.holder.host]).toEqual([true, 2, "runner-2"]);
      expect((await failure(api().renewLease("acme", first))).code).toBe("fenced");
      expect(await api().releaseLease("acme", first)).toBe(false);
      expect((await api().takeLease("acme", first)).granted).toBe(false);
    });

    test("its holder may ask again, extend it, also after its end if nobody came between, and give it back", async () => {
      const first = ask();
      const { lease } = await api().takeLease("acme", first);
      expect(await api().takeLease("acme", first)).toEqual({ granted: true, lease });
      clock.now += 15_000;
      expect(await api().renewLease("acme", first)).toEqual({ ...lease, leaseUntil: "2026-03-01T12:01:15.000Z" });
      clock.now += 600_000;
      expect((await api().renewLease("acme", first)).remaining).toBe(60_000);
      expect((await api().takeLease("acme", ask())).granted).toBe(false);
      expect(await api().releaseLease("acme", first)).toBe(true);
      expect(await api().releaseLease("acme", first)).toBe(false);
      expect((await failure(api().renewLease("acme", first))).code).toBe("fenced");
      expect((await api().takeLease("acme", ask())).lease.fence).toBe(2);
    });

    test("a clock that runs backwards a little ends none, and its holder goes on by the clock of now", async () => {
      const first = ask();
      await api().takeLease("acme", first);
      clock.now -= 4_000;
      expect((await api().takeLease("acme", ask())).granted).toBe(false);
      clock.now -= 3_600_000;
      expect((await api().renewLease("acme", first)).leaseUntil).toBe("2026-03-01T11:00:56.000Z");
      expect((await api().takeLease("acme", ask())).granted).toBe(false);
    });

    test("what a run took whose clock was hours ahead is nobody's once the clock is right", async () => {
      clock.now += 12 * 3_600_000;
      const first = ask();
      await api().takeLease("acme", first);
      clock.now -= 12 * 3_600_000;
      const next = await api().takeLease("acme", ask());
      expect([next.granted, next.lease.fence, next.lease.remaining]).toEqual([true, 2, 60_000]);
      expect((await failure(api().renewLease("acme", first))).code).toBe("fenced");
    });

    test("each project of each account has its own", async () => {
      await api().createAccount({ name: "other", defaultKey: "none" });
      await api().takeLease("acme", ask());
      expect((await api().takeLease("acme", ask({ project: "blog" }))).granted).toBe(true);
      expect((await api().takeLease("other", ask())).granted).toBe(true);
    });

    test("of twenty runners at once one gets it", async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => api().takeLease("acme", ask())));
      expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
      expect(new Set(answers.map(({ lease }) => lease.fence))).toEqual(new Set([1]));
    });

    test("what bears a fence is committed until another runner has the lease, and refused from then on", async () => {
      const first = ask();
      const { fence } = (await api().takeLease("acme", first)).lease;
      const before = sampleChangeSet([creation("one")], { fence });
      await api().commit("acme", before);
      clock.now += 600_000; // ended, but nobody came between
      await api().commit("acme", sampleChangeSet([creation("two")], { fence }));
      const next = (await api().takeLease("acme", ask())).lease.fence;
      expect(await refusalOf(api(), sampleChangeSet([creation("three")], { fence }))).toEqual(["fenced"]);
      await api().commit("acme", sampleChangeSet([creation("four")], { fence: next }));
      expect((await allKeys(api())).map(({ name }) => name)).toEqual(["one", "two", "four"]);
      // An answer that was lost can be asked for still.
      expect(await api().commit("acme", before)).toMatchObject({ replayed: true, revision: 1 });
    });

    test("a confirmation is fenced like any other change", async () => {
      const { fence } = (await api().takeLease("acme", ask())).lease;
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { credential })], { fence }));
      const { id } = await keyNamed(api(), "web");
      clock.now += 60_000;
      await api().takeLease("acme", ask());
      const acknowledge = { action: "acknowledge", id, credential: credential.id } as const;
      expect(await refusalOf(api(), sampleChangeSet([acknowledge], { fence }))).toEqual(["fenced"]);
      expect((await keyNamed(api(), "web")).credentials[0]?.acknowledgedAt).toBeNull();
    });

    test("a fence that was given back, one of the future and one of another project are none", async () => {
      const first = ask();
      const { fence } = (await api().takeLease("acme", first)).lease;
      await api().takeLease("acme", ask({ project: "blog" }));
      for (const wrong of [{ fence: fence + 1 }, { fence: 0 }, { fence, project: "nobody" }]) {
        expect(await refusalOf(api(), sampleChangeSet([creation("web")], wrong))).toEqual(["fenced"]);
      }
      await api().releaseLease("acme", first);
      expect(await refusalOf(api(), sampleChangeSet([creation("web")], { fence }))).toEqual(["fenced"]);
      expect(await refusalOf(api(), sampleChangeSet([creation("web")], { fence, project: null }))).toEqual(["invalid"]);
      expect(await allKeys(api())).toEqual([]);
    });

    test("without a fence nothing is refused: preconditions decide", async () => {
      await api().takeLease("acme", ask());
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const update = { action: "update", id, revision: 1, spec: sampleSpec({ data: "read" }) } as const;
      expect((await api().commit("acme", sampleChangeSet([update]))).revision).toBe(2);
    });

    test("only who may write takes one, of an account that is there, with words that are text and no secret", async () => {
      const reader = as({ actor: "ann", role: "reader", account: null, keyId: null });
      expect((await failure(reader.takeLease("acme", ask()))).code).toBe("forbidden");
      expect((await failure(reader.renewLease("acme", ask()))).code).toBe("forbidden");
      expect((await failure(reader.releaseLease("acme", ask()))).code).toBe("forbidden");
      const bound = as({ actor: "bob", role: "writer", account: "other", keyId: null });
      expect((await failure(bound.takeLease("acme", ask()))).code).toBe("not-found");
      expect((await failure(api().takeLease("nobody", ask()))).code).toBe("not-found");
      const { token } = drawCredential();
      const bad: Partial<LeaseRequest>[] = [
        { project: "no project" },
        { project: token.reveal() },
        { runner: "short" },
        { host: "h".repeat(501) },
        { process: "a\0b" },
        { command: `apply ${token.reveal()}` },
      ];
      for (const fields of bad) {
        const error = await failure(api().takeLease("acme", ask(fields)));
        expect([fields, error.code]).toEqual([fields, "invalid"]);
        expect(error.message).not.toContain(token.reveal());
      }
    });
  });
}
