import { describe, expect, test } from "vitest";
import { allKeys, failure, keyNamed, refusalOf } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, drawId, sampleChangeSet, sampleSpec } from "./samples.ts";

const SHOP = { project: "shop" } as const;

/** What a change set does: whole, once, recorded. */
export function describeChangeSets({ api, clock }: Stage): void {
  describe("change sets", () => {
    test("a created key is told as it was asked for", async () => {
      const spec = sampleSpec({
        description: "Widget",
        origins: { native: false, web: { hosts: ["*.shop.example"] } },
      });
      const changeSet = sampleChangeSet([creation("web", { spec, managedBy: SHOP })]);
      const result = await api().commit("acme", changeSet);
      const [made] = result.results;
      expect(result).toMatchObject({ changeSet: changeSet.id, revision: 1, replayed: false });
      expect(await keyNamed(api(), "web")).toEqual({
        id: made?.id,
        account: "acme",
        name: "web",
        spec,
        revision: 1,
        managedBy: SHOP,
        renamedFrom: null,
        createdAt: "2026-03-01T12:00:00.000Z",
        lastChange: { at: "2026-03-01T12:00:00.000Z", actor: "tester", project: "shop", changeSet: changeSet.id },
        deletedAt: null,
        credentials: [],
      });
    });

    test("every change set raises the revision by one and marks the keys that it touches, no others", async () => {
      await api().commit("acme", sampleChangeSet([creation("one"), creation("two")]));
      const one = await keyNamed(api(), "one");
      clock.now += 1000;
      const update = { action: "update", id: one.id, revision: 1, spec: sampleSpec({ data: "read" }) } as const;
      const { revision, results } = await api().commit("acme", sampleChangeSet([update], { project: null }));
      expect(revision).toBe(2);
      expect(results).toEqual([{ action: "update", id: one.id, name: "one", revision: 2 }]);
      expect(await keyNamed(api(), "one")).toMatchObject({
        revision: 2,
        spec: { data: "read" },
        createdAt: one.createdAt,
        lastChange: { at: "2026-03-01T12:00:01.000Z", project: null },
      });
      expect((await keyNamed(api(), "two")).revision).toBe(1);
      expect((await api().getAccount("acme")).revision).toBe(2);
    });

    test("an update leaves what it does not mention", async () => {
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { managedBy: SHOP, credential })]));
      const before = await keyNamed(api(), "web");
      await api().commit("acme", sampleChangeSet([{ action: "update", id: before.id, revision: 1 }]));
      const after = await keyNamed(api(), "web");
      expect(after).toEqual({ ...before, revision: 2, lastChange: after.lastChange });
    });

    test("a change set that asks for nothing writes nothing", async () => {
      const empty = sampleChangeSet([]);
      expect(await api().commit("acme", empty)).toMatchObject({ revision: 0, replayed: false, results: [] });
      expect((await api().listChangeSets("acme", { limit: 10 })).changeSets).toEqual([]);
    });

    test("the same change set again gives the first result and changes nothing", async () => {
      const changeSet = sampleChangeSet([creation("web", { credential: drawCredential().credential })]);
      const first = await api().commit("acme", changeSet);
      clock.now += 60_000;
      const sameAgain = JSON.parse(JSON.stringify(changeSet)) as typeof changeSet;
      expect(await api().commit("acme", sameAgain)).toEqual({ ...first, replayed: true });
      expect(await allKeys(api())).toHaveLength(1);
      expect((await api().getAccount("acme")).revision).toBe(1);
    });

    test("where it was made is told by history, and is no part of what is asked for", async () => {
      const changeSet = sampleChangeSet([creation("web")]);
      await api().commit("acme", { ...changeSet, from: "ci-7, run 12" });
      expect(await api().commit("acme", { ...changeSet, from: "laptop" })).toMatchObject({ replayed: true });
      await api().commit("acme", sampleChangeSet([creation("app")]));
      const { changeSets } = await api().listChangeSets("acme", { limit: 2 });
      expect(changeSets.map(({ from }) => from)).toEqual([null, "ci-7, run 12"]);
    });

    test.each([
      ["too long", "x".repeat(201)],
      ["a token", drawCredential().token.reveal()],
    ])("a place that is %s is refused as invalid", async (_, from) => {
      expect(await refusalOf(api(), { ...sampleChangeSet([creation("web")]), from })).toEqual(["invalid"]);
      expect(await allKeys(api())).toEqual([]);
    });

    test("a reply that was lost can be asked for again, even after others have committed", async () => {
      const changeSet = sampleChangeSet([creation("web")]);
      await api().commit("acme", changeSet); // the answer never arrives
      const web = await keyNamed(api(), "web");
      await api().commit("acme", sampleChangeSet([{ action: "update", id: web.id, revision: 1, name: "site" }]));
      const again = await api().commit("acme", changeSet);
      expect(again).toMatchObject({ replayed: true, revision: 1, results: [{ id: web.id, name: "web" }] });
      expect((await allKeys(api())).map(({ name }) => name)).toEqual(["site"]);
    });

    test.each([
      ["other changes", { changes: [creation("other")] }],
      ["another project", { project: null }],
      ["another message", { message: "why not" }],
      ["no changes", { changes: [] }],
    ])("the same id with %s is refused as invalid", async (_, difference) => {
      const changeSet = sampleChangeSet([creation("web")]);
      await api().commit("acme", changeSet);
      expect(await refusalOf(api(), { ...changeSet, ...difference })).toEqual(["invalid"]);
      expect((await allKeys(api())).map(({ name }) => name)).toEqual(["web"]);
    });

    test("an id belongs to its account: another account can use the same", async () => {
      await api().createAccount({ name: "other", defaultKey: "none" });
      const changeSet = sampleChangeSet([creation("web")]);
      await api().commit("acme", changeSet);
      expect((await api().commit("other", changeSet)).replayed).toBe(false);
    });

    test("a change set with one bad change does nothing at all, and its id stays free", async () => {
      const id = drawId();
      const bad = { action: "delete", id: "no-such-key", revision: 1 } as const;
      expect(await refusalOf(api(), sampleChangeSet([creation("web"), bad], { id }))).toEqual(["stale", "1:gone"]);
      expect(await allKeys(api())).toEqual([]);
      expect((await api().commit("acme", sampleChangeSet([creation("web")], { id }))).revision).toBe(1);
    });

    test("50 change sets at once all survive, with revisions without a gap", async () => {
      const sets = Array.from({ length: 50 }, (_, index) => sampleChangeSet([creation(`key-${index}`)]));
      const results = await Promise.all(sets.map((changeSet) => api().commit("acme", changeSet)));
      const revisions = results.map(({ revision }) => revision).sort((left, right) => left - right);
      expect(revisions).toEqual(sets.map((_, index) => index + 1));
      const keys = await allKeys(api());
      expect(keys).toHaveLength(50);
      for (const { results: done } of results) {
        expect(keys.find(({ id }) => id === done[0]?.id)?.revision).toBe(done[0]?.revision);
      }
    });

    test("the same change set twenty times at once makes one key", async () => {
      const changeSet = sampleChangeSet([creation("web")]);
      const results = await Promise.all(Array.from({ length: 20 }, () => api().commit("acme", changeSet)));
      expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await allKeys(api())).toHaveLength(1);
    });

    test("a thousand keys can be made, and then changed, in one change set", async () => {
      const creations = Array.from({ length: 1000 }, (_, index) => {
        return creation(`key-${index}`, { credential: drawCredential().credential });
      });
      await api().commit("acme", sampleChangeSet(creations));
      const keys = await allKeys(api());
      expect(keys.map(({ name }) => name)).toEqual(creations.map(({ name }) => name));
      const shifted = keys.map(({ id }, index) => {
        return { action: "update", id, revision: 1, name: `key-${(index + 1) % 1000}` } as const;
      });
      await api().commit("acme", sampleChangeSet(shifted));
      const after = await allKeys(api());
      expect(after.map(({ name }) => name)).toEqual(shifted.map(({ name }) => name));
      expect(after.map(({ credentials }) => credentials[0]?.id)).toEqual(
        creations.map(({ credential }) => credential?.id),
      );
    });

    test("the clock may run backwards; the records do not", async () => {
      await api().commit("acme", sampleChangeSet([creation("one")]));
      clock.now -= 3_600_000;
      const { committedAt } = await api().commit("acme", sampleChangeSet([creation("two")]));
      expect(committedAt).toBe("2026-03-01T12:00:00.000Z");
      expect((await keyNamed(api(), "two")).createdAt).toBe("2026-03-01T12:00:00.000Z");
    });
  });

  describe("names", () => {
    test("a rename keeps the key and remembers the name before it; another case of the same name is no rename", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const named = async (name: string, revision: number): Promise<string | undefined> => {
        const { results } = await api().commit("acme", sampleChangeSet([{ action: "update", id, revision, name }]));
        return results[0]?.name;
      };
      expect(await named("WEB", 1)).toBe("WEB");
      expect(await keyNamed(api(), "WEB")).toMatchObject({ id, renamedFrom: null });
      expect(await named("shop", 2)).toBe("shop");
      expect(await named("Shop", 3)).toBe("Shop");
      expect(await keyNamed(api(), "Shop")).toMatchObject({ id, renamedFrom: "WEB" });
    });

    test("a made key remembers the name that its maker knows it by from before", async () => {
      await api().commit("acme", sampleChangeSet([creation("web", { renamedFrom: "site" })]));
      const { id, renamedFrom } = await keyNamed(api(), "web");
      expect(renamedFrom).toBe("site");
      await api().commit("acme", sampleChangeSet([{ action: "update", id, revision: 1, spec: sampleSpec() }]));
      expect((await keyNamed(api(), "web")).renamedFrom).toBe("site");
    });

    test("names can be swapped within one change set", async () => {
      await api().commit("acme", sampleChangeSet([creation("left"), creation("right")]));
      const [left, right] = [await keyNamed(api(), "left"), await keyNamed(api(), "right")];
      const swap = [
        { action: "update", id: left.id, revision: 1, name: "right" },
        { action: "update", id: right.id, revision: 1, name: "left" },
      ] as const;
      await api().commit("acme", sampleChangeSet(swap));
      expect(await keyNamed(api(), "left")).toMatchObject({ id: right.id, renamedFrom: "right" });
      expect(await keyNamed(api(), "right")).toMatchObject({ id: left.id, renamedFrom: "left" });
    });

    test("a name can be passed on along a chain, and a made or restored key can take one that is given up", async () => {
      await api().commit("acme", sampleChangeSet([creation("a"), creation("b"), creation("c"), creation("gone")]));
      const [a, b, c] = [await keyNamed(api(), "a"), await keyNamed(api(), "b"), await keyNamed(api(), "c")];
      const gone = await keyNamed(api(), "gone");
      await api().commit("acme", sampleChangeSet([{ action: "delete", id: gone.id, revision: 1 }]));
      const blocker = sampleChangeSet([{ action: "update", id: c.id, revision: 1, name: "GONE" }]);
      await api().commit("acme", blocker);
      const chain = [
        creation("A"),
        { action: "update", id: a.id, revision: 1, name: "b" },
        { action: "update", id: b.id, revision: 1, name: "c" },
        { action: "restore", id: gone.id, revision: 2 },
        { action: "delete", id: c.id, revision: 3 },
      ] as const;
      await api().commit("acme", sampleChangeSet(chain));
      const names = (await allKeys(api())).map(({ id, name }) => [id, name]);
      const made = await keyNamed(api(), "A");
      expect(names).toEqual([
        [a.id, "b"],
        [b.id, "c"],
        [gone.id, "gone"],
        [made.id, "A"],
      ]);
      expect((await allKeys(api(), "deleted")).map(({ id, name }) => [id, name])).toEqual([[c.id, "GONE"]]);
    });

    test("a key can be deleted and another made under its name in one change set, in either order", async () => {
      await api().commit("acme", sampleChangeSet([creation("web"), creation("app")]));
      const [web, app] = [await keyNamed(api(), "web"), await keyNamed(api(), "app")];
      const changes = [
        { action: "delete", id: web.id, revision: 1 },
        creation("WEB"),
        creation("app"),
        { action: "delete", id: app.id, revision: 1 },
      ] as const;
      await api().commit("acme", sampleChangeSet(changes));
      expect((await allKeys(api())).map(({ name }) => name)).toEqual(["WEB", "app"]);
    });
  });

  describe("deleted keys", () => {
    test("a deleted key is found for 30 days and comes back as it was", async () => {
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { credential, managedBy: SHOP })]));
      const before = await keyNamed(api(), "web");
      await api().commit("acme", sampleChangeSet([{ action: "delete", id: before.id, revision: 1 }]));
      expect(await allKeys(api())).toEqual([]);
      expect((await api().getKey("acme", before.id)).deletedAt).toBe("2026-03-01T12:00:00.000Z");
      clock.now = Date.parse("2026-03-31T11:59:59.999Z");
      await api().commit("acme", sampleChangeSet([{ action: "restore", id: before.id, revision: 2 }]));
      const after = await api().getKey("acme", before.id);
      expect(after).toEqual({ ...before, revision: 3, lastChange: after.lastChange });
      expect((await api().listKeys("acme", { limit: 1 })).total).toBe(1);
    });

    test("after 30 days it is gone for good", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      await api().commit("acme", sampleChangeSet([{ action: "delete", id, revision: 1 }]));
      clock.now = Date.parse("2026-03-31T12:00:00.000Z");
      const restore = sampleChangeSet([{ action: "restore", id, revision: 2 }]);
      expect(await refusalOf(api(), restore)).toEqual(["conflict", "0:not-restorable"]);
      expect((await failure(api().getKey("acme", id))).code).toBe("not-found");
      expect(await api().listKeys("acme", { limit: 9, state: "deleted" })).toMatchObject({ keys: [], total: 0 });
    });
  });
}
