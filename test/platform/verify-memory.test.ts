import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeyApiError } from "../../src/api/errors.ts";
import type { AccessRequest } from "../../src/core/authorize.ts";
import { keyMemory } from "../../src/platform/key-memory.ts";
import { failure, keyNamed } from "../contract/expectations.ts";
import { creation, drawCredential, sampleChangeSet } from "../contract/samples.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();

/** A store whose generation the test moves, and whose reads end when the test says so. */
function store(): {
  driver: { generation: () => number | Promise<number> };
  state: { generation: number; value: { name: string } | undefined; reads: number };
  read: () => Promise<{ name: string } | undefined>;
  hold: () => () => void;
} {
  const state = { generation: 1, value: { name: "first" }, reads: 0 };
  let gate: Promise<void> = Promise.resolve();
  return {
    driver: { generation: () => state.generation },
    state,
    read: async () => {
      state.reads++;
      const { value } = state;
      await gate;
      return value;
    },
    hold: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => {
        open();
      };
    },
  };
}

describe("the memory of keys", () => {
  test("what was read once is given at once while the generation stands still", async () => {
    const { driver, state, read } = store();
    const memory = keyMemory(driver, read);
    expect(memory.find("a")).toBeInstanceOf(Promise);
    await memory.find("a");
    expect(memory.find("a")).toEqual({ name: "first" });
    state.generation = 2;
    state.value = { name: "second" };
    expect(await memory.find("a")).toEqual({ name: "second" });
    expect(state.reads).toBe(2);
  });

  test("what is not found is asked for again each time", async () => {
    const { driver, state, read } = store();
    const memory = keyMemory(driver, read);
    state.value = undefined;
    expect([await memory.find("a"), await memory.find("a")]).toEqual([undefined, undefined]);
    state.value = { name: "made" };
    expect(await memory.find("a")).toEqual({ name: "made" });
  });

  test("many who ask at once share one read, but not with who asks after the generation moved on", async () => {
    const { driver, state, read, hold } = store();
    const memory = keyMemory(driver, read);
    const open = hold();
    const before = [1, 2, 3].map(async () => await memory.find("a"));
    expect(state.reads).toBe(1);
    state.generation = 2;
    state.value = { name: "second" };
    const after = memory.find("a");
    expect(state.reads).toBe(2);
    open();
    expect((await Promise.all(before)).map((found) => found?.name)).toEqual(["first", "first", "first"]);
    expect(await after).toEqual({ name: "second" });
    expect(memory.find("a")).toEqual({ name: "second" });
  });

  test("a read that ends after the generation moved on is not remembered, even if nobody asked meanwhile", async () => {
    const { driver, state, read, hold } = store();
    const memory = keyMemory(driver, read);
    const open = hold();
    const slow = memory.find("a");
    state.generation = 2;
    state.value = { name: "second" };
    open();
    expect(await slow).toEqual({ name: "first" });
    expect(await memory.find("a")).toEqual({ name: "second" });
  });

  test("a slow read does not put back what a later one has replaced", async () => {
    const { driver, state, read, hold } = store();
    const memory = keyMemory(driver, read);
    const open = hold();
    const slow = memory.find("a");
    state.generation = 2;
    state.value = { name: "second" };
    hold()();
    await memory.find("a");
    open();
    expect(await slow).toEqual({ name: "first" });
    expect(memory.find("a")).toEqual({ name: "second" });
  });

  test("the oldest give way when it is full", async () => {
    const { driver, state, read } = store();
    const memory = keyMemory(driver, read, 2);
    for (const digest of ["a", "b", "c"]) await memory.find(digest);
    expect([memory.find("b"), memory.find("c")]).toEqual([{ name: "first" }, { name: "first" }]);
    expect(state.reads).toBe(3);
    await memory.find("a");
    expect(state.reads).toBe(4);
  });

  test("nothing is served when the database cannot say whether it still holds", async () => {
    const { driver, read } = store();
    const memory = keyMemory(driver, read);
    await memory.find("a");
    driver.generation = () => Promise.reject(new KeyApiError("unavailable", "gone"));
    expect((await failure(Promise.resolve(memory.find("a")))).code).toBe("unavailable");
  });

  test("a read that fails fails for all who shared it, and the next begins anew", async () => {
    const { driver, state } = store();
    const memory = keyMemory<{ name: string }>(driver, () => {
      state.reads++;
      return state.reads === 1
        ? Promise.reject(new KeyApiError("unavailable", "gone"))
        : Promise.resolve({ name: "a" });
    });
    const both = [memory.find("a"), memory.find("a")].map((found) => failure(Promise.resolve(found)));
    expect((await Promise.all(both)).map(({ code }) => code)).toEqual(["unavailable", "unavailable"]);
    expect(await memory.find("a")).toEqual({ name: "a" });
  });
});

describe("two processes on one SQLite file", () => {
  test("what one revokes is refused by the other from the answer on, though it was in memory", async () => {
    const file = join(folder(), "platform.db");
    const one = await openPlatform(file);
    const two = await openPlatform(file);
    await one.api.createAccount({ name: "acme", defaultKey: "none" });
    const request: AccessRequest = { target: { type: "algorithm", call: "acme/echo" }, headers: [], now: Date.now() };
    for (let round = 0; round < 50; round++) {
      const { credential } = drawCredential();
      const presented = { type: "digest", digest: credential.digest } as const;
      await one.api.commit("acme", sampleChangeSet([creation(`key-${round}`, { credential })]));
      expect((await two.verify(presented, request)).decision.effect).toBe("allow");
      // Told at once it is remembered; a creation outdates nothing, so it may be noticed only now and cost a second read.
      await expect.poll(() => two.verify(presented, request) instanceof Promise, { interval: 2 }).toBe(false);
      const { id } = await keyNamed(one.api, `key-${round}`);
      const revoke = { action: "revoke-credential", id, credential: credential.id } as const;
      const busy = { stop: false };
      // Asked all the time, so that what the other process knows is as fresh as can be when the revocation comes.
      const asking = (async () => {
        while (!busy.stop) {
          await two.verify(presented, request);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await one.api.commit("acme", sampleChangeSet([revoke]));
      const after = await two.verify(presented, request);
      busy.stop = true;
      await asking;
      expect(after.decision).toMatchObject({ effect: "deny", reason: "credential_revoked" });
    }
    await Promise.all([one.close(), two.close()]);
  });
});
