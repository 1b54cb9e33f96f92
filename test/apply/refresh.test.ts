import { describe, expect, test } from "vitest";
import type { KeyChange } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import type { KeyApi, KeyPage } from "../../src/api/key-api.ts";
import { refresh } from "../../src/apply/refresh.ts";
import { DEFAULT_SPEC } from "../../src/core/key-spec.ts";
import { faulty, newId, worlds, type Faults } from "./world.ts";

const world = worlds();
const URL = { url: "file:platform.db" };

async function withKeys(api: KeyApi, count: number): Promise<void> {
  await api.createAccount({ name: "acme", defaultKey: "none" });
  await addKeys(api, 0, count);
}

async function addKeys(api: KeyApi, from: number, to: number): Promise<void> {
  const changes = Array.from({ length: to - from }, (_, index): KeyChange => {
    const name = `key-${String(from + index)}`;
    return { action: "create", name, spec: DEFAULT_SPEC, managedBy: null, credential: null };
  });
  await api.commit("acme", { id: newId(), project: null, message: "", changes });
}

test("an account that is not there has no keys, which is no failure", async () => {
  const { api } = await world();
  const state = await refresh(api, "acme", URL);
  expect(state).toMatchObject({ account: { name: "acme", exists: false, revision: 0 }, keys: [], callerKey: null });
});

test("every page is read, and the account has its own spelling (field row 9)", async () => {
  const { api } = await world();
  await withKeys(api, 2001);
  const read: number[] = [];
  const state = await refresh(api, "ACME", { ...URL, onProgress: (count) => read.push(count) });
  expect(state.keys).toHaveLength(2001);
  expect(state.account).toMatchObject({ name: "acme", exists: true });
  expect(read).toEqual([1000, 2000, 2001]);
});

test("an account that changes between two pages is read again, until it holds still", async () => {
  const { api } = await world();
  await withKeys(api, 1500);
  let added = 0;
  const pages = faulty(api, {});
  const busy: KeyApi = {
    ...pages,
    listKeys: async (account, query, options) => {
      const page = await pages.listKeys(account, query, options);
      if (added < 2 && page.nextCursor !== null) await addKeys(api, 1500 + added, 1501 + added++);
      return page;
    },
  };
  expect((await refresh(busy, "acme", URL)).keys).toHaveLength(1502);
});

test("an account that never holds still is not read", async () => {
  const { api } = await world();
  await withKeys(api, 1500);
  let revision = 100;
  const busy = faulty(api, { page: (page) => ({ ...page, revision: revision++ }) });
  await expect(refresh(busy, "acme", URL)).rejects.toMatchObject({ code: "unavailable" });
  expect(busy.calls.filter((call) => call === "listKeys")).toHaveLength(6);
});

describe("a listing that is not whole ends the run (field row 8)", () => {
  const fails = (error: unknown): Faults => ({
    before: (call, count) => {
      if (call === "listKeys" && count === 2) throw error;
    },
  });
  const page = (change: (page: KeyPage) => KeyPage): Faults => ({
    page: (one, count) => (count === 2 ? change(one) : one),
  });

  test.each<[string, Faults, string]>([
    ["the platform fails", fails(new KeyApiError("unavailable", "500")), "unavailable"],
    ["the platform refuses", fails(new KeyApiError("forbidden", "403")), "forbidden"],
    ["the account goes", fails(new KeyApiError("not-found", "404")), "not-found"],
    ["the answer is late", fails(new KeyApiError("unavailable", "timed out")), "unavailable"],
    ["the page is cut", page((one) => ({ ...one, keys: one.keys.slice(0, 10) })), "unavailable"],
    ["the page is empty", page((one) => ({ ...one, keys: [], nextCursor: null })), "unavailable"],
    ["a page is left out", page((one) => ({ ...one, nextCursor: null })), "unavailable"],
    ["there are more than there are said to be", page((one) => ({ ...one, total: 1001 })), "unavailable"],
  ])("%s", async (_, faults, code) => {
    const { api } = await world();
    await withKeys(api, 2500);
    await expect(refresh(faulty(api, faults), "acme", URL)).rejects.toMatchObject({ name: "KeyApiError", code });
  });

  test("the same page comes again and again (field row 9)", async () => {
    const { api } = await world();
    await withKeys(api, 2500);
    const first = await api.listKeys("acme", { limit: 1000 });
    const stuck = faulty(api, { page: () => first });
    await expect(refresh(stuck, "acme", URL)).rejects.toMatchObject({ code: "unavailable" });
    expect(stuck.calls.filter((call) => call === "listKeys").length).toBeLessThan(5);
  });

  test("the run is cancelled", async () => {
    const { api } = await world();
    await withKeys(api, 1500);
    const cancel = new AbortController();
    const slow = faulty(api, {
      after: (call) => {
        if (call === "listKeys") cancel.abort();
      },
    });
    await expect(refresh(slow, "acme", { ...URL, signal: cancel.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
