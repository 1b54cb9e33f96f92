import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { CommitResult } from "../../src/api/change-set.ts";
import type { KeyApi, KeyPage } from "../../src/api/key-api.ts";
import { applyPlan, type ApplyPorts } from "../../src/apply/apply.ts";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import type { ApplyEvent, ApplyReport } from "../../src/apply/events.ts";
import { refresh } from "../../src/apply/refresh.ts";
import { specOf, type DeclaredSpec } from "../../src/core/declared-spec.ts";
import type { FileDelivery } from "../../src/core/delivery.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { Secret } from "../../src/core/secret.ts";
import { computePlan } from "../../src/plan/compute-plan.ts";
import type { LiveState } from "../../src/plan/live-state.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { EmbeddedPlatform } from "../../src/platform/embedded.ts";
import { openPlatform, tempFolders } from "../platform/open.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const newId = (): string => randomBytes(12).toString("hex");
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function key(
  name: string,
  more: Partial<Omit<ManifestKey, "spec">> & { spec?: DeclaredSpec } = {},
): ManifestKey {
  const { spec, ...rest } = more;
  return {
    name,
    renamedFrom: null,
    deliver: [],
    tests: [],
    ...rest,
    spec: specOf({ algorithms: ["algo://acme/*"], ...spec }),
  };
}

export function env(name: string, file = ".env"): FileDelivery {
  return { to: "dotenv", file, name };
}

/** A real platform over SQLite and a real folder for deliveries, both removed after the test. */
export interface World {
  readonly folder: string;
  readonly api: KeyApi;
  readonly platform: EmbeddedPlatform;
  /** Reads the live state. */
  live(): Promise<LiveState>;
  /** Plans for these keys. */
  plan(keys: readonly ManifestKey[], options?: Partial<PlanOptions>, project?: string): Promise<Plan>;
  /** Applies a plan. */
  apply(plan: Plan, ports?: Partial<ApplyPorts>): Promise<Outcome>;
  ports(more?: Partial<ApplyPorts>): ApplyPorts;
}

export interface Outcome {
  readonly events: readonly ApplyEvent[];
  readonly report: ApplyReport;
}

/** Gives fresh worlds; their platforms and plans go by this clock. */
export function worlds(clock: () => number = Date.now): () => Promise<World> {
  const tempFolder = tempFolders();
  const open: EmbeddedPlatform[] = [];
  afterEach(async () => {
    for (const platform of open.splice(0)) await platform.close();
  });
  return async () => {
    const folder = tempFolder();
    const platform = await openPlatform(join(tempFolder(), "platform.db"), { clock });
    open.push(platform);
    const { api } = platform;
    const live = () => refresh(api, "acme", { url: "file:platform.db" });
    const ports = (more: Partial<ApplyPorts> = {}): ApplyPorts => ({
      api,
      random: randomBytes,
      sha256,
      newId,
      sinks: deliverySinks({ root: folder, sha256, sleep }),
      sleep: () => Promise.resolve(),
      ...more,
    });
    return {
      folder,
      api,
      platform,
      live,
      ports,
      plan: async (keys, options = {}, project = "storefront") => {
        const source = { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` };
        const open = { adopt: false, maxDeletes: null, allowLockout: false, reveal: false, ...options };
        return computePlan({ account: "acme", project, keys, source }, await live(), open, {
          createdAt: new Date(clock()).toISOString(),
        });
      },
      apply: (plan, more) => finish(applyPlan(plan, ports(more))),
    };
  };
}

/** Reads all events and the report. */
export async function finish(run: AsyncGenerator<ApplyEvent, ApplyReport, void>): Promise<Outcome> {
  const events: ApplyEvent[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done === true) return { events, report: step.value };
    events.push(step.value);
  }
}

/** What can go wrong on the way to a platform. Each is called before or after the real call and may throw. */
export interface Faults {
  readonly before?: (call: keyof KeyApi, count: number) => void;
  readonly after?: (call: keyof KeyApi, count: number) => void;
  /** Changes a page of keys on its way. */
  readonly page?: (page: KeyPage, count: number) => KeyPage;
}

/** The same platform behind a network that fails on command; every call goes through to the real one. */
export function faulty(api: KeyApi, faults: Faults): KeyApi & { readonly calls: (keyof KeyApi)[] } {
  const calls: (keyof KeyApi)[] = [];
  const through = async <T>(call: keyof KeyApi, run: () => Promise<T>): Promise<T> => {
    calls.push(call);
    const count = calls.filter((one) => one === call).length;
    faults.before?.(call, count);
    const result = await run();
    faults.after?.(call, count);
    return result;
  };
  return {
    calls,
    platform: (options) => through("platform", () => api.platform(options)),
    whoami: (options) => through("whoami", () => api.whoami(options)),
    createAccount: (account, options) => through("createAccount", () => api.createAccount(account, options)),
    getAccount: (name, options) => through("getAccount", () => api.getAccount(name, options)),
    getKey: (account, id, options) => through("getKey", () => api.getKey(account, id, options)),
    commit: (account, set, options): Promise<CommitResult> =>
      through("commit", () => api.commit(account, set, options)),
    listChangeSets: (account, query, options) =>
      through("listChangeSets", () => api.listChangeSets(account, query, options)),
    listChanges: (account, changeSet, query, options) =>
      through("listChanges", () => api.listChanges(account, changeSet, query, options)),
    takeLease: (account, request, options) => through("takeLease", () => api.takeLease(account, request, options)),
    renewLease: (account, grip, options) => through("renewLease", () => api.renewLease(account, grip, options)),
    releaseLease: (account, grip, options) => through("releaseLease", () => api.releaseLease(account, grip, options)),
    listKeys: async (account, query, options) => {
      const page = await through("listKeys", () => api.listKeys(account, query, options));
      return faults.page?.(page, calls.filter((one) => one === "listKeys").length) ?? page;
    },
  };
}

/** True if the platform takes that token for a call. */
export async function isAccepted(world: World, token: string): Promise<boolean> {
  const request = { headers: [], target: { type: "algorithm" as const, call: "acme/x" }, now: Date.now() };
  const { decision } = await world.platform.verify({ type: "token", token: new Secret(token) }, request);
  return decision.effect === "allow";
}
