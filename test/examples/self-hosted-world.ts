import { createHash, randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { httpKeyApi } from "../../src/api/http-client.ts";
import { nodeTransport } from "../../src/api/node-transport.ts";
import { applyPlan } from "../../src/apply/apply.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { refresh } from "../../src/apply/refresh.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Sha256 } from "../../src/core/token.ts";
import { loadManifest } from "../../src/manifest/load.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import { serve, type Serving } from "../platform/http/serving.ts";
import { startUpstream } from "./upstream-process.ts";

const KEYS = fileURLToPath(new URL("../../examples/self-hosted/keys.yaml", import.meta.url));
const IDENTITY_SECRET = "shared by the gateway and the upstream";

/** The example as a whole: its upstream, a server in front, and the keys of its declaration, applied over HTTP. */
export interface SelfHosted {
  readonly serving: Serving;
  /** The upstream's own address, which only the gateway and proxies use. */
  readonly upstream: URL;
  /** The secrets that the apply delivered, by the names of their variables. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What the upstream wrote to its standard error. */
  readonly upstreamErrors: () => string;
  readonly end: () => Promise<void>;
}

/** Starts the example in a folder. `gateway` false is the mode behind a proxy that asks `/v2/verify`. */
export async function startSelfHosted(folder: string, { gateway }: { readonly gateway: boolean }): Promise<SelfHosted> {
  const secretFile = join(folder, "identity.secret");
  writeFileSync(secretFile, `${IDENTITY_SECRET}\n`, { mode: 0o600 });
  const upstream = await startUpstream({ dataDir: join(folder, "data"), secretFile });
  const serving = await serve({
    upstream: gateway ? { url: upstream.url } : undefined,
    identitySecret: new Secret(IDENTITY_SECRET),
  });
  const end = async (): Promise<void> => {
    await serving.end();
    await upstream.stop();
  };
  try {
    cpSync(KEYS, join(folder, "keys.yaml"));
    await applyKeys(folder, serving);
    const secrets = readSecrets(join(folder, ".env"));
    return { serving, upstream: upstream.url, secrets, upstreamErrors: upstream.errors, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Applies `keys.yaml` of a folder through the HTTP client, as `algokeys apply --platform URL` does. */
async function applyKeys(folder: string, serving: Serving): Promise<void> {
  const token = await serving.adminToken({ name: "deployer", role: "admin" });
  const transport = nodeTransport({ url: serving.url });
  const sleep = async (ms: number): Promise<void> => {
    await wait(ms);
  };
  const api = httpKeyApi({ transport: transport.send, token, random: randomBytes, sleep });
  try {
    const stdin = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
    const loaded = await loadManifest(["keys.yaml"], { cwd: folder, stdin, env: {}, vars: {} });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded));
    const live = await refresh(api, loaded.value.account, { url: serving.url });
    const options = { adopt: false, maxDeletes: null, allowLockout: false, reveal: false };
    const plan = computePlan(loaded.value, live, options, { createdAt: new Date().toISOString() });
    const sinks = deliverySinks({ root: folder, sha256, sleep });
    const newId = (): string => randomBytes(16).toString("base64url");
    const run = applyPlan(plan, { api, random: randomBytes, sha256, newId, sinks, sleep });
    let step = await run.next();
    while (step.done !== true) step = await run.next();
    if (step.value.outcome !== "applied") throw new Error(JSON.stringify(step.value));
  } finally {
    transport.close();
  }
}

function readSecrets(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
}

const sha256: Sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** A fresh folder, and how to remove it. */
export function makeFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "algokeys-"));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
