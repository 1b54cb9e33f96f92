import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWorkspace } from "./workspace.ts";
import { runCli } from "../support/run-cli.ts";

/** Written into the command's own process: what the whole run took, from its start to its end. */
const PROBE = `process.on("exit", () => require("node:fs").writeFileSync(process.env.PROBE, JSON.stringify({
  ms: performance.now(), mib: process.resourceUsage().maxRSS / 1024 })));`;

const HEAD = "version: 1\naccount: acme\nproject: shop\n";
const WORST: Readonly<Record<string, string>> = {
  "nothing but line breaks": "\n".repeat(15_000_000),
  "a mistake behind many lines": `${HEAD}keys: {}\n${"\n".repeat(1_900_000)}x: 1\n`,
  "a name of two megabytes": "a:".repeat(1_000_000),
  "twenty thousand mistakes": `${HEAD}keys:\n${Array.from({ length: 20_000 }, (_, index) => `  k${String(index)}: {x: 1}\n`).join("")}`,
};

interface Cost {
  readonly ms: number;
  readonly mib: number;
}

test("the worst inputs cost a whole run, printing included, no more than 250 ms and 100 MiB over the least", async () => {
  const at = makeWorkspace({ "least.yaml": `${HEAD}keys: {}\n`, "probe.cjs": PROBE });
  const cost = async (file: string): Promise<Cost & { readonly printed: number }> => {
    const probe = join(at.folder, "cost.json");
    const run = await runCli(["validate", file], {
      cwd: at.folder,
      env: { PROBE: probe },
      node: ["-r", join(at.folder, "probe.cjs")],
    });
    return { ...(JSON.parse(readFileSync(probe, "utf8")) as Cost), printed: run.stderr.length };
  };
  for (const [name, text] of Object.entries(WORST)) {
    writeFileSync(join(at.folder, "worst.yaml"), text);
    // What else the machine does can only make a run slower, so the best of a few is what it costs; a slower machine is slower at both.
    const least = [await cost("least.yaml"), await cost("least.yaml"), await cost("least.yaml")];
    const worst = [await cost("worst.yaml"), await cost("worst.yaml"), await cost("worst.yaml")];
    const best = (costs: readonly Cost[], part: keyof Cost): number => Math.min(...costs.map((one) => one[part]));
    const over = { ms: best(worst, "ms") - best(least, "ms"), mib: best(worst, "mib") - best(least, "mib") };
    const limit = { ms: Math.max(250, 4 * best(least, "ms")), mib: 100 };
    expect({ name, over, within: over.ms <= limit.ms && over.mib <= limit.mib }).toMatchObject({ name, within: true });
    expect(worst[0]?.printed).toBeLessThan(400_000);
  }
});
