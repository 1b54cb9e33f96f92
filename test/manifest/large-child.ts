import { writeSync } from "node:fs";
import { argv, cpuUsage, memoryUsage, resourceUsage } from "node:process";
import { loadManifest } from "../../src/manifest/load.ts";
import { LARGE_SEEDS, SEEDS } from "./malformed-inputs.ts";

/**
 * Loads one large declaration in a process of its own, so that its memory is its own, and prints a line of JSON: how much
 * processor time it took, since the machine does other things too, how much memory at most, and what was said. Arguments: the place of the seed, and `wrong` or `right`.
 */
const [, , place = "0", which = "wrong"] = argv;
const [, wrong = "", right = ""] = LARGE_SEEDS[Number(place)]?.() ?? [];
const encoder = new TextEncoder();
const loaded = async (bytes: Uint8Array) =>
  await loadManifest(["-"], { cwd: "/", env: {}, vars: {}, stdin: () => Promise.resolve(bytes) });
for (const [, text] of SEEDS.slice(-4)) await loaded(encoder.encode(text)); // compiles the code, which is not measured
const bytes = encoder.encode(which === "wrong" ? wrong : right);
const before = memoryUsage().rss;
let result = await loaded(bytes);
const mib = (resourceUsage().maxRSS * 1024 - before) / 2 ** 20;
let ms = Infinity;
for (let turn = 0; turn < 2; turn++) {
  const start = cpuUsage();
  result = await loaded(bytes);
  const { user, system } = cpuUsage(start);
  ms = Math.min(ms, (user + system) / 1000);
}
const notes = result.diagnostics.filter(({ detail }) => detail?.includes(" more problem") ?? false).length;
const { diagnostics } = result;
writeSync(1, JSON.stringify({ ms, mib, bytes: bytes.length, ok: result.ok, told: diagnostics.length, notes }));
