import { describe, expect, test } from "vitest";
import type { ChangeSet, KeyChange } from "../../src/api/change-set.ts";
import { allKeys, failure, keyNamed, refusalOf } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, drawId, sampleChangeSet, sampleSpec } from "./samples.ts";

const SHOP = { project: "shop" } as const;

/** What the platform refuses, and how it says so. */
export function describeRefusals({ api }: Stage): void {
  describe("preconditions", () => {
    test("a key that has changed since it was read is stale; an unrelated change does not make it so", async () => {
      await api().commit("acme", sampleChangeSet([creation("web"), creation("app")]));
      const [web, app] = [await keyNamed(api(), "web"), await keyNamed(api(), "app")];
      await api().commit("acme", sampleChangeSet([{ action: "update", id: web.id, revision: 1 }]));
      const stale = sampleChangeSet([{ action: "delete", id: web.id, revision: 1 }]);
      expect(await refusalOf(api(), stale)).toEqual(["stale", "0:stale"]);
      await api().commit("acme", sampleChangeSet([{ action: "delete", id: app.id, revision: 1 }]));
    });

    test("several changes to one key are judged against the key as it was before all of them", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const changes = [
        { action: "update", id, revision: 1, name: "site" },
        { action: "update", id, revision: 1, spec: sampleSpec({ data: "read" }) },
      ] as const;
      await api().commit("acme", sampleChangeSet(changes));
      expect(await keyNamed(api(), "site")).toMatchObject({ spec: { data: "read" }, renamedFrom: "web", revision: 2 });
    });

    test("a deleted key takes no change but its restoration, and a live one cannot be restored", async () => {
      await api().commit("acme", sampleChangeSet([creation("web"), creation("app")]));
      const [web, app] = [await keyNamed(api(), "web"), await keyNamed(api(), "app")];
      await api().commit("acme", sampleChangeSet([{ action: "delete", id: web.id, revision: 1 }]));
      const changes = [
        { action: "update", id: web.id, revision: 2 },
        { action: "delete", id: web.id, revision: 2 },
        { action: "add-credential", id: web.id, revision: 2, credential: drawCredential().credential },
        { action: "restore", id: app.id, revision: 1 },
        { action: "restore", id: web.id, revision: 1 },
      ] as const;
      const refusal = ["stale", "0:gone", "1:gone", "2:gone", "3:not-restorable", "4:stale"];
      expect(await refusalOf(api(), sampleChangeSet(changes))).toEqual(refusal);
    });

    test("a key of another account is not there", async () => {
      await api().createAccount({ name: "other", defaultKey: "without-credential" });
      const [key] = (await api().listKeys("other", { limit: 1 })).keys;
      const id = key?.id ?? "";
      const theirs = sampleChangeSet([{ action: "delete", id, revision: 1 }], { project: null });
      expect(await refusalOf(api(), theirs)).toEqual(["stale", "0:gone"]);
      expect((await failure(api().getKey("acme", id))).code).toBe("not-found");
    });

    test("nothing follows the deletion of a key within one change set", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const changes = [
        { action: "delete", id, revision: 1 },
        { action: "update", id, revision: 1, name: "site" },
      ] as const;
      expect(await refusalOf(api(), sampleChangeSet(changes))).toEqual(["invalid", "1:invalid"]);
    });
  });

  describe("names that are taken", () => {
    test("a live name cannot be made, taken or restored again, ignoring case", async () => {
      await api().commit("acme", sampleChangeSet([creation("web"), creation("app"), creation("gone")]));
      const [app, gone] = [await keyNamed(api(), "app"), await keyNamed(api(), "gone")];
      await api().commit("acme", sampleChangeSet([{ action: "delete", id: gone.id, revision: 1 }, creation("GONE")]));
      const changes = [
        creation("WEB"),
        { action: "update", id: app.id, revision: 1, name: "Web" },
        { action: "restore", id: gone.id, revision: 2 },
      ] as const;
      const refusal = ["conflict", "0:name-taken", "1:name-taken", "2:name-taken"];
      expect(await refusalOf(api(), sampleChangeSet(changes))).toEqual(refusal);
    });

    test("two keys of one change set cannot have one name", async () => {
      const twice = sampleChangeSet([creation("web"), creation("Web")]);
      expect(await refusalOf(api(), twice)).toEqual(["conflict", "1:name-taken"]);
    });

    test("a name is not free because its holder was renamed and back", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const changes = [
        { action: "update", id, revision: 1, name: "site" },
        creation("web"),
        { action: "update", id, revision: 1, name: "web" },
      ] as const;
      expect(await refusalOf(api(), sampleChangeSet(changes))).toEqual(["conflict", "1:name-taken"]);
    });
  });

  describe("protection", () => {
    test("a protected key is not deleted, and unprotecting it in the same change set does not help", async () => {
      await api().commit("acme", sampleChangeSet([creation("db", { spec: sampleSpec({ protect: true }) })]));
      const { id } = await keyNamed(api(), "db");
      const unprotect = { action: "update", id, revision: 1, spec: sampleSpec() } as const;
      const remove = { action: "delete", id, revision: 1 } as const;
      expect(await refusalOf(api(), sampleChangeSet([remove]))).toEqual(["conflict", "0:protected"]);
      expect(await refusalOf(api(), sampleChangeSet([unprotect, remove]))).toEqual(["conflict", "1:protected"]);
      await api().commit("acme", sampleChangeSet([unprotect]));
      await api().commit("acme", sampleChangeSet([{ ...remove, revision: 2 }]));
      expect(await allKeys(api())).toEqual([]);
    });
  });

  describe("ownership", () => {
    test("a key of another project is refused, and the message names the project", async () => {
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { managedBy: SHOP, credential })]));
      const { id } = await keyNamed(api(), "web");
      const changes: readonly KeyChange[] = [
        { action: "update", id, revision: 1 },
        { action: "add-credential", id, revision: 1, credential: drawCredential().credential },
        { action: "acknowledge", id, credential: credential.id },
        { action: "revoke-credential", id, credential: credential.id },
        { action: "delete", id, revision: 1 },
      ];
      for (const change of changes) {
        const changeSet = sampleChangeSet([change], { project: "blog" });
        const error = await failure(api().commit("acme", changeSet));
        expect([error.code, error.problems[0]?.code]).toEqual(["conflict", "managed-elsewhere"]);
        expect(error.problems[0]?.message).toContain("shop");
      }
    });

    test("a key is taken from another project only by who names that project, and the record says whose it was (row 3)", async () => {
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { managedBy: SHOP, credential })]));
      const { id } = await keyNamed(api(), "web");
      const blog = { project: "blog" };
      const taken = { action: "update", id, revision: 1, managedBy: blog } as const;
      const commit = (changes: readonly KeyChange[]) => sampleChangeSet(changes, { project: "blog" });
      expect(await refusalOf(api(), commit([taken]))).toEqual(["conflict", "0:managed-elsewhere"]);
      expect(await refusalOf(api(), commit([{ ...taken, takenFrom: "other" }]))).toEqual([
        "conflict",
        "0:managed-elsewhere",
      ]);
      expect(await refusalOf(api(), commit([{ ...taken, revision: 0, takenFrom: "shop" }]))).toEqual([
        "stale",
        "0:stale",
      ]);
      for (const wrong of [
        { ...taken, takenFrom: "blog" },
        { ...taken, takenFrom: "not a name" },
        { ...taken, managedBy: null, takenFrom: "shop" },
        { action: "update", id, revision: 1, takenFrom: "shop" } as const,
      ]) {
        expect((await refusalOf(api(), commit([wrong])))[0]).toBe("invalid");
      }
      const other = drawCredential().credential;
      const set = commit([
        { ...taken, takenFrom: "shop" },
        { action: "add-credential", id, revision: 1, credential: other },
      ]);
      await api().commit("acme", set);
      expect(await keyNamed(api(), "web")).toMatchObject({ managedBy: blog, credentials: [{}, { id: other.id }] });
      const { changes } = await api().listChanges("acme", set.id, { limit: 10 });
      expect(changes[0]).toMatchObject({ before: { managedBy: SHOP }, after: { managedBy: blog } });
      // What has gone over meanwhile is not taken once more from where it was.
      const late = sampleChangeSet([{ ...taken, revision: 2, managedBy: { project: "app" }, takenFrom: "shop" }], {
        project: "app",
      });
      expect(await refusalOf(api(), late)).toEqual(["conflict", "0:managed-elsewhere"]);
    });

    test("a key that nobody manages is taken from nobody", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const change = { action: "update", id, revision: 1, managedBy: SHOP, takenFrom: "blog" } as const;
      expect(await refusalOf(api(), sampleChangeSet([change]))).toEqual(["conflict", "0:managed-elsewhere"]);
    });

    test("a change by hand is allowed and leaves the owner as it is", async () => {
      await api().commit("acme", sampleChangeSet([creation("web", { managedBy: SHOP })]));
      const { id } = await keyNamed(api(), "web");
      const byHand = sampleChangeSet([{ action: "update", id, revision: 1, spec: sampleSpec() }], { project: null });
      await api().commit("acme", byHand);
      expect(await keyNamed(api(), "web")).toMatchObject({ managedBy: SHOP, lastChange: { project: null } });
    });

    test("a project takes over an unmanaged key, marks nothing for another and lets go of its own", async () => {
      await api().commit("acme", sampleChangeSet([creation("web")]));
      const { id } = await keyNamed(api(), "web");
      const forBlog = { action: "update", id, revision: 1, managedBy: { project: "blog" } } as const;
      expect(await refusalOf(api(), sampleChangeSet([forBlog]))).toEqual(["invalid", "0:invalid"]);
      const elsewhere = creation("app", { managedBy: { project: "blog" } });
      expect(await refusalOf(api(), sampleChangeSet([elsewhere]))).toEqual(["invalid", "0:invalid"]);
      await api().commit("acme", sampleChangeSet([{ ...forBlog, managedBy: SHOP }]));
      expect((await keyNamed(api(), "web")).managedBy).toEqual(SHOP);
      const release = { action: "update", id, revision: 2, managedBy: null } as const;
      await api().commit("acme", sampleChangeSet([release]));
      expect((await keyNamed(api(), "web")).managedBy).toBeNull();
    });
  });

  describe("what is of the wrong form", () => {
    const { credential } = drawCredential();
    const wrong: readonly (readonly [what: string, change: unknown])[] = [
      ["a name with a space", creation("my key")],
      ["an empty name", creation("")],
      ["an algorithm pattern that is none", creation("web", { spec: sampleSpec({ algorithms: ["algo://"] }) })],
      ["an unknown field in the spec", { ...creation("web"), spec: { ...sampleSpec(), admin: true } }],
      ["a spec that lacks a field", { ...creation("web"), spec: { algorithms: [] } }],
      [
        "a credential with a long mask",
        creation("web", { credential: { ...credential, mask: "simAbcdefghijklmnopqrstuvwx1" } }),
      ],
      [
        "a credential of an admin",
        creation("web", { credential: { ...credential, mask: `admAbcd${"*".repeat(21)}` } }),
      ],
      ["a digest in capitals", creation("web", { credential: { ...credential, digest: "A".repeat(64) } })],
      ["a credential's id that is too short", creation("web", { credential: { ...credential, id: "short" } })],
      ["an owner that is no name", { ...creation("web"), managedBy: { project: "not a name" } }],
      ["a name from before that is none", { ...creation("web"), renamedFrom: "not a name" }],
      ["an unknown action", { action: "explode", id: "x", revision: 1 }],
      ["a revision that is text", { action: "delete", id: "x", revision: "1" }],
      ["no change at all", null],
    ];

    test.each(wrong)("%s is refused as invalid", async (_, change) => {
      const changeSet = { ...sampleChangeSet([]), changes: [creation("fine"), change] } as ChangeSet;
      expect(await refusalOf(api(), changeSet)).toEqual(["invalid", "1:invalid"]);
      expect(await allKeys(api())).toEqual([]);
    });

    test.each([
      ["an id that is too short", { id: "short" }],
      ["a project that is no name", { project: "not a name" }],
      ["a message that is too long", { message: "m".repeat(501) }],
    ])("a change set with %s is refused as invalid", async (_, difference) => {
      expect(await refusalOf(api(), sampleChangeSet([creation("web")], difference))).toEqual(["invalid"]);
    });

    test("everything that is wrong is said at once, and the weightiest kind names the error", async () => {
      const { id: taken } = drawCredential().credential;
      const first = { ...drawCredential().credential, id: taken };
      await api().commit("acme", sampleChangeSet([creation("web", { credential: first })]));
      const again = { ...drawCredential().credential, id: taken };
      const bad = [
        creation("not a name"),
        creation("web"),
        creation("app", { credential: again }),
        { action: "delete", id: "missing", revision: 1 },
        creation("fine"),
      ] as const;
      const refusal = ["0:invalid", "1:name-taken", "2:credential-taken"];
      expect(await refusalOf(api(), sampleChangeSet(bad))).toEqual(["stale", ...refusal, "3:gone"]);
      expect(await refusalOf(api(), sampleChangeSet(bad.slice(0, 3)))).toEqual(["conflict", ...refusal]);
      expect(await refusalOf(api(), sampleChangeSet(bad.slice(0, 1)))).toEqual(["invalid", "0:invalid"]);
    });

    test("a refusal tells nothing of a digest", async () => {
      const twice = [creation("a", { credential }), creation("b", { credential: { ...credential, id: drawId() } })];
      const error = await failure(api().commit("acme", sampleChangeSet(twice)));
      expect(error.problems).toMatchObject([{ change: 1, code: "credential-taken" }]);
      expect(JSON.stringify([error.message, error.problems])).not.toContain(credential.digest);
    });
  });
}
