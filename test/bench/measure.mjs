// What the benchmarks of whole processes share: timing one command beside a baseline, in turn.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Node doing nothing: what every start costs. */
export const BARE = [process.execPath, "-e", "0"];

/** The environment of what is measured, with these variables. */
export function benchEnv(variables) {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", ...variables };
  // Loading extra certificates costs a Node process about 50 ms whatever it does, and would flatter every ratio.
  delete env.NODE_EXTRA_CA_CERTS;
  return env;
}

/** Wall time of a whole process in milliseconds; throws if it fails. */
export function run([program, ...args], { cwd, env }) {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(program, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${String(status)}: ${String(stderr)}`);
  return ms;
}

/**
 * Measures `own` and `baseline`, functions that answer with milliseconds, in turn (A B A B) after a warm-up, and prints the
 * median of the pairs' ratios; `rest` is added to the line.
 */
export async function reportRatio(name, pairs, own, baseline, rest = () => "") {
  await own();
  await baseline();
  const times = [];
  const ratios = [];
  for (let pair = 0; pair < pairs; pair++) {
    const time = await own();
    times.push(time);
    ratios.push(time / (await baseline()));
  }
  console.log(
    `${name.padEnd(46)} ${median(ratios).toFixed(3).padStart(8)}x  (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, ` +
      `${String(pairs)} ${pairs === 1 ? "pair" : "pairs"}, median ${median(times).toFixed(0)} ms${rest()})`,
  );
}

/** Peak memory of a Node program in megabytes, from a run of its own; `folder` takes a file or two. */
export function peakMemory([program, ...args], folder, at) {
  const file = join(folder, "peak");
  const hook = join(folder, "peak.cjs");
  writeFileSync(
    hook,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
  );
  run([program, "--require", hook, ...args], at);
  return Number(readFileSync(file, "utf8")) / 1000;
}

function median(numbers) {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)];
}
