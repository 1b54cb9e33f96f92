import type { Sinks } from "../apply/sink.ts";
import type { ApiKey } from "../core/api-key.ts";
import type { Delivery } from "../core/delivery.ts";
import { guaranteesOf } from "../core/delivery-guarantees.ts";
import { nameKey } from "../core/key-name.ts";
import type { ManifestKey } from "../core/manifest.ts";
import { tokenFingerprint } from "../core/token.ts";
import { isWorking } from "../plan/credential-plan.ts";
import { placeFinding, type PlaceFinding } from "../report/place-finding.ts";
import type { Context } from "./context.ts";
import type { DriftReport } from "./drift-report.ts";
import { sha256 } from "./plan-input.ts";
import { runSinks } from "./run-sinks.ts";

/**
 * Looks into the places where secrets of the project's keys were delivered, and gives those that hold no working one: plans
 * are pure and cannot look. Nothing is written or made; of what is found, only fingerprints are compared. Keys that the plan
 * gives another secret anyway are left out.
 */
export async function readPlaces(report: DriftReport, context: Context): Promise<readonly PlaceFinding[]> {
  const sinks = runSinks(context);
  const now = new Date(context.now()).toISOString();
  const findings: PlaceFinding[] = [];
  for (const declared of report.manifest.keys) {
    const key = liveKeyOf(declared, report);
    if (key === undefined) continue;
    for (const delivery of declared.deliver.filter(isReadable)) {
      context.signal.throwIfAborted();
      const holds = await heldIn(delivery, key, sinks, now);
      if (holds !== "working") findings.push(placeFinding(declared.name, delivery, holds));
    }
  }
  return findings;
}

/** The live key of a declared one; undefined if it is not the project's, or is to get another secret. */
function liveKeyOf({ name }: ManifestKey, { manifest, plan, live }: DriftReport): ApiKey | undefined {
  const change = plan.changes.find((one) => one.action !== "delete" && nameKey(one.name) === nameKey(name));
  if (change?.action === "create" || (change !== undefined && "credential" in change && change.credential !== null)) {
    return undefined;
  }
  const key = live.keys.find((one) =>
    change === undefined ? nameKey(one.name) === nameKey(name) : one.id === change.id,
  );
  return key?.managedBy?.project === manifest.project ? key : undefined;
}

/** True if it is there to be read back later: what GitHub's files hold is one job's, and gone with it. */
function isReadable(delivery: Delivery): boolean {
  return delivery.to !== "github-env" && delivery.to !== "github-output" && guaranteesOf(delivery).readBack;
}

async function heldIn(
  delivery: Delivery,
  { credentials }: ApiKey,
  sinks: Sinks,
  now: string,
): Promise<PlaceFinding["holds"] | "working"> {
  const found = await sinks[delivery.to].readBack(delivery);
  if (found === undefined) return "unreadable";
  if (found === null || found === tokenFingerprint(sha256(""))) return "nothing";
  const credential = credentials.find(({ fingerprint }) => fingerprint === found);
  if (credential === undefined) return "something-else";
  return isWorking(credential, now) ? "working" : "ended-secret";
}
