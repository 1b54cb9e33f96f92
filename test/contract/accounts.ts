import { describe, expect, test } from "vitest";
import { DEFAULT_KEY_NAME, DEFAULT_KEY_SPEC } from "../../src/core/key-spec.ts";
import { failure } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, sampleChangeSet } from "./samples.ts";

/** Accounts, callers and the platform's own facts. */
export function describeAccounts({ api, as }: Stage): void {
  describe("accounts", () => {
    test("an account is found ignoring case, under the name it was made with", async () => {
      await api().createAccount({ name: "Widgets_1", defaultKey: "none" });
      const account = await api().getAccount("wIDGETS_1");
      expect(account).toEqual({ name: "Widgets_1", revision: 0, createdAt: "2026-03-01T12:00:00.000Z" });
    });

    test("a name is taken once, ignoring case", async () => {
      expect((await failure(api().createAccount({ name: "ACME", defaultKey: "none" }))).code).toBe("conflict");
    });

    test.each(["", "1acme", "ac me", "a".repeat(31), "acme-1", "__proto__"])(
      "%j is no account's name",
      async (name) => {
        expect((await failure(api().createAccount({ name, defaultKey: "none" }))).code).toBe("invalid");
      },
    );

    test("an account that is not there is not found by any call", async () => {
      const calls = [
        api().getAccount("nobody"),
        api().listKeys("nobody", { limit: 1 }),
        api().getKey("nobody", "some-key"),
        api().commit("nobody", sampleChangeSet([creation("web")])),
        api().listChangeSets("nobody", { limit: 1 }),
      ];
      const errors = await Promise.all(calls.map(failure));
      expect(errors.map(({ code }) => code)).toEqual(calls.map(() => "not-found"));
    });

    test("an account can be born with its default-key and the credential that its maker drew", async () => {
      const { credential } = drawCredential();
      const account = await api().createAccount({ name: "born", defaultKey: credential });
      const { keys } = await api().listKeys("born", { limit: 10 });
      expect(account.revision).toBe(1);
      expect(keys).toHaveLength(1);
      expect(keys[0]).toMatchObject({ name: DEFAULT_KEY_NAME, spec: DEFAULT_KEY_SPEC, managedBy: null, revision: 1 });
      expect(keys[0]?.credentials.map(({ id, mask }) => [id, mask])).toEqual([[credential.id, credential.mask]]);
      expect((await api().listChangeSets("born", { limit: 10 })).changeSets).toHaveLength(1);
    });

    test("an account can be born with its default-key without a credential, or without that key", async () => {
      await api().createAccount({ name: "bare", defaultKey: "without-credential" });
      const { keys } = await api().listKeys("bare", { limit: 10 });
      expect(keys.map(({ name, credentials }) => [name, credentials])).toEqual([[DEFAULT_KEY_NAME, []]]);
      expect((await api().listKeys("acme", { limit: 10 })).total).toBe(0);
    });

    test("an account whose default-key's credential is refused is not made", async () => {
      const { credential } = drawCredential();
      await api().createAccount({ name: "first", defaultKey: credential });
      const second = await failure(api().createAccount({ name: "second", defaultKey: credential }));
      expect(second.code).toBe("conflict");
      expect((await failure(api().getAccount("second"))).code).toBe("not-found");
    });
  });

  describe("callers", () => {
    test("the platform says who is calling, and its instance stays the same", async () => {
      expect(await api().whoami()).toMatchObject({ actor: "tester", role: "admin" });
      const { instance } = await api().platform();
      expect(instance).not.toBe("");
      expect((await api().platform()).instance).toBe(instance);
    });

    test("a reader may read and nothing else", async () => {
      const reader = as({ actor: "eve", role: "reader", account: null, keyId: null });
      expect((await reader.listKeys("acme", { limit: 1 })).total).toBe(0);
      expect((await failure(reader.commit("acme", sampleChangeSet([creation("web")])))).code).toBe("forbidden");
      expect((await failure(reader.createAccount({ name: "eves", defaultKey: "none" }))).code).toBe("forbidden");
    });

    test("a writer may change keys and make no account", async () => {
      const writer = as({ actor: "ci", role: "writer", account: null, keyId: null });
      await writer.commit("acme", sampleChangeSet([creation("web")]));
      expect((await api().listKeys("acme", { limit: 1 })).keys[0]?.lastChange.actor).toBe("ci");
      expect((await failure(writer.createAccount({ name: "cis", defaultKey: "none" }))).code).toBe("forbidden");
    });

    test("a call that was aborted before it began does nothing and throws the signal's reason", async () => {
      const reason = new Error("stop");
      const signal = AbortSignal.abort(reason);
      await expect(api().commit("acme", sampleChangeSet([creation("web")]), { signal })).rejects.toBe(reason);
      await expect(api().listKeys("acme", { limit: 1 }, { signal })).rejects.toBe(reason);
      expect((await api().getAccount("acme")).revision).toBe(0);
    });

    test("a call that is aborted while it waits for its turn throws the signal's reason", async () => {
      const reason = new Error("stop");
      const controller = new AbortController();
      const first = api().commit("acme", sampleChangeSet([creation("web")]));
      const second = api().commit("acme", sampleChangeSet([creation("app")]), { signal: controller.signal });
      controller.abort(reason);
      await expect(second).rejects.toBe(reason);
      expect((await first).revision).toBe(1);
    });
  });
}
