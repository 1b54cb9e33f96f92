import { expect, test } from "vitest";
import { changeSetOf } from "../../src/apply/change-set-of.ts";
import { withRetry } from "../../src/api/retry.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import { credential, declared, live, liveKey, planOf } from "../plan/states.ts";

const deliver = [{ to: "dotenv", file: ".env", name: "KEY" }] as const;
const drawn = { id: "credential-0000001", digest: "0".repeat(64), mask: "simAAAA*********************" };

test("a plan is one change set: names are freed before they are taken, and each change bears only what it changes", () => {
  const plan = planOf(
    [
      declared("issued", { deliver }),
      declared("kept", { spec: { data: "read" } }),
      declared("fresh", { deliver, renamedFrom: "stale" }),
      declared("moved", { renamedFrom: "was" }),
    ],
    live(
      liveKey("issued", { credentials: [credential("c1")] }),
      liveKey("kept"),
      liveKey("gone"),
      liveKey("was", { managedBy: null }),
    ),
    { adopt: true },
  );
  const credentials = new Map([
    ["issued", drawn],
    ["fresh", drawn],
  ]);
  const set = changeSetOf(plan, credentials, "change-set-00000001");
  expect(set).toMatchObject({ id: "change-set-00000001", project: "storefront" });
  expect(set.message).toBe("apply: 1 to adopt, 1 to create, 1 to update, 1 to issue, 1 to delete");
  expect(set.changes).toEqual([
    { action: "delete", id: "id-gone", revision: 1 },
    { action: "update", id: "id-was", revision: 1, name: "moved", managedBy: { project: "storefront" } },
    { action: "update", id: "id-kept", revision: 1, spec: expect.objectContaining({ data: "read" }) as unknown },
    { action: "add-credential", id: "id-issued", revision: 1, credential: drawn },
    {
      action: "create",
      name: "fresh",
      spec: declared("fresh").spec,
      managedBy: { project: "storefront" },
      credential: drawn,
      renamedFrom: "stale",
    },
  ]);
});

test("nothing is revoked beside a new credential, but what must make room for it, and that goes first", () => {
  const plan = planOf([declared("a", { deliver })], live(liveKey("a", { credentials: [credential("c1")] })));
  const drawnFor = new Map([["a", drawn]]);
  const actions = (room?: ReadonlyMap<string, string>): string[] =>
    changeSetOf(plan, drawnFor, "change-set-00000001", room).changes.map(({ action }) => action);
  expect(actions()).toEqual(["add-credential"]);
  expect(actions(new Map([["a", "c1"]]))).toEqual(["revoke-credential", "add-credential"]);
});

test("retries wait within a doubling bound, and only for what may pass", async () => {
  const waits: number[] = [];
  const ports = { sleep: (ms: number) => Promise.resolve(void waits.push(ms)), random: () => Uint8Array.of(255, 255) };
  const failing = (error: Error) => withRetry(() => Promise.reject(error), ports);
  await expect(failing(new KeyApiError("unavailable", "down"))).rejects.toThrow("down");
  expect(waits).toEqual([200, 400, 800, 1600, 3200]);
  waits.length = 0;
  await expect(failing(new KeyApiError("conflict", "taken"))).rejects.toThrow("taken");
  await expect(failing(new Error("a bug"))).rejects.toThrow("a bug");
  await expect(failing(new KeyApiError("rate-limited", "much later", { retryAfter: 600_000 }))).rejects.toThrow(
    "later",
  );
  expect(waits).toEqual([]);
});
