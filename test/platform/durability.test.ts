import Database from "better-sqlite3";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChangeSetRecord } from "../../src/api/change-set.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";
import { allKeys } from "../contract/expectations.ts";
import { bundleChild } from "../support/bundle-child.ts";
import { openPlatform } from "./open.ts";

const KILLS = process.env["ALGOKEYS_LONG"] === "1" ? 1_000 : 50;
/** How many kills one database goes through, so that reading its history stays cheap. */
const KILLS_PER_DATABASE = 10;

const folder = mkdtempSync(join(tmpdir(), "algokeys-"));
let child = "";

beforeAll(async () => {
  child = await bundleChild(fileURLToPath(new URL("writing-child.ts", import.meta.url)), folder);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface ChildRun {
  readonly acknowledged: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
}

/** Runs a child that writes; kills it so many milliseconds after its first acknowledgement, if that is given. */
async function runChild(file: string, who: string, count: number, killAfter?: number): Promise<ChildRun> {
  const running = spawn(execPath, [child, file, who, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    if (output === "" && killAfter !== undefined) void setTimeout(killAfter).then(() => running.kill("SIGKILL"));
    output += chunk;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    running.on("close", (...outcome) => {
      resolve(outcome);
    });
  });
  // A last line without its end was cut off: its commit may have been answered or not.
  return { acknowledged: output.split("\n").slice(0, -1), code, signal };
}

async function history(api: KeyApi): Promise<ChangeSetRecord[]> {
  const records: ChangeSetRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listChangeSets("acme", { limit: MAX_PAGE, cursor });
    records.push(...page.changeSets);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return records;
}

/** Checks that the database holds every acknowledged change set, each whole, and nothing between. */
async function expectWhole(file: string, acknowledged: ReadonlySet<string>, unanswered: number): Promise<void> {
  const platform = await openPlatform(file, { create: false });
  try {
    const records = await history(platform.api);
    const ids = new Set(records.map(({ id }) => id));
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
    expect(records.length - acknowledged.size).toBeLessThanOrEqual(unanswered);
    expect(records.map(({ revision }) => revision)).toEqual(records.map((_, index) => records.length - index));
    const live = new Map<string, number>();
    for (const { id, revision, results } of records.toReversed()) {
      const [, , , creates, deletes] = id.split("-");
      const made = results.filter(({ action }) => action === "create");
      expect([made.length, results.length - made.length]).toEqual([Number(creates), Number(deletes)]);
      for (const result of results) {
        if (result.action === "create") live.set(result.id, revision);
        else live.delete(result.id);
      }
    }
    const keys = await allKeys(platform.api);
    expect(new Map(keys.map(({ id, revision }) => [id, revision]))).toEqual(live);
    expect(keys.every(({ credentials }) => credentials.length === 1)).toBe(true);
    const { revision, total } = await platform.api.listKeys("acme", { limit: 1 });
    expect([revision, total]).toEqual([records.length, live.size]);
  } finally {
    await platform.close();
  }
}

function integrity(file: string): unknown {
  const database = new Database(file);
  try {
    const foreign = database.pragma("foreign_key_check");
    return [database.pragma("integrity_check", { simple: true }), foreign];
  } finally {
    database.close();
  }
}

describe("a platform whose process dies", () => {
  test(`kill -9 at ${KILLS} random moments under load loses no acknowledged change set and leaves no half one`, async () => {
    let acknowledged = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const round = Math.floor(kill / KILLS_PER_DATABASE);
      const file = join(folder, `killed-${round}`, "platform.db");
      if (kill % KILLS_PER_DATABASE === 0) acknowledged = new Set();
      const killAfter = Math.random() * 60;
      const run = await runChild(file, "child", 1_000_000, killAfter);
      expect(run.signal, `kill ${kill} after ${killAfter} ms`).toBe("SIGKILL");
      for (const id of run.acknowledged) acknowledged.add(id);
      expect(integrity(file), `kill ${kill} after ${killAfter} ms`).toEqual(["ok", []]);
      await expectWhole(file, acknowledged, (kill % KILLS_PER_DATABASE) + 1);
    }
  }, 1_800_000);

  test("kill -9 while the platform is being made leaves one that can be opened and used", async () => {
    for (let kill = 0; kill < KILLS / 5; kill++) {
      const file = join(folder, `made-${kill}`, "platform.db");
      const running = spawn(execPath, [child, file, "child", "1"], { stdio: "ignore" });
      const closed = new Promise((resolve) => running.on("close", resolve));
      await setTimeout(30 + Math.random() * 120);
      running.kill("SIGKILL");
      await closed;
      const run = await runChild(file, "later", 1);
      expect([run.code, run.acknowledged.length]).toEqual([0, 1]);
      expect(integrity(file)).toEqual(["ok", []]);
    }
  }, 600_000);
});

describe("several processes on one platform", () => {
  test("three that write at once all succeed, even where all three make it", async () => {
    const file = join(folder, "shared", "platform.db");
    const runs = await Promise.all(["ann", "bob", "cat"].map((who) => runChild(file, who, 40)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    await expectWhole(file, new Set(runs.flatMap(({ acknowledged }) => acknowledged)), 0);
  });
});
