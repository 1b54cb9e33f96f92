import { describe, expect, test } from "vitest";
import type { KeyChange } from "../../src/api/change-set.ts";
import type { ApiKey } from "../../src/core/api-key.ts";
import type { KeySpec } from "../../src/core/key-spec.ts";
import { keyNamed, refusalOf } from "./expectations.ts";
import type { Stage } from "./key-api.ts";
import { creation, drawCredential, drawId, sampleChangeSet, sampleSpec } from "./samples.ts";

/** The life of a key's credentials: registered, acknowledged, retired, revoked. */
export function describeCredentials({ api, clock }: Stage): void {
  async function keyWith(count: number, spec: Partial<KeySpec> = {}): Promise<ApiKey> {
    await api().commit("acme", sampleChangeSet([creation("web", { spec: sampleSpec(spec) })]));
    for (let made = 0; made < count; made++) await add();
    return await keyNamed(api(), "web");
  }

  async function add(): Promise<void> {
    const { id, revision } = await keyNamed(api(), "web");
    const { credential } = drawCredential();
    await api().commit("acme", sampleChangeSet([{ action: "add-credential", id, revision, credential }]));
  }

  async function change(action: "acknowledge" | "revoke-credential", key: ApiKey, position: number): Promise<ApiKey> {
    await api().commit("acme", sampleChangeSet([{ action, id: key.id, credential: credentialId(key, position) }]));
    return await keyNamed(api(), "web");
  }

  describe("credentials", () => {
    test("a registered credential is told by id, mask and fingerprint, oldest first, and never by its digest", async () => {
      const [first, second] = [drawCredential().credential, drawCredential().credential];
      await api().commit("acme", sampleChangeSet([creation("web", { credential: first })]));
      const { id } = await keyNamed(api(), "web");
      await api().commit("acme", sampleChangeSet([{ action: "add-credential", id, revision: 1, credential: second }]));
      const key = await keyNamed(api(), "web");
      const told = (credential: typeof first): object => ({
        id: credential.id,
        mask: credential.mask,
        fingerprint: credential.digest.slice(0, 16),
        createdAt: "2026-03-01T12:00:00.000Z",
        acknowledgedAt: null,
        retiresAt: null,
        revokedAt: null,
      });
      expect(key.credentials).toEqual([told(first), told(second)]);
      expect(JSON.stringify(key)).not.toContain(first.digest.slice(16));
    });

    test("an id and a digest are registered once, over all keys and accounts", async () => {
      const { credential } = drawCredential();
      await api().commit("acme", sampleChangeSet([creation("web", { credential })]));
      await api().createAccount({ name: "other", defaultKey: "none" });
      for (const again of [
        { ...credential, id: drawId() },
        { ...drawCredential().credential, id: credential.id },
      ]) {
        const changeSet = sampleChangeSet([creation("app", { credential: again })]);
        expect(await refusalOf(api(), changeSet)).toEqual(["conflict", "0:credential-taken"]);
        await expect(api().commit("other", changeSet)).rejects.toMatchObject({ code: "conflict" });
      }
    });

    test("the first acknowledgement retires nothing; it is written down once", async () => {
      const once = await change("acknowledge", await keyWith(1), 0);
      expect(once.credentials[0]).toMatchObject({ acknowledgedAt: "2026-03-01T12:00:00.000Z", retiresAt: null });
      clock.now += 5000;
      const twice = await change("acknowledge", once, 0);
      expect(twice.credentials).toEqual(once.credentials);
    });

    test.each([
      ["24 hours without a rotation", null, "2026-03-02T12:00:00.000Z"],
      ["the rotation's overlap", { every: "90d", overlap: "2h" }, "2026-03-01T14:00:00.000Z"],
    ])("older credentials, confirmed or not, work on for %s", async (_, rotation, retiresAt) => {
      await keyWith(1, { rotation });
      await change("acknowledge", await keyNamed(api(), "web"), 0);
      await add();
      await add();
      const { credentials } = await change("acknowledge", await keyNamed(api(), "web"), 2);
      expect(credentials.map((credential) => credential.retiresAt)).toEqual([retiresAt, retiresAt, null]);
    });

    test("what retires already does not work longer because of a later acknowledgement", async () => {
      await change("acknowledge", await keyWith(2), 1);
      clock.now += 3_600_000;
      await add();
      const { credentials } = await change("acknowledge", await keyNamed(api(), "web"), 2);
      const retires = ["2026-03-02T12:00:00.000Z", "2026-03-02T13:00:00.000Z", null];
      expect(credentials.map(({ retiresAt }) => retiresAt)).toEqual(retires);
    });

    test("a credential that was revoked never retires", async () => {
      await change("revoke-credential", await keyWith(2), 0);
      const { credentials } = await change("acknowledge", await keyNamed(api(), "web"), 1);
      expect(credentials[0]).toMatchObject({ revokedAt: "2026-03-01T12:00:00.000Z", retiresAt: null });
    });

    test("only the newest credential that works can be acknowledged", async () => {
      const key = await keyWith(2);
      const acknowledge = (position: number): KeyChange => {
        return { action: "acknowledge", id: key.id, credential: credentialId(key, position) };
      };
      const refusal = ["conflict", "0:unknown-credential"];
      expect(await refusalOf(api(), sampleChangeSet([acknowledge(0)]))).toEqual(refusal);
      const unknown = { action: "acknowledge", id: key.id, credential: drawId() } as const;
      expect(await refusalOf(api(), sampleChangeSet([unknown]))).toEqual(refusal);
      await change("revoke-credential", key, 1);
      expect(await refusalOf(api(), sampleChangeSet([acknowledge(1)]))).toEqual(refusal);
      const { credentials } = await change("acknowledge", key, 0);
      expect(credentials[0]?.acknowledgedAt).not.toBeNull();
    });

    test("a revocation is immediate, stays as it was first written and needs no revision", async () => {
      const key = await keyWith(1);
      await api().commit("acme", sampleChangeSet([{ action: "update", id: key.id, revision: key.revision }]));
      const once = await change("revoke-credential", key, 0);
      expect(once.credentials[0]?.revokedAt).toBe("2026-03-01T12:00:00.000Z");
      clock.now += 5000;
      expect((await change("revoke-credential", once, 0)).credentials).toEqual(once.credentials);
    });

    test("at most five credentials work at a time; one that is revoked in the same change set makes room", async () => {
      const key = await keyWith(5);
      const { id, revision } = key;
      const sixth = { action: "add-credential", id, revision, credential: drawCredential().credential } as const;
      expect(await refusalOf(api(), sampleChangeSet([sixth]))).toEqual(["conflict", "0:too-many-credentials"]);
      const revoke = { action: "revoke-credential", id, credential: credentialId(key, 0) } as const;
      await api().commit("acme", sampleChangeSet([sixth, revoke]));
      const { credentials } = await keyNamed(api(), "web");
      expect(credentials.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(5);
    });

    test("credentials that have retired make room", async () => {
      await change("acknowledge", await keyWith(5), 4);
      clock.now += 24 * 3_600_000;
      await add();
      expect((await keyNamed(api(), "web")).credentials).toHaveLength(6);
    });

    test("a credential of a deleted key can still be revoked, and is so when the key comes back", async () => {
      const key = await keyWith(1);
      const { id, revision } = key;
      await api().commit("acme", sampleChangeSet([{ action: "delete", id, revision }]));
      const revoke = { action: "revoke-credential", id, credential: credentialId(key, 0) } as const;
      await api().commit("acme", sampleChangeSet([revoke]));
      await api().commit("acme", sampleChangeSet([{ action: "restore", id, revision: revision + 2 }]));
      expect((await keyNamed(api(), "web")).credentials[0]?.revokedAt).not.toBeNull();
    });

    test("a credential that ended more than 30 days ago is no longer told", async () => {
      const key = await change("acknowledge", await keyWith(3), 2);
      await change("revoke-credential", key, 0);
      clock.now += 30 * 86_400_000;
      expect((await keyNamed(api(), "web")).credentials.map(({ id }) => id)).toEqual([
        credentialId(key, 1),
        credentialId(key, 2),
      ]);
      clock.now += 86_400_000;
      expect((await keyNamed(api(), "web")).credentials.map(({ id }) => id)).toEqual([credentialId(key, 2)]);
      expect((await api().getKey("acme", key.id)).credentials).toHaveLength(1);
    });
  });
}

function credentialId(key: ApiKey, position: number): string {
  const credential = key.credentials[position];
  if (credential === undefined) throw new Error(`the key has no credential ${position}`);
  return credential.id;
}
