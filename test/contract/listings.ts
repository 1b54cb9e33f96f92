import { describe, expect, test } from "vitest";
import { MAX_PAGE } from "../../src/api/key-api.ts";
import { allKeys, failure, keyNamed } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, sampleChangeSet, sampleSpec } from "./samples.ts";

/** Pages of keys and of history. */
export function describeListings({ api, clock }: Stage): void {
  async function makeKeys(prefix: string, count: number): Promise<void> {
    const changes = Array.from({ length: count }, (_, index) => creation(`${prefix}-${index}`));
    await api().commit("acme", sampleChangeSet(changes));
  }

  async function removeKey(name: string): Promise<void> {
    const { id, revision } = await keyNamed(api(), name);
    await api().commit("acme", sampleChangeSet([{ action: "delete", id, revision }]));
  }

  describe("listings", () => {
    test.each([1, 2, 7, 8, MAX_PAGE])("pages of %i hold every key once, in the order of making", async (limit) => {
      await makeKeys("key", 7);
      const names = (await allKeys(api(), "live", limit)).map(({ name }) => name);
      expect(names).toEqual(["key-0", "key-1", "key-2", "key-3", "key-4", "key-5", "key-6"]);
    });

    test("a page tells the account's revision and how many keys the listing has", async () => {
      await makeKeys("key", 3);
      await removeKey("key-1");
      expect(await api().listKeys("acme", { limit: 1 })).toMatchObject({ revision: 2, total: 2 });
      expect(await api().listKeys("acme", { limit: 1, state: "deleted" })).toMatchObject({ revision: 2, total: 1 });
    });

    test("keys that live through a walk come exactly once, whatever comes and goes meanwhile", async () => {
      await makeKeys("stays", 20);
      await makeKeys("goes", 10);
      await makeKeys("stays-too", 20);
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page === 0 || cursor !== undefined; page++) {
        const { keys, nextCursor } = await api().listKeys("acme", { limit: 5, cursor });
        seen.push(...keys.map(({ name }) => name));
        cursor = nextCursor ?? undefined;
        if (page < 10) await removeKey(`goes-${page}`);
        if (page < 5) await makeKeys(`came-${page}`, 2);
      }
      const stable = seen.filter((name) => name.startsWith("stays"));
      expect(new Set(stable).size).toBe(40);
      expect(stable).toHaveLength(40);
      expect(new Set(seen).size).toBe(seen.length);
    });

    test("a key that is deleted or renamed between two pages does not shift the others", async () => {
      await makeKeys("key", 4);
      const { nextCursor } = await api().listKeys("acme", { limit: 2 });
      await removeKey("key-0");
      const { id, revision } = await keyNamed(api(), "key-3");
      await api().commit("acme", sampleChangeSet([{ action: "update", id, revision, name: "aaa" }]));
      const { keys } = await api().listKeys("acme", { limit: 2, cursor: nextCursor ?? "" });
      expect(keys.map(({ name }) => name)).toEqual(["key-2", "aaa"]);
    });

    test.each([0, -1, 1.5, MAX_PAGE + 1, Number.NaN])("a page of %d items is refused as invalid", async (limit) => {
      expect((await failure(api().listKeys("acme", { limit }))).code).toBe("invalid");
      expect((await failure(api().listChangeSets("acme", { limit }))).code).toBe("invalid");
    });

    test("a cursor that is none, or that of another listing, is refused as invalid", async () => {
      await makeKeys("key", 2);
      const cursor = (await api().listKeys("acme", { limit: 1 })).nextCursor ?? "";
      expect(cursor).not.toBe("");
      const calls = [
        api().listKeys("acme", { limit: 1, cursor: "nonsense" }),
        api().listKeys("acme", { limit: 1, cursor: "" }),
        api().listKeys("acme", { limit: 1, cursor, state: "deleted" }),
        api().listChangeSets("acme", { limit: 1, cursor }),
      ];
      const errors = await Promise.all(calls.map(failure));
      expect(errors.map(({ code }) => code)).toEqual(calls.map(() => "invalid"));
    });

    test("accounts do not see each other's keys", async () => {
      await api().createAccount({ name: "other", defaultKey: "none" });
      await makeKeys("mine", 3);
      await api().commit("other", sampleChangeSet([creation("theirs")]));
      await makeKeys("more", 1);
      expect((await allKeys(api())).map(({ name }) => name)).toEqual(["mine-0", "mine-1", "mine-2", "more-0"]);
      expect((await api().listKeys("other", { limit: 10 })).keys.map(({ account }) => account)).toEqual(["other"]);
    });
  });

  describe("history", () => {
    test("change sets are told newest first, page by page", async () => {
      const sets = ["one", "two", "three"].map((name) =>
        sampleChangeSet([creation(name)], { message: `made ${name}` }),
      );
      for (const changeSet of sets) {
        await api().commit("acme", changeSet);
        clock.now += 1000;
      }
      const first = await api().listChangeSets("acme", { limit: 2 });
      expect(first.changeSets.map(({ id, revision }) => [id, revision])).toEqual([
        [sets[2]?.id, 3],
        [sets[1]?.id, 2],
      ]);
      await api().commit("acme", sampleChangeSet([creation("four")]));
      const second = await api().listChangeSets("acme", { limit: 2, cursor: first.nextCursor ?? "" });
      expect(second.nextCursor).toBeNull();
      expect(second.changeSets).toMatchObject([
        {
          id: sets[0]?.id,
          revision: 1,
          committedAt: "2026-03-01T12:00:00.000Z",
          actor: "tester",
          project: "shop",
          message: "made one",
          results: [{ action: "create", name: "one", revision: 1 }],
        },
      ]);
    });

    test("the changes of a change set are told in order, page by page, with each key before and after", async () => {
      const { credential } = drawCredential();
      const made = sampleChangeSet([creation("web", { credential }), creation("app"), creation("batch")]);
      await api().commit("acme", made);
      const first = await api().listChanges("acme", made.id, { limit: 2 });
      expect(first.changes.map(({ after }) => after.name)).toEqual(["web", "app"]);
      const second = await api().listChanges("acme", made.id, { limit: 2, cursor: first.nextCursor ?? "" });
      expect([second.changes.map(({ after }) => after.name), second.nextCursor]).toEqual([["batch"], null]);
      const { id } = await keyNamed(api(), "web");
      expect(first.changes[0]).toEqual({
        action: "create",
        id,
        credential: credential.id,
        before: null,
        after: { name: "web", spec: sampleSpec(), managedBy: null, deletedAt: null },
      });

      const spec = sampleSpec({ data: "read", origins: { native: false, web: { hosts: ["a.example.com"] } } });
      const managedBy = { project: "shop" };
      const updated = sampleChangeSet([{ action: "update", id, revision: 1, name: "site", spec, managedBy }]);
      await api().commit("acme", updated);
      const { changes } = await api().listChanges("acme", updated.id, { limit: 10 });
      expect(changes).toEqual([
        {
          action: "update",
          id,
          credential: null,
          before: { name: "web", spec: sampleSpec(), managedBy: null, deletedAt: null },
          after: { name: "site", spec, managedBy, deletedAt: null },
        },
      ]);
      expect(JSON.stringify([first, changes])).not.toContain(credential.digest);
    });

    test("the changes of a change set that is not there, or of another account, are not found", async () => {
      await api().createAccount({ name: "other", defaultKey: "none" });
      const made = sampleChangeSet([creation("web")]);
      await api().commit("other", made);
      for (const id of [made.id, "nosuchchangesetatall", "../x", ""]) {
        expect((await failure(api().listChanges("acme", id, { limit: 1 }))).code).toBe("not-found");
      }
      expect((await failure(api().listChanges("other", made.id, { limit: 0 }))).code).toBe("invalid");
    });
  });
}
