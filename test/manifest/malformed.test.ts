import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bundleChild } from "../support/bundle-child.ts";
import { LARGE_SEEDS, SEEDS } from "./malformed-inputs.ts";

const COUNT = process.env["ALGOKEYS_LONG"] === "1" ? 10_000 : 500;

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly mib: number;
  readonly placed: boolean;
  readonly errors: number;
  readonly polluted: boolean;
}

test("no malformed input hangs, aborts, takes over 250 ms or 100 MB, or fails without line and column", async () => {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-malformed-"));
  try {
    const child = await bundleChild(fileURLToPath(new URL("malformed-child.ts", import.meta.url)), folder);
    const seed = Number(process.env["ALGOKEYS_SEED"] ?? Date.now() % 2 ** 31);
    console.log(`malformed inputs: seed ${seed} (ALGOKEYS_SEED)`);
    const { stdout, status, stderr } = spawnSync(process.execPath, [child, String(seed), String(COUNT)], {
      encoding: "utf8",
      timeout: 600_000,
      maxBuffer: 2 ** 28,
    });
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect({ status, stderr, last: lines.at(-1) }).toMatchObject({ status: 0, stderr: "" });
    const outcomes = lines.map((line) => JSON.parse(line) as Outcome).filter((line) => "ms" in line);
    expect(outcomes.length).toBe(COUNT + SEEDS.length + 3);
    const measured = outcomes.slice(3);
    expect(measured.filter(({ ms, mib }) => ms > 250 || mib > 100)).toEqual([]);
    expect(measured.filter(({ ok, errors, placed }) => (ok ? errors > 0 : errors === 0) || !placed)).toEqual([]);
    expect(measured.filter(({ polluted }) => polluted)).toEqual([]);
    expect(measured.filter(({ ok }) => !ok).length).toBeGreaterThan(COUNT / 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 900_000);

interface LargeOutcome {
  readonly ms: number;
  readonly mib: number;
  readonly bytes: number;
  readonly ok: boolean;
  readonly told: number;
  readonly notes: number;
}

test("a megabyte of mistakes takes no more than about thrice the time and memory of as many bytes without any", async () => {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-large-"));
  try {
    const child = await bundleChild(fileURLToPath(new URL("large-child.ts", import.meta.url)), folder);
    const run = (place: number, which: "wrong" | "right"): LargeOutcome => {
      const { stdout, stderr } = spawnSync(process.execPath, [child, String(place), which], { encoding: "utf8" });
      expect(stderr).toBe("");
      return JSON.parse(stdout) as LargeOutcome;
    };
    const excess = LARGE_SEEDS.flatMap((seed, place) => {
      const [name] = seed();
      // What else the machine does can only make it slower: both are measured anew, up to three times.
      for (let turn = 1; ; turn++) {
        const right = run(place, "right");
        const wrong = run(place, "wrong");
        expect({ name, ok: right.ok }).toEqual({ name, ok: true });
        expect({ name, counted: wrong.told <= 3_000 && wrong.notes > 0 }).toEqual({ name, counted: true });
        const share = (3 * wrong.bytes) / right.bytes;
        const limits = { ms: Math.max(250, share * right.ms), mib: Math.max(100, share * right.mib) };
        if (wrong.ms <= limits.ms && wrong.mib <= limits.mib) return [];
        if (turn === 3) return [{ name, wrong, limits }];
      }
    });
    expect(excess).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
