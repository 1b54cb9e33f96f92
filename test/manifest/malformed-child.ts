import { writeSync } from "node:fs";
import { argv, memoryUsage } from "node:process";
import fc from "fast-check";
import { loadManifest } from "../../src/manifest/load.ts";
import { arbitraryMalformed, SEEDS } from "./malformed-inputs.ts";

/**
 * Loads malformed declarations one after another in a process of its own, so that an abort is seen, and prints a line of
 * JSON for each. Arguments: the seed of the generated inputs and how many of them.
 */
const [, , seed = "0", count = "0"] = argv;
const encoder = new TextEncoder();
const generated = fc.sample(arbitraryMalformed, { seed: Number(seed), numRuns: Number(count) });
const inputs = [
  // The first one pays for compiling the code, which is not what is measured.
  ...SEEDS.slice(0, 3).map(([, text]) => ["warm-up", encoder.encode(text)] as const),
  ...SEEDS.map(([name, text]) => [name, encoder.encode(text)] as const),
  ...generated.map((bytes, index) => [`generated ${index}`, bytes] as const),
];
for (const [name, bytes] of inputs) {
  writeSync(1, `${JSON.stringify({ started: name })}\n`);
  const options = { cwd: "/", env: {}, vars: {}, stdin: () => Promise.resolve(bytes) };
  const before = memoryUsage();
  let result = await loadManifest(["-"], options);
  const after = memoryUsage();
  // The first time tells also what compiling the code costs, and any time what else the machine does: hence the least.
  let ms = Infinity;
  for (let turn = 0; turn < 2 || (ms > 250 && turn < 15); turn++) {
    const start = performance.now();
    result = await loadManifest(["-"], options);
    ms = Math.min(ms, performance.now() - start);
  }
  const places = result.diagnostics.filter(({ severity }) => severity === "error").map(({ range }) => range?.start);
  const polluted = Object.keys(Object.prototype).length > 0 || "polluted" in {};
  writeSync(
    1,
    `${JSON.stringify({
      name,
      ok: result.ok,
      ms,
      mib: (after.rss - before.rss) / 2 ** 20,
      placed: places.every((start) => start !== undefined && start.line >= 1 && start.column >= 1 && start.byte >= 0),
      errors: places.length,
      polluted,
    })}\n`,
  );
}
