import { createHash, randomBytes } from "node:crypto";
import { argv, kill, pid } from "node:process";
import type { KeyApi } from "../../src/api/key-api.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { refresh } from "../../src/apply/refresh.ts";
import type { Sink } from "../../src/apply/sink.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import { openEmbeddedPlatform } from "../../src/platform/embedded.ts";

/**
 * Plans and applies, and kills itself (SIGKILL, so nothing is tidied up) at the given step boundary, counted from 0.
 * Arguments: database, folder, boundary, declared keys as JSON. Ends by itself if there are fewer boundaries.
 */
const [, , file = "", root = "", boundary = "", declared = "[]"] = argv;
let passed = 0;
const step = (): void => {
  if (passed++ === Number(boundary)) kill(pid, "SIGKILL");
};
const around = async <T>(run: () => Promise<T>): Promise<T> => {
  step();
  const result = await run();
  step();
  return result;
};

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const platform = await openEmbeddedPlatform({ file, actor: "child", clock: Date.now, random: randomBytes });
const { api } = platform;
const watched: KeyApi = {
  ...api,
  createAccount: (account, options) => around(() => api.createAccount(account, options)),
  commit: (account, changeSet, options) => around(() => api.commit(account, changeSet, options)),
};
const sleep = (): Promise<void> => Promise.resolve();
const sinks = deliverySinks({ root, sha256, sleep });
const watchedSink = (sink: Sink): Sink => ({
  ...sink,
  deliver: (secrets) => around(() => sink.deliver(secrets)),
});

const keys = JSON.parse(declared) as ManifestKey[];
const source = { files: [], digest: "" };
const live = await refresh(api, "acme", { url: "file:platform.db" });
const options = { adopt: false, maxDeletes: { percent: 100 }, allowLockout: false, reveal: false };
const made = { createdAt: new Date().toISOString() };
const plan = computePlan({ account: "acme", project: "storefront", keys, source }, live, options, made);
const run = applyPlan(plan, {
  api: watched,
  random: randomBytes,
  sha256,
  newId: () => randomBytes(12).toString("hex"),
  sinks: { ...sinks, dotenv: watchedSink(sinks.dotenv), json: watchedSink(sinks.json) },
  sleep,
});
while ((await run.next()).done !== true); // what happens is judged from outside
await platform.close();
